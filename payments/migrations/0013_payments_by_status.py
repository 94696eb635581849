from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("payments", "0012_cancelled_units")]

    operations = [
        AddIndexConcurrently(
            model_name="payment",
            index=models.Index(fields=["status", "order"], name="payment_by_status"),
        ),
    ]
