"""Sending an order, in one parcel or several, and its arrival."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import events
from core.errors import DomainError, InvalidInput
from inventory import services as inventory_services
from inventory.models import MovementReason
from inventory.services import NotReserved
from orders import selectors, transitions
from orders.events import OrderDelivered, OrderShipped
from orders.models import Order, OrderStatus, Shipment, ShipmentLine
from orders.services.history import change_status
from orders.transitions import Actor, InvalidTransition
from orders.waiting import WaitingUnits, waiting_units


class UnknownLine(InvalidInput):
    """The order has no such line that is to be shipped."""

    code = "unknown_line"
    title = "The order has no such line to ship."
    at = "#/items"


class MoreThanLeft(DomainError):
    """More units than are still to be shipped."""

    code = "more_than_left"
    title = "More units than are still to be shipped."
    example: ClassVar = {"item": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a61"}


@dataclass(frozen=True)
class Parcel:
    """Who carries it, and what is in it: units by line, or None for all that is left."""

    carrier: str = ""
    tracking_number: str = ""
    units: Mapping[UUID, int] | None = None


SHIP_ORDER_ERRORS: Final = (InvalidTransition, UnknownLine, MoreThanLeft, NotReserved)


@transaction.atomic
def ship_order(*, order_id: UUID, by: User | None, parcel: Parcel, note: str = "") -> Order:
    """Send a parcel; once nothing is left to send the order is shipped. Announces OrderShipped.

    The units leave the stock; those of a refund that is under way stay until it has failed. Locks
    the order, then the stock.
    """
    order = selectors.lock_order(order_id)
    transitions.check(order, OrderStatus.SHIPPED, Actor.STAFF)
    waiting = waiting_units(order)
    left = waiting.to_ship
    units = {line_id: quantity for line_id, quantity in left.items() if quantity}
    if parcel.units is not None:
        units = dict(parcel.units)
    for line_id, quantity in units.items():
        if line_id not in left:
            raise UnknownLine(pointer="#/items")
        if quantity > left[line_id]:
            raise MoreThanLeft(f"Only {left[line_id]} left to ship.", item=line_id)
    if not units and not _is_digital(order, waiting):
        raise MoreThanLeft("Nothing is left to ship.")
    now = timezone.now()
    shipment = Shipment.objects.create(
        order=order,
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        shipped_at=now,
    )
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, order_line_id=line_id, quantity=quantity)
        for line_id, quantity in units.items()
    )
    if all(units.get(line_id, 0) == quantity for line_id, quantity in waiting.waiting.items()):
        change_status(
            order=order, target=OrderStatus.SHIPPED, actor=Actor.STAFF, at=now, by=by, note=note
        )
    events.emit(OrderShipped(order_id=order.pk, shipment_id=shipment.pk))
    if units:
        inventory_services.fulfil(
            order_id=order.pk, quantities=units, reason=MovementReason.SHIPPED, actor=by
        )
    return order


def _is_digital(order: Order, waiting: WaitingUnits) -> bool:
    """Tell whether all that is left of an order is digital: that is sent without a parcel."""
    return waiting.is_done and order.lines.filter(is_digital=True).exists()


DELIVER_ORDER_ERRORS: Final = (InvalidTransition,)


@transaction.atomic
def deliver_order(*, order_id: UUID, by: User | None, note: str = "") -> Order:
    """Note that everything has arrived; announces OrderDelivered. Locks the order."""
    order = selectors.lock_order(order_id)
    now = timezone.now()
    change_status(
        order=order, target=OrderStatus.DELIVERED, actor=Actor.STAFF, at=now, by=by, note=note
    )
    Shipment.objects.filter(order=order, delivered_at=None).update(delivered_at=now, updated_at=now)
    events.emit(OrderDelivered(order_id=order.pk))
    return order
