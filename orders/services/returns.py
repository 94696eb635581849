"""Goods that come back: asked for, approved or rejected, received, put on stock, refunded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import events
from core.errors import DomainError, NotFound
from inventory import services as inventory_services
from inventory.models import MovementReason
from inventory.selectors import NoLocation
from inventory.services import Adjustment
from orders import refunds, selectors, transitions
from orders.events import ReturnApproved, ReturnReceived, ReturnRejected
from orders.models import Order, OrderLine, Return, ReturnLine, ReturnStatus
from orders.services.editing import UnknownOrderLine
from orders.services.history import add_note
from orders.transitions import InvalidTransition

_NOT_REJECTED: Final = (ReturnStatus.REQUESTED, ReturnStatus.APPROVED, ReturnStatus.RECEIVED)
_WRITTEN: Final = (
    "status",
    "note",
    "is_restocked",
    "refund_amount",
    "approved_at",
    "received_at",
    "rejected_at",
    "updated_at",
)


class MoreThanDelivered(DomainError):
    """More units than were delivered and are not in another return."""

    code = "more_than_delivered"
    title = "More units than can be returned."
    example: ClassVar = {"item": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a61", "returnable": 1}


@dataclass(frozen=True)
class RequestReturn:
    """Units by line that a customer wants to send back, and why."""

    order_id: UUID
    quantities: Mapping[UUID, int]
    reason: str = ""
    by: User | None = None


@dataclass(frozen=True)
class ReturnStep:
    """Which return staff act on, who does, and what the customer is to read about it."""

    order_id: UUID
    return_id: UUID
    by: User | None = None
    note: str = ""


REQUEST_RETURN_ERRORS: Final = (InvalidTransition, UnknownOrderLine, MoreThanDelivered)


@transaction.atomic
def request_return(*, command: RequestReturn) -> Return:
    """Ask to send delivered goods back.

    Locks the order, so that no unit is in two returns unless one was rejected. What is digital
    cannot be returned.
    """
    order = selectors.lock_order(command.order_id)
    transitions.check_returnable(order)
    delivered = {
        line.pk: line.quantity - line.cancelled_quantity
        for line in OrderLine.objects.filter(order=order, is_digital=False, quantity__gt=0)
    }
    already = selectors.units_returned(order, _NOT_REJECTED)
    for line_id, quantity in command.quantities.items():
        if line_id not in delivered:
            raise UnknownOrderLine(pointer="#/items")
        left = delivered[line_id] - already.get(line_id, 0)
        if quantity > left:
            raise MoreThanDelivered(f"Only {left} can be returned.", item=line_id, returnable=left)
    now = timezone.now()
    returned = Return.objects.create(order=order, reason=command.reason, requested_at=now)
    ReturnLine.objects.bulk_create(
        ReturnLine(parent=returned, order_line_id=line_id, quantity=quantity)
        for line_id, quantity in command.quantities.items()
    )
    add_note(order=order, at=now, by=command.by, note="A return was requested.")
    return returned


DECIDE_RETURN_ERRORS: Final = (NotFound, InvalidTransition)


@transaction.atomic
def approve_return(*, step: ReturnStep) -> Return:
    """Let the customer send the goods; announces ReturnApproved.

    Locks the order.
    """
    order, returned = _hold(step, ReturnStatus.APPROVED)
    returned.approved_at = timezone.now()
    events.emit(ReturnApproved(order.pk, returned.pk))
    return _write(order, returned, step)


@transaction.atomic
def reject_return(*, step: ReturnStep) -> Return:
    """Refuse a return, before or after it was approved; its units may be in another one then.

    Announces ReturnRejected. Locks the order.
    """
    order, returned = _hold(step, ReturnStatus.REJECTED)
    returned.rejected_at = timezone.now()
    events.emit(ReturnRejected(order.pk, returned.pk))
    return _write(order, returned, step)


RECEIVE_RETURN_ERRORS: Final = (*DECIDE_RETURN_ERRORS, NoLocation)


@transaction.atomic
def receive_return(*, step: ReturnStep, restock: bool = True) -> Return:
    """Note that the goods have arrived; announces ReturnReceived, on which they are refunded.

    They go on stock at the default location, unless ``restock`` is false. Shipping is not
    refunded. Locks the order, then the stock.
    """
    order, returned = _hold(step, ReturnStatus.RECEIVED)
    lines = list(returned.lines.select_related("order_line").order_by("id"))
    returned.refund_amount = _price(order, lines)
    returned.is_restocked = restock
    returned.received_at = timezone.now()
    _write(order, returned, step)
    events.emit(ReturnReceived(order.pk, returned.pk, returned.refund_amount))
    if restock:
        location = inventory_services.default_location()
        inventory_services.adjust(
            rows=[
                Adjustment(
                    variant_id=line.order_line.variant_id,
                    location_id=location.pk,
                    reason=MovementReason.RETURNED,
                    delta=line.quantity,
                    reference=str(returned.pk),
                )
                for line in lines
            ],
            actor=step.by,
        )
    return returned


def _hold(step: ReturnStep, target: ReturnStatus) -> tuple[Order, Return]:
    """Lock the order and return it with the return, which becomes ``target`` in memory."""
    order = selectors.lock_order(step.order_id)
    returned = selectors.return_of(order, str(step.return_id))
    transitions.check_return(returned, target)
    returned.status = target
    return order, returned


def _write(order: Order, returned: Return, step: ReturnStep) -> Return:
    returned.note = step.note or returned.note
    returned.save(update_fields=_WRITTEN)
    text = " ".join(filter(None, (f"The return was {returned.status}.", step.note)))
    add_note(order=order, at=timezone.now(), by=step.by, note=text)
    return returned


def _price(order: Order, lines: Sequence[ReturnLine]) -> Decimal:
    """Write what the units of each line cost, tax included, and return the sum.

    Units that staff have refunded already bring nothing more.
    """
    refunded = refunds.refunded_parts(order)
    for line in lines:
        before = refunded.get(line.order_line_id, refunds.NO_REFUND)
        part = refunds.line_refund(line.order_line, line.quantity, before, order.currency)
        line.refund_amount, line.refund_tax = part.amount, part.tax
    ReturnLine.objects.bulk_update(lines, ["refund_amount", "refund_tax"])
    return sum((line.refund_amount or Decimal(0) for line in lines), Decimal(0))
