"""Staff say what an order is now; each status is reached by the service that does its work."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from accounts.models import User
from orders import selectors, transitions
from orders.models import Order, OrderStatus
from orders.services.cancelling import cancel_order
from orders.services.shipping import Parcel, deliver_order, ship_order
from orders.transitions import Actor


@transaction.atomic
def set_status(*, order_id: UUID, target: OrderStatus, by: User | None, note: str = "") -> Order:
    """Make an order become ``target``: cancel it, ship all that is left, or deliver it.

    What only money decides (paid, refunded) cannot be stated. Locks the order. Raises
    InvalidTransition.
    """
    order = selectors.lock_order(order_id)
    transitions.check(order, target, Actor.STAFF)
    if target == OrderStatus.CANCELLED:
        return cancel_order(order_id=order_id, by=by, note=note, actor=Actor.STAFF)
    if target == OrderStatus.SHIPPED:
        return ship_order(order_id=order_id, by=by, parcel=Parcel(), note=note)
    return deliver_order(order_id=order_id, by=by, note=note)
