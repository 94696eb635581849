"""What a part of an order costs, and what of it has gone back: for returns and for refunds.

All units of a line sum to its total, and all lines with the shipping to the order's, to the
cent: each part is the difference of a rounded running sum and what went back before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from core.money import quantize
from orders.models import Order, OrderLine, ReturnLine, ReturnStatus

# A refund that has not failed: asked for, waiting for staff, or done.
NOT_FAILED: Final = ("requested", "requires_action", "succeeded")


@dataclass(frozen=True)
class RefundPart:
    """Units of a line, or the shipping; ``amount`` includes ``tax``, in the order's currency."""

    units: int = 0
    amount: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)

    def __add__(self, other: RefundPart) -> RefundPart:
        return RefundPart(
            self.units + other.units, self.amount + other.amount, self.tax + other.tax
        )


NO_REFUND: Final = RefundPart()


def refunded_parts(order: Order) -> dict[UUID, RefundPart]:
    """Return what of each line has come back or was refunded by staff: two queries.

    Call it with the order locked. The refunds belong to a floor above: only their relation is
    followed here.
    """
    received = ReturnLine.objects.filter(parent__order=order, parent__status=ReturnStatus.RECEIVED)
    refunded = OrderLine.objects.filter(
        order=order, refund_lines__transaction__status__in=NOT_FAILED
    )
    parts = _summed(received, "order_line", "quantity", "refund_amount", "refund_tax")
    relation = [f"refund_lines__{name}" for name in ("quantity", "amount", "tax_amount")]
    for line_id, part in _summed(refunded, "pk", *relation).items():
        parts[line_id] = parts.get(line_id, NO_REFUND) + part
    return parts


def _summed(
    rows: QuerySet[Any], line: str, units: str, amount: str, tax: str
) -> dict[UUID, RefundPart]:
    zero = Decimal(0)
    sums = rows.values_list(line).annotate(
        Sum(units),
        price=Coalesce(Sum(amount), zero),
        tax_in_it=Coalesce(Sum(tax), zero),
    )
    return {line_id: RefundPart(*figures) for line_id, *figures in sums.order_by()}


def line_refund(line: OrderLine, units: int, before: RefundPart, currency: str) -> RefundPart:
    """Return what ``units`` more units of a line cost; of fewer where fewer are left."""
    units = min(units, line.quantity - before.units)
    if units <= 0:
        return NO_REFUND
    upto = before.units + units
    amount = quantize(line.line_total * upto / line.quantity, currency) - before.amount
    tax = quantize(line.tax_amount * upto / line.quantity, currency) - before.tax
    amount = max(amount, Decimal(0))
    return RefundPart(units, amount, min(max(tax, Decimal(0)), amount))


def shipping_refund(order: Order) -> RefundPart:
    """Return what the shipping costs: all of the order that is not in its lines."""
    lines = OrderLine.objects.filter(order=order).aggregate(total=Sum("line_total"))["total"]
    amount = order.total - (lines or Decimal(0))
    return RefundPart(1, quantize(amount, order.currency), order.shipping_tax_amount)
