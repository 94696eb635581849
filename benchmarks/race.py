"""Many buyers, few units: who gets one, and whether anything was sold twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http.client import CONFLICT, CREATED
from uuid import UUID

from django.db.models import Sum

from benchmarks.load import Flow, Request, run
from benchmarks.measuring import percentiles
from inventory import services as inventory_services
from inventory.models import StockItem

UNITS = 50
BUYERS = 200
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class RaceResult:
    units: int
    buyers: int
    sold: int
    refused: int
    other_answers: int
    reserved: int
    seconds: float
    p50: float
    p95: float

    @property
    def is_right(self) -> bool:
        """Whether each unit was sold once and everybody else was told so."""
        return (
            self.sold == self.reserved == self.units
            and self.refused == self.buyers - self.units
            and not self.other_answers
        )


def race(
    port: int, *, fill: Sequence[Request], order: Sequence[Request], variant: UUID
) -> RaceResult:
    """Let every buyer fill their cart, then all order at once."""
    inventory_services.set_quantity(variant_id=variant, quantity=UNITS, actor=None)
    filled = run(port, map(_once, fill), seconds=PATIENCE_SECONDS)
    load = run(port, map(_once, order), seconds=PATIENCE_SECONDS)
    times = percentiles(load.latencies)
    sold, refused = load.statuses[CREATED], load.statuses[CONFLICT]
    return RaceResult(
        units=UNITS,
        buyers=len(order),
        sold=sold,
        refused=refused,
        other_answers=len(order) - sold - refused + sum(filled.unexpected.values()),
        reserved=_reserved(variant),
        seconds=load.seconds,
        p50=times["p50"],
        p95=times["p95"],
    )


def _once(one: Request) -> Flow:
    yield one


def _reserved(variant: UUID) -> int:
    """Return how many units are promised, as the stock itself says."""
    reserved = StockItem.objects.filter(variant_id=variant).aggregate(units=Sum("reserved"))
    return int(reserved["units"])
