import django.db.models.deletion
from django.db import migrations, models

import core.fields
import core.models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0005_append_only_transactions"),
    ]

    operations = [
        migrations.CreateModel(
            name="DayReport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.models.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("provider", models.CharField(max_length=40)),
                ("day", models.DateField()),
                ("compared_at", models.DateTimeField()),
                ("agreeing", models.PositiveIntegerField(default=0)),
                ("differing", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("day", "provider"), name="one_report_per_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="DayReportRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "finding",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "There, not here"),
                            (2, "Here, not there"),
                            (3, "Done there, not here"),
                            (4, "Amount differs"),
                            (5, "Fee differs"),
                            (9, "Agrees"),
                        ]
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("reference", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                ("our_amount", core.fields.MoneyField(decimal_places=4, max_digits=18, null=True)),
                ("our_currency", core.fields.CurrencyField(blank=True, default="", max_length=3)),
                (
                    "their_amount",
                    core.fields.MoneyField(decimal_places=4, max_digits=18, null=True),
                ),
                ("their_currency", core.fields.CurrencyField(blank=True, default="", max_length=3)),
                ("fee", core.fields.MoneyField(decimal_places=4, max_digits=18, null=True)),
                ("fee_currency", core.fields.CurrencyField(blank=True, default="", max_length=3)),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="payments.dayreport",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.paymenttransaction",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["report", "finding", "at", "id"], name="report_row_by_finding"
                    )
                ],
            },
        ),
    ]
