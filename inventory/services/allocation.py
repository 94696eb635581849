"""Which stock item each demand takes from: reckoned in memory, from rows that are locked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Demand:
    line_id: UUID
    variant_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Supply:
    """Units of a variant that are free at a location; the lowest ``priority`` gives first."""

    stock_item_id: UUID
    variant_id: UUID
    units: int
    priority: int


@dataclass(frozen=True, slots=True)
class Allocation:
    line_id: UUID
    stock_item_id: UUID
    units: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """A variant of which less can be promised than is asked for."""

    variant_id: UUID
    requested: int
    available: int


class InsufficientStock(DomainError):
    """Less can be promised or taken than was asked for.

    ``items`` lists every variant that is short with what is ``requested`` and ``available``;
    ``variant`` and ``available`` repeat the first of them.
    """

    code: ClassVar[str] = "insufficient_stock"
    title: ClassVar[str] = "There is not enough stock."
    example: ClassVar = {
        "available": 2,
        "variant": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a61",
        "items": [
            {
                "variant": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a61",
                "requested": 3,
                "available": 2,
            }
        ],
    }
    at: ClassVar[str] = "#/items/0/quantity"
    remedy: ClassVar[str] = "Offer the units that `available` names, or leave the variant out."

    def __init__(self, shortages: Sequence[Shortage], *, pointer: str = "") -> None:
        first = shortages[0]
        super().__init__(
            f"Only {first.available} available, {first.requested} requested.",
            pointer=pointer,
            available=first.available,
            variant=first.variant_id,
            items=[
                {
                    "variant": shortage.variant_id,
                    "requested": shortage.requested,
                    "available": shortage.available,
                }
                for shortage in shortages
            ],
        )
        self.shortages = tuple(shortages)


def allocate(
    demands: Sequence[Demand], supplies: Sequence[Supply]
) -> tuple[list[Allocation], list[Shortage]]:
    """Give every demand all its units; where any variant is short, give nothing and say what is.

    A variant comes from one location where one has enough for all its lines, the lowest priority
    first; a line is split only where no location has enough.
    """
    lines: dict[UUID, list[Demand]] = defaultdict(list)
    for demand in sorted(demands, key=lambda demand: demand.line_id):
        lines[demand.variant_id].append(demand)
    offers: dict[UUID, list[Supply]] = defaultdict(list)
    for supply in supplies:
        offers[supply.variant_id].append(supply)

    allocations: list[Allocation] = []
    shortages: list[Shortage] = []
    for variant_id in sorted(lines):
        requested = sum(demand.quantity for demand in lines[variant_id])
        available = sum(supply.units for supply in offers[variant_id])
        if available < requested:
            shortages.append(Shortage(variant_id, requested, available))
        else:
            allocations += _allocate_variant(lines[variant_id], offers[variant_id], requested)
    return ([], shortages) if shortages else (allocations, [])


def _allocate_variant(
    demands: Sequence[Demand], supplies: Sequence[Supply], requested: int
) -> list[Allocation]:
    """Let the demands take from the supplies in turn, of which there are enough."""
    in_turn = sorted(
        supplies,
        key=lambda supply: (supply.units < requested, supply.priority, supply.stock_item_id),
    )
    left = {supply.stock_item_id: supply.units for supply in in_turn}
    allocations = []
    for demand in demands:
        needed = demand.quantity
        for stock_item_id, free in left.items():
            if units := min(needed, free):
                allocations.append(Allocation(demand.line_id, stock_item_id, units))
                left[stock_item_id] -= units
                needed -= units
    return allocations


class NotReserved(DomainError):
    """More units are to leave than are still reserved for the line."""

    code = "not_reserved"
    title = "More units than are still reserved for this line."
