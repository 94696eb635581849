"""What of an order is still to leave: bought, and neither shipped nor called off."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from orders.models import Order, OrderLine, ShipmentLine

# A refund that is on its way: it may fail, and then its units are to be shipped after all.
UNDER_WAY = ("requested", "requires_action")


@dataclass(frozen=True)
class WaitingUnits:
    """Units by line that have not left; ``in_refund`` are those of a refund under way."""

    waiting: dict[UUID, int]
    in_refund: dict[UUID, int]

    @property
    def to_ship(self) -> dict[UUID, int]:
        """Return how many units of each line can be shipped; 0 for lines that are done."""
        return {line: units - self.in_refund.get(line, 0) for line, units in self.waiting.items()}

    @property
    def is_done(self) -> bool:
        return not any(self.waiting.values())


def waiting_units(order: Order) -> WaitingUnits:
    """Return what of each line that is not digital has not left: two queries.

    Call it with the order locked where it decides something. The refunds belong to a floor
    above: only their relation is followed here.
    """
    lines = OrderLine.objects.filter(order=order, is_digital=False)
    parcels = ShipmentLine.objects.filter(order_line=OuterRef("pk")).values("order_line")
    shipped = Coalesce(Subquery(parcels.annotate(units=Sum("quantity")).values("units")), Value(0))
    left = lines.annotate(left=F("quantity") - F("cancelled_quantity") - shipped)
    waiting = dict(left.order_by("position").values_list("pk", "left"))
    refunds = lines.filter(refund_lines__transaction__status__in=UNDER_WAY).values_list("pk")
    in_refund = dict(refunds.annotate(units=Sum("refund_lines__quantity")).order_by())
    return WaitingUnits(
        waiting, {line: min(units, waiting[line]) for line, units in in_refund.items()}
    )


def units_left(order: Order) -> dict[UUID, int]:
    """Return how many units of each line that is not digital are still to be shipped."""
    return waiting_units(order).to_ship
