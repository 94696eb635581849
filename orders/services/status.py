"""Setting an order's status by its name; each is reached by the service that does its work."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.models import User
from orders import selectors, transitions
from orders.models import Order, OrderStatus
from orders.services.cancelling import CANCEL_ORDER_ERRORS, cancel_order
from orders.services.shipping import (
    DELIVER_ORDER_ERRORS,
    SHIP_ORDER_ERRORS,
    Parcel,
    deliver_order,
    ship_order,
)
from orders.transitions import Actor

SET_STATUS_ERRORS: Final = tuple(
    dict.fromkeys((*CANCEL_ORDER_ERRORS, *SHIP_ORDER_ERRORS, *DELIVER_ORDER_ERRORS))
)


@transaction.atomic
def set_status(*, order_id: UUID, target: OrderStatus, by: User | None, note: str = "") -> Order:
    """Make an order become ``target``: cancel it, ship all that is left, or deliver it.

    What only money decides (paid, refunded) cannot be set. Locks the order.
    """
    order = selectors.lock_order(order_id)
    transitions.check(order, target, Actor.STAFF)
    if target == OrderStatus.CANCELLED:
        return cancel_order(order_id=order_id, by=by, note=note, actor=Actor.STAFF)
    if target == OrderStatus.SHIPPED:
        return ship_order(order_id=order_id, by=by, parcel=Parcel(), note=note)
    return deliver_order(order_id=order_id, by=by, note=note)
