"""Telling the catalog anew what was sold."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from django.db import transaction

from catalog import services as catalog_services
from orders.models import Order, OrderLine

BATCH = 1000  # orders


@transaction.atomic
def recount_sales() -> int:
    """Count what paid orders sold, anew; return how many orders that is.

    A sale that is counted meanwhile may count twice. Locks every product that was sold.
    """
    catalog_services.forget_sales()
    paid = Order.objects.filter(paid_at__isnull=False).order_by("pk")
    count, batch = 0, list(paid.values_list("pk", flat=True)[:BATCH])
    while batch:
        units: defaultdict[UUID, dict[UUID, int]] = defaultdict(dict)
        lines = OrderLine.objects.filter(order_id__in=batch, quantity__gt=0)
        for order_id, product_id, quantity in lines.order_by("order_id", "product_id").values_list(
            "order_id", "product_id", "quantity"
        ):
            units[order_id][product_id] = units[order_id].get(product_id, 0) + quantity
        catalog_services.note_sales(sales=list(units.values()))
        count += len(batch)
        batch = list(paid.filter(pk__gt=batch[-1]).values_list("pk", flat=True)[:BATCH])
    return count
