"""Refunds of units and of the shipping: what they cost with tax, and the rows that say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from core.errors import DomainError
from orders import refunds
from orders import services as order_services
from orders.models import Order, OrderLine
from orders.refunds import RefundPart
from orders.services import UnknownOrderLine
from payments import selectors
from payments.models import PaymentTransaction, RefundLine


class AlreadyRefunded(DomainError):
    """More units than are left, or the shipping again; ``refundable`` says how many are left."""

    code = "already_refunded"
    title = "This has been refunded or returned already."
    example: ClassVar = {"item": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a61", "refundable": 1}
    at = "#/items"


@dataclass(frozen=True)
class RefundedLines:
    """What a refund is for: the cost of units by line, and perhaps of the shipping."""

    by_line: Mapping[UUID, RefundPart]
    shipping: RefundPart | None = None

    @property
    def amount(self) -> Decimal:
        """The cost of all of it, tax included."""
        shipping = self.shipping.amount if self.shipping else Decimal(0)
        return sum((part.amount for part in self.by_line.values()), shipping)


def price_refund(order: Order, quantities: Mapping[UUID, int], *, shipping: bool) -> RefundedLines:
    """Return what units of a locked order, and its shipping, cost."""
    lines = {line.pk: line for line in OrderLine.objects.filter(order=order, pk__in=quantities)}
    refunded = refunds.refunded_parts(order)
    by_line = {}
    for line_id, units in quantities.items():
        if line_id not in lines:
            raise UnknownOrderLine(pointer="#/items")
        before = refunded.get(line_id, refunds.NO_REFUND)
        left = max(lines[line_id].quantity - before.units, 0)
        if units > left:
            detail = f"Only {left} can be refunded."
            raise AlreadyRefunded(detail, pointer="#/items", item=str(line_id), refundable=left)
        by_line[line_id] = refunds.line_refund(lines[line_id], units, before, order.currency)
    return RefundedLines(by_line, _price_shipping(order) if shipping else None)


def write_refund_lines(
    transaction: PaymentTransaction, lines: RefundedLines, *, restock: bool = True
) -> None:
    """Write what a requested refund is for."""
    named: list[tuple[UUID | None, RefundPart]] = [*lines.by_line.items()]
    if lines.shipping:
        named.append((None, lines.shipping))
    RefundLine.objects.bulk_create(
        RefundLine(
            transaction=transaction,
            order_line_id=line_id,
            quantity=part.units,
            amount=part.amount,
            tax_amount=part.tax,
            is_restocked=restock,
        )
        for line_id, part in named
    )


def price_called_off(order: Order, quantities: Mapping[UUID, int]) -> RefundedLines:
    """Return what units of a locked order cost that are not sent, but for those refunded before."""
    refunded = refunds.refunded_parts(order)
    by_line = {
        line.pk: refunds.line_refund(
            line, quantities[line.pk], refunded.get(line.pk, refunds.NO_REFUND), order.currency
        )
        for line in OrderLine.objects.filter(order=order, pk__in=quantities)
    }
    return RefundedLines({line_id: part for line_id, part in by_line.items() if part.units})


def call_off_refunded(order: Order, refund: PaymentTransaction) -> None:
    """Let what a refund of units was for be sent no more, as far as it has not left."""
    parts = list(refund.refund_lines.exclude(order_line=None).order_by("order_line_id"))
    if parts:
        order_services.call_off_refunded(
            order=order,
            refunded={part.order_line_id: part.quantity for part in parts if part.order_line_id},
            restock=all(part.is_restocked for part in parts),
            by=refund.by,
        )


def _price_shipping(order: Order) -> RefundPart:
    if selectors.is_shipping_refunded(order):
        raise AlreadyRefunded("The shipping was refunded before.", pointer="#/shipping")
    return refunds.shipping_refund(order)
