"""Calling an order off: by its owner, by staff, or because nobody paid."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from core import events
from inventory import services as inventory_services
from inventory.models import MovementReason
from inventory.selectors import NoLocation
from inventory.services import Adjustment
from orders import selectors
from orders.events import OrderCancelled
from orders.models import Order, OrderStatus, ShipmentLine
from orders.services.history import change_status
from orders.transitions import Actor, InvalidTransition
from pricing import services as pricing_services

UNPAID_NOTE = "Not paid in time."


CANCEL_ORDER_ERRORS: Final = (InvalidTransition, NoLocation)


@transaction.atomic
def cancel_order(
    *, order_id: UUID, by: User | None, note: str = "", actor: Actor = Actor.OWNER
) -> Order:
    """Cancel an order that has not been shipped and free its stock; announces OrderCancelled.

    What was paid is refunded by those who handle that event; its coupons can be used again.
    Staff also cancel one to be paid on delivery that was refused at the door: what had left
    comes back to the default location. Locks the order, then its coupons, then the stock.
    """
    order = selectors.lock_order(order_id)
    _cancel(order, actor, by, note, timezone.now())
    return order


@transaction.atomic
def cancel_unpaid_order(*, order_id: UUID, now: datetime) -> bool:
    """Cancel an order whose time to pay is up; tell whether that was still so.

    Leaves alone one that someone is working on: the next run sees it again. Locks the order,
    then looks at its payment, then locks its coupons and the stock.
    """
    unlocked = Order.objects.filter(pk=order_id).select_for_update(skip_locked=True)
    order = unlocked.first()
    if order is None or not selectors.unpaid_orders_due(now=now).filter(pk=order_id).exists():
        return False
    _cancel(order, Actor.STAFF, None, UNPAID_NOTE, now)
    return True


def _cancel(order: Order, actor: Actor, by: User | None, note: str, at: datetime) -> None:
    change_status(order=order, target=OrderStatus.CANCELLED, actor=actor, at=at, by=by, note=note)
    events.emit(OrderCancelled(order_id=order.pk))
    if order.coupons:
        pricing_services.release(order_id=order.pk)
    _take_back(order, by)
    inventory_services.release(order_id=order.pk)


def _take_back(order: Order, by: User | None) -> None:
    """Put on stock what had left of an order that nobody paid."""
    parcels = ShipmentLine.objects.filter(shipment__order=order).values_list(
        "order_line__variant_id"
    )
    units = dict(parcels.annotate(units=Sum("quantity")).order_by())
    if units:
        location = inventory_services.default_location()
        inventory_services.adjust(
            rows=[
                Adjustment(
                    variant_id=variant_id,
                    location_id=location.pk,
                    reason=MovementReason.RETURNED,
                    delta=number,
                    reference=str(order.pk),
                )
                for variant_id, number in sorted(units.items())
            ],
            actor=by,
        )
