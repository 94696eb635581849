"""What the money does to an order; payments call this in the transaction that applies a result."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import events
from inventory import services as inventory_services
from orders import selectors
from orders.events import OrderPaid, OrderRefunded, TransferAwaited
from orders.models import Order, OrderEvent, OrderStatus
from orders.services.history import add_note, change_status
from orders.transitions import Actor, InvalidTransition

NOTHING_TO_PAY: Final = "There is nothing to pay."
PAID_ON_DELIVERY: Final = "The money has arrived."

MARK_PAID_ERRORS: Final = (InvalidTransition,)


@transaction.atomic
def mark_paid(*, order_id: UUID, at: datetime, by: User | None = None) -> Order:
    """Note that the whole amount was captured; announces OrderPaid.

    Does nothing for an order that is paid already; refuses one that was cancelled, whose money
    must go back. Locks the order.
    """
    order = selectors.lock_order(order_id)
    mark_locked_paid(order=order, at=at, by=by)
    return order


def mark_locked_paid(
    *, order: Order, at: datetime, by: User | None = None, note: str = ""
) -> OrderEvent | None:
    """Do what ``mark_paid`` does, to an order whose lock the running transaction holds.

    Returns what it adds to the history. An order that costs nothing becomes paid by this in the
    transaction that places it or changes it down to 0.00: there is no payment and no provider.
    """
    if order.paid_at and order.status != OrderStatus.CANCELLED:
        return None
    if order.status in {OrderStatus.SHIPPED, OrderStatus.DELIVERED}:
        return _mark_paid_on_delivery(order, at, by)
    event = change_status(
        order=order, target=OrderStatus.PAID, actor=Actor.MONEY, at=at, by=by, note=note
    )
    events.emit(OrderPaid(order_id=order.pk))
    return event


def _mark_paid_on_delivery(order: Order, at: datetime, by: User | None) -> OrderEvent:
    """Note that the money has come for what had left before it; the status stays."""
    order.paid_at = at
    order.save(update_fields=["paid_at", "updated_at"])
    events.emit(OrderPaid(order_id=order.pk))
    return add_note(order=order, at=at, by=by, note=PAID_ON_DELIVERY)


def allow_payment_on_delivery(*, order: Order, is_allowed: bool) -> None:
    """Let a locked order be sent before it is paid, or let that end."""
    order.is_paid_on_delivery = is_allowed
    order.save(update_fields=["is_paid_on_delivery", "updated_at"])


def announce_transfer(*, order: Order, amount: Decimal) -> None:
    """Announce that the customer is going to transfer ``amount``, in the order's currency."""
    events.emit(TransferAwaited(order_id=order.pk, amount=amount))


MARK_REFUNDED_ERRORS: Final = (InvalidTransition,)


@transaction.atomic
def mark_refunded(*, order_id: UUID, by: User | None = None, note: str = "") -> Order:
    """Note that the whole amount went back; announces OrderRefunded.

    A cancelled order stays cancelled, and one that is refunded already stays as it is. Locks
    the order, and releases what is still reserved.
    """
    order = selectors.lock_order(order_id)
    if order.status in {OrderStatus.CANCELLED, OrderStatus.REFUNDED}:
        return order
    change_status(
        order=order,
        target=OrderStatus.REFUNDED,
        actor=Actor.MONEY,
        at=timezone.now(),
        by=by,
        note=note,
    )
    events.emit(OrderRefunded(order_id=order.pk))
    inventory_services.release(order_id=order.pk)
    return order
