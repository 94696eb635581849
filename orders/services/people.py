"""Orders when the person behind them proves an address, or leaves."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from orders.models import Order, OrderStatus, Return
from orders.services.addresses import FIELDS

# Nothing will be sent any more for orders that stand here.
CLOSED: Final = (OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.REFUNDED)
# What remains of an address: figures by country and region do not change.
KEPT: Final = ("country", "region")


def claim_guest_orders(*, user_id: UUID) -> int:
    """Give a customer the orders placed as a guest with the address that they have proved.

    Returns how many; nothing is given to an account whose address is not verified.
    """
    user = User.objects.filter(pk=user_id, is_active=True, is_email_verified=True).first()
    if user is None:
        return 0
    return Order.objects.filter(customer=None, email=user.email).update(customer=user)


@transaction.atomic
def forget_person(*, user_id: UUID) -> None:
    """Remove from someone's orders what names them; figures, lines and history stay.

    What is still to be delivered keeps its addresses until it is closed.
    """
    orders = Order.objects.filter(customer=user_id)
    orders.update(email="", customer_note="")
    Return.objects.filter(order__in=orders).update(reason="")
    _forget_addresses(orders)


def forget_those_who_left() -> None:
    """Do the same for orders that were closed after their customer had left."""
    _forget_addresses(Order.objects.exclude(customer__anonymised_at=None).exclude(customer=None))


def _forget_addresses(orders: QuerySet[Order]) -> None:
    named = ~Q(shipping_address__full_name="") | ~Q(billing_address__full_name="")
    for order in orders.filter(named, status__in=CLOSED).order_by("pk").iterator():
        order.shipping_address = _nameless(order.shipping_address)
        order.billing_address = _nameless(order.billing_address)
        order.save(update_fields=["shipping_address", "billing_address", "updated_at"])


def _nameless(address: dict[str, Any] | None) -> dict[str, Any] | None:
    if address is None:
        return None
    return {name: address.get(name, "") if name in KEPT else "" for name in FIELDS}
