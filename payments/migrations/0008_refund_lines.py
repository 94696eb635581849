import django.db.models.deletion
from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0005_returns_by_line"),
        ("payments", "0007_transactions_by_time"),
    ]

    operations = [
        migrations.CreateModel(
            name="RefundLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("amount", core.fields.MoneyField(decimal_places=4, max_digits=18)),
                ("tax_amount", core.fields.MoneyField(decimal_places=4, max_digits=18)),
                (
                    "order_line",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refund_lines",
                        to="orders.orderline",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refund_lines",
                        to="payments.paymenttransaction",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("transaction", "order_line"),
                        name="one_row_per_refunded_line",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__gte", models.F("tax_amount")),
                            ("quantity__gt", 0),
                            ("tax_amount__gte", 0),
                        ),
                        name="refund_line_amounts_suit",
                    ),
                ],
            },
        ),
    ]
