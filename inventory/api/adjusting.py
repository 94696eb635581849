"""The two shapes in which adjustments are sent: one row, or several as ``items``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.api.bodies import parse
from inventory.api.serializers import AdjustmentSerializer, AdjustmentsSerializer
from inventory.models import Location, MovementReason
from inventory.services import Adjustment


@dataclass(frozen=True, slots=True)
class ParsedAdjustments:
    """The rows that were sent, and whether as a list."""

    rows: Sequence[dict[str, Any]]
    is_list: bool

    def pointer(self, pointer: str) -> str:
        return pointer if self.is_list else pointer.replace("#/items/0", "#")

    def answer(self, levels: Sequence[Any]) -> Any:
        return {"items": levels} if self.is_list else levels[0]


def parse_adjustments(body: Any) -> ParsedAdjustments:
    is_list = isinstance(body, dict) and "items" in body
    data = parse(AdjustmentsSerializer if is_list else AdjustmentSerializer, body)
    return ParsedAdjustments(data["items"] if is_list else [data], is_list)


def adjustments_of(
    rows: Sequence[dict[str, Any]], *, default_location: Callable[[], Location]
) -> list[Adjustment]:
    """Return the adjustments that the rows ask for, at the default location where none is named."""
    if any("location" not in row for row in rows):
        default = default_location().pk
        rows = [{"location": default, **row} for row in rows]
    return [
        Adjustment(
            variant_id=row["variant"],
            location_id=row["location"],
            delta=row.get("delta"),
            set_to=row.get("set_to"),
            **_why(row["reason"], row["note"]),
        )
        for row in rows
    ]


def _why(reason: str, note: str) -> dict[str, Any]:
    """Return reason and note; a reason in words of one's own begins the note."""
    if reason in MovementReason.values:
        return {"reason": MovementReason(reason), "note": note}
    words = f"{reason}: {note}" if note else reason
    return {"reason": MovementReason.ADJUSTED, "note": words[:255]}
