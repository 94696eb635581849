from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_paid_on_delivery")]

    operations = [
        migrations.RemoveConstraint(model_name="orderline", name="order_line_quantity_is_positive"),
        migrations.AddField(
            model_name="order",
            name="holds_stock",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="order",
            name="is_draft",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=Q(holds_stock=True)
                | Q(is_draft=True, status__in=["pending", "cancelled"]),
                name="order_holds_stock_unless_a_draft",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=Q(quantity__gt=0) | Q(line_total=0), name="order_line_costs_by_quantity"
            ),
        ),
    ]
