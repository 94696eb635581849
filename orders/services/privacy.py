"""What is left of orders when the person behind them leaves."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from orders.models import Order, OrderStatus, Return
from orders.services.addresses import FIELDS

# Nothing will be sent any more for orders that stand here.
CLOSED: Final = (OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.REFUNDED)
# What remains of an address: figures by country and region do not change.
KEPT: Final = ("country", "region")


@transaction.atomic
def anonymise_orders(*, user_id: UUID) -> None:
    """Remove from someone's orders what names them; figures, lines and history stay.

    What is still to be delivered keeps its addresses until it is closed.
    """
    orders = Order.objects.filter(customer=user_id)
    orders.update(email="", customer_note="")
    Return.objects.filter(order__in=orders).update(reason="")
    _anonymise_addresses(orders)


def anonymise_closed_orders() -> None:
    """Do the same for orders that were closed after their customer had left."""
    _anonymise_addresses(Order.objects.exclude(customer__anonymised_at=None).exclude(customer=None))


def _anonymise_addresses(orders: QuerySet[Order]) -> None:
    named = ~Q(shipping_address__full_name="") | ~Q(billing_address__full_name="")
    for order in orders.filter(named, status__in=CLOSED).order_by("pk").iterator():
        order.shipping_address = _nameless(order.shipping_address)
        order.billing_address = _nameless(order.billing_address)
        order.save(update_fields=["shipping_address", "billing_address", "updated_at"])


def _nameless(address: dict[str, Any] | None) -> dict[str, Any] | None:
    if address is None:
        return None
    return {name: address.get(name, "") if name in KEPT else "" for name in FIELDS}
