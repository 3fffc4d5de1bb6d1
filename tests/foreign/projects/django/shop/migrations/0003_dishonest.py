from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_honest")]
    operations = [migrations.RemoveField("Order", "note")]  # backwards it comes without its values
