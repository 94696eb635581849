"""Refunds of units and of the shipping: what they cost, and writing which they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from core.errors import DomainError
from orders import refunds
from orders.models import Order, OrderLine
from orders.refunds import RefundPart
from orders.services import UnknownOrderLine
from payments import selectors
from payments.models import PaymentTransaction, RefundLine


class AlreadyRefunded(DomainError):
    """More units than are left, or the shipping again; ``refundable`` says how many are left."""

    code = "already_refunded"
    title = "This has been refunded or returned already."


@dataclass(frozen=True)
class Parts:
    """What a refund is for: units by line, and perhaps the shipping."""

    by_line: Mapping[UUID, RefundPart]
    shipping: RefundPart | None = None

    @property
    def amount(self) -> Decimal:
        """What all of it costs, tax included."""
        shipping = self.shipping.amount if self.shipping else Decimal(0)
        return sum((part.amount for part in self.by_line.values()), shipping)


def parts_of(order: Order, quantities: Mapping[UUID, int], *, shipping: bool) -> Parts:
    """Return what units of a locked order, and its shipping, cost.

    Raises UnknownOrderLine, AlreadyRefunded.
    """
    lines = {line.pk: line for line in OrderLine.objects.filter(order=order, pk__in=quantities)}
    settled = refunds.refunded_parts(order)
    by_line = {}
    for line_id, units in quantities.items():
        if line_id not in lines:
            raise UnknownOrderLine(pointer="#/items")
        before = settled.get(line_id, refunds.NO_REFUND)
        left = max(lines[line_id].quantity - before.units, 0)
        if units > left:
            told = f"Only {left} can be refunded."
            raise AlreadyRefunded(told, pointer="#/items", item=str(line_id), refundable=left)
        by_line[line_id] = refunds.line_refund(lines[line_id], units, before, order.currency)
    return Parts(by_line, _shipping_of(order) if shipping else None)


def write_parts(transaction: PaymentTransaction, parts: Parts) -> None:
    """Write what a requested refund is for."""
    named: list[tuple[UUID | None, RefundPart]] = [*parts.by_line.items()]
    if parts.shipping:
        named.append((None, parts.shipping))
    RefundLine.objects.bulk_create(
        RefundLine(
            transaction=transaction,
            order_line_id=line_id,
            quantity=part.units,
            amount=part.amount,
            tax_amount=part.tax,
        )
        for line_id, part in named
    )


def _shipping_of(order: Order) -> RefundPart:
    if selectors.is_shipping_refunded(order):
        raise AlreadyRefunded("The shipping was refunded before.", pointer="#/shipping")
    return refunds.shipping_refund(order)
