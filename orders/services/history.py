"""An order's history: changes of status, checked by the transition table, and notes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import rows
from orders import selectors, transitions
from orders.models import Order, OrderEvent, OrderStatus
from orders.transitions import Actor


def change_status(
    *, order: Order, target: OrderStatus, actor: Actor, at: datetime, by: User | None, note: str
) -> OrderEvent:
    """Make a locked order become ``target`` and add that to its history; return what is added."""
    transitions.check(order, target, actor)
    changes: dict[str, Any] = {"status": target, "payment_due_at": None, "updated_at": at}
    if target == OrderStatus.PAID:
        changes["paid_at"] = at
    elif target == OrderStatus.CANCELLED:
        changes["cancelled_at"] = at
    event = OrderEvent(
        order=order, from_status=order.status, to_status=target, at=at, by=by, note=note
    )
    rows.insert(event)
    for name, value in changes.items():
        setattr(order, name, value)
    rows.update(order, *changes)
    return event


@transaction.atomic
def write_note(*, order_id: UUID, by: User | None, note: str) -> Order:
    """Add what staff have to say to an order's history, which the customer sees.

    Locks the order.
    """
    order = selectors.lock_order(order_id)
    add_note(order=order, at=timezone.now(), by=by, note=note)
    return order


def add_note(*, order: Order, at: datetime, by: User | None, note: str) -> OrderEvent:
    """Add to the history of a locked order what did not change its status."""
    return OrderEvent.objects.create(
        order=order, from_status=order.status, to_status=order.status, at=at, by=by, note=note
    )
