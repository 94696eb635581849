from django.db import migrations

import core.fields


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_invoices")]

    operations = [
        migrations.AddField(
            model_name="returnline",
            name=name,
            field=core.fields.MoneyField(decimal_places=4, max_digits=18, null=True),
        )
        for name in ("refund_amount", "refund_tax")
    ]
