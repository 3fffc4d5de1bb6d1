from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.AddField("Order", "paid", models.BooleanField(default=False)),
        migrations.AlterField("Order", "customer", models.CharField(max_length=60, db_index=True)),
    ]
