"""What orders ask of the stock, and what cannot be had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Demand:
    """Units of a variant that a line of an order asks for."""

    line_id: UUID
    variant_id: UUID
    quantity: int


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


class NotReserved(DomainError):
    """More units are to leave than are still reserved for the line."""

    code = "not_reserved"
    title = "More units than are still reserved for this line."
