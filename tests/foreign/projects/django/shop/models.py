from django.db import models


class Order(models.Model):
    customer = models.CharField(max_length=60, db_index=True)
    paid = models.BooleanField(default=False)
