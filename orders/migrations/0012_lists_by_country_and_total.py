from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0011_countries_of_orders")]

    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(fields=["country", "-placed_at", "-id"], name="order_by_country"),
        ),
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(fields=["total", "id"], name="order_by_total"),
        ),
    ]
