"""Conditions for lists of orders that are derived: as ``orders.statuses`` derives them."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from operator import or_
from typing import Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.lookups import GreaterThanOrEqual

from orders.models import OrderLine, OrderStatus, ShipmentLine
from orders.statuses import FulfillmentStatus, PaymentStatus

_FREE: Final = Q(total=0, paid_at__isnull=False)
_ENDED: Final = Q(status__in=[OrderStatus.CANCELLED, OrderStatus.REFUNDED])
# By the status of the payment, which belongs to a floor above: only its relation is followed here.
_BY_PAYMENT: Final = {
    PaymentStatus.UNPAID: Q(payment__isnull=True) | Q(payment__status__in=["failed", "cancelled"]),
    PaymentStatus.PENDING: Q(payment__status__in=["pending", "requires_action"]),
    PaymentStatus.AUTHORIZED: Q(payment__status="authorized"),
    PaymentStatus.PARTIALLY_CAPTURED: Q(payment__status="partially_captured"),
    PaymentStatus.PAID: Q(payment__status="succeeded"),
    PaymentStatus.PARTIALLY_REFUNDED: Q(payment__status="partially_refunded"),
    PaymentStatus.REFUNDED: Q(payment__status="refunded"),
}


def paid_so_far(values: Collection[str]) -> Q:
    """Return what keeps the orders that have one of these payment statuses."""
    wanted = [PaymentStatus(value) for value in values]
    kept = reduce(or_, (_BY_PAYMENT[status] for status in wanted)) & ~_FREE
    if PaymentStatus.PAID in wanted:
        kept |= _FREE & ~_ENDED
    if PaymentStatus.REFUNDED in wanted:
        kept |= _FREE & _ENDED
    return kept


def sent_so_far(values: Collection[str]) -> Q:
    """Return what keeps the orders that have one of these fulfilment statuses."""
    parcels = ShipmentLine.objects.filter(shipment__order=OuterRef("pk"))
    lines = OrderLine.objects.filter(order=OuterRef("pk"), is_digital=False).values("order")
    shipped = parcels.values("shipment__order").annotate(units=Sum("quantity")).values("units")
    kept = lines.annotate(units=Sum(F("quantity") - F("cancelled_quantity"))).values("units")
    is_on_its_way = ~Q(status__in=[OrderStatus.SHIPPED, OrderStatus.DELIVERED]) & Exists(parcels)
    is_all = GreaterThanOrEqual(Subquery(shipped), Subquery(kept))
    conditions: dict[FulfillmentStatus, Q] = {
        FulfillmentStatus.DELIVERED: Q(status=OrderStatus.DELIVERED),
        FulfillmentStatus.SHIPPED: Q(status=OrderStatus.SHIPPED) | (is_on_its_way & is_all),
        FulfillmentStatus.PARTIALLY_SHIPPED: is_on_its_way & ~is_all,
        FulfillmentStatus.UNFULFILLED: ~Q(status__in=[OrderStatus.SHIPPED, OrderStatus.DELIVERED])
        & Q(~Exists(parcels)),
    }
    return reduce(or_, [conditions[FulfillmentStatus(value)] for value in values])


def with_product(product_id: UUID) -> Q:
    """Return what keeps the orders that have a product in them."""
    lines = OrderLine.objects.filter(product=product_id, quantity__gt=0)
    return Q(pk__in=lines.values("order"))
