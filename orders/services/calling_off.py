"""Units of an order that will not be sent: refunded before they left, or called off by staff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from core import events
from core.errors import DomainError
from inventory import services as inventory_services
from orders import selectors, transitions
from orders.events import OrderRestCancelled
from orders.models import Order, OrderLine, OrderStatus
from orders.services.history import add_note, change_status
from orders.transitions import Actor, InvalidTransition
from orders.waiting import waiting_units

ALL_SENT: Final = "Everything that was not called off has been sent."
REFUNDED: Final = "Refunded before it left, and not sent: {}."
REST_CANCELLED: Final = "The rest is not sent: {}."
_OPEN: Final = (OrderStatus.PENDING, OrderStatus.PAID)


class NothingLeft(DomainError):
    """Everything has left, was called off, or is being refunded."""

    code = "nothing_left"
    title = "Nothing of this order is left to be cancelled."


CANCEL_REST_ERRORS: Final = (InvalidTransition, NothingLeft)


@transaction.atomic
def cancel_rest(*, order_id: UUID, by: User | None, note: str = "", restock: bool = True) -> Order:
    """Call off what has not left of a partly shipped order; announces OrderRestCancelled.

    What it costs is refunded by those who handle that event. Its units are free again or,
    without ``restock``, leave the stock as damaged. The order is shipped with that, unless a
    refund of other units is under way. Locks the order, then the stock.
    """
    order = selectors.lock_order(order_id)
    transitions.check_rest(order)
    units = {line: left for line, left in waiting_units(order).to_ship.items() if left}
    if not units:
        raise NothingLeft
    text = " ".join(filter(None, (_named(REST_CANCELLED, units), note)))
    _call_off(order, units, by, text)
    events.emit(OrderRestCancelled(order.pk, tuple(units), tuple(units.values())))
    close_sent_order(order=order, by=by)
    inventory_services.withdraw(order_id=order.pk, quantities=units, restock=restock, actor=by)
    return order


def call_off_refunded(
    *, order: Order, refunded: Mapping[UUID, int], restock: bool, by: User | None
) -> None:
    """Let units that were refunded wait no more; of each line those go first that have not left.

    Call it with the order locked, once the refund has succeeded, before ``close_sent_order``.
    Their stock is free again or, without ``restock``, leaves as damaged. Locks the stock.
    """
    waiting = waiting_units(order).waiting
    units = {line: min(number, waiting.get(line, 0)) for line, number in refunded.items()}
    units = {line: number for line, number in units.items() if number}
    if not units:
        return
    _call_off(order, units, by, _named(REFUNDED, units))
    inventory_services.withdraw(order_id=order.pk, quantities=units, restock=restock, actor=by)


def close_sent_order(*, order: Order, by: User | None) -> None:
    """Let a locked order be shipped of which a parcel has left and nothing waits any more."""
    if order.status in _OPEN and order.has_shipments and waiting_units(order).is_done:
        change_status(
            order=order,
            target=OrderStatus.SHIPPED,
            actor=Actor.STAFF,
            at=timezone.now(),
            by=by,
            note=ALL_SENT,
        )


def _call_off(order: Order, units: Mapping[UUID, int], by: User | None, note: str) -> None:
    for line_id, number in units.items():
        OrderLine.objects.filter(pk=line_id).update(
            cancelled_quantity=F("cancelled_quantity") + number
        )
    add_note(order=order, at=timezone.now(), by=by, note=note)


def _named(text: str, units: Mapping[UUID, int]) -> str:
    skus = dict(OrderLine.objects.filter(pk__in=units).values_list("pk", "sku"))
    return text.format(", ".join(f"{number} × {skus[line]}" for line, number in units.items()))
