from django.conf import settings
from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0003_webhooks_not_applied"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="paymenttransaction",
            name="fee",
            field=core.fields.MoneyField(blank=True, decimal_places=4, max_digits=18, null=True),
        ),
        migrations.AddField(
            model_name="paymenttransaction",
            name="fee_currency",
            field=core.fields.CurrencyField(blank=True, db_default="", default="", max_length=3),
        ),
        migrations.AddConstraint(
            model_name="paymenttransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("fee", None), ("fee_currency", "")),
                    models.Q(("fee__isnull", False), models.Q(("fee_currency", ""), _negated=True)),
                    _connector="OR",
                ),
                name="transaction_fee_has_a_currency",
            ),
        ),
    ]
