from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("payments", "0006_day_reports")]

    operations = [
        AddIndexConcurrently(
            model_name="paymenttransaction",
            index=models.Index(fields=["provider", "finished_at"], name="transaction_by_end"),
        ),
        AddIndexConcurrently(
            model_name="paymenttransaction",
            index=models.Index(
                condition=models.Q(charge_reference=""), fields=["at"], name="attempt_by_time"
            ),
        ),
        AddIndexConcurrently(
            model_name="simulatedoperation",
            index=models.Index(fields=["at"], name="simulated_by_time"),
        ),
    ]
