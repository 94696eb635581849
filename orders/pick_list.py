"""Where the goods of orders lie, for those who pack them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from inventory import selectors as inventory_selectors
from orders.models import Order


@dataclass(frozen=True, slots=True)
class PickListEntry:
    """How many units of an order's line are to be taken from a location."""

    location: str
    units: int


@dataclass(frozen=True, slots=True)
class StockRow:
    """What of an order's variant lies at a location; ``promised`` are units for this order."""

    sku: str
    location: str
    on_hand: int
    available: int
    promised: int


def pick_list_of(order_ids: Collection[UUID]) -> dict[UUID, list[PickListEntry]]:
    """Return where the units lie that are still to be sent, by line: one query."""
    pick_list: dict[UUID, list[PickListEntry]] = {}
    for reservation in inventory_selectors.open_reservations(order_ids):
        units = reservation.quantity - reservation.fulfilled - reservation.released
        pick_list.setdefault(reservation.line_id, []).append(
            PickListEntry(reservation.stock_item.location.name, units)
        )
    return pick_list


def stock_of(order: Order) -> list[StockRow]:
    """Return where a loaded order's variants lie, as its page tells: two queries."""
    promised = {
        (reservation.line_id, reservation.stock_item_id): reservation.quantity
        - reservation.fulfilled
        - reservation.released
        for reservation in inventory_selectors.open_reservations([order.pk])
    }
    lines = {line.variant_id: line for line in order.loaded_lines if not line.is_digital}
    items = inventory_selectors.stock_levels().filter(variant__in=lines)
    rows = [(lines[item.variant_id], item) for item in items.order_by("location__name", "id")]
    return [
        StockRow(
            sku=line.sku,
            location=item.location.name,
            on_hand=item.on_hand,
            available=item.available,
            promised=promised.get((line.pk, item.pk), 0),
        )
        for line, item in sorted(rows, key=lambda row: row[0].position)
    ]
