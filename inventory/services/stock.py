"""Moving stock by hand, by machine and by import: always with an entry in the ledger."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Q

from accounts.models import User
from catalog.models import ProductVariant
from core.errors import InvalidInput
from core.queries import any_of
from inventory import selectors
from inventory.models import MovementReason, StockItem, StockMovement
from inventory.selectors import NoLocation
from inventory.services import listings
from inventory.services.allocation import InsufficientStock, Shortage
from inventory.services.locations import default_location
from inventory.services.reservations import serve_backorders
from inventory.services.stock_items import (
    lock_stock,
    lock_stock_items,
    make_items,
    store,
    write_ledger,
)

MOST_UNITS = 2_147_483_647  # of an integer column
_MANY = 1000
_BATCH = 2000  # items held in memory at once


class UnknownStock(InvalidInput):
    code = "unknown_stock"
    title = "There is no such variant or location."
    at = "#/items/0/variant"


class TooManyUnits(InvalidInput):
    code = "too_many_units"
    title = "More units than can be counted."


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A change of what lies at a location: by ``delta``, or to exactly ``set_to`` units.

    ``reference`` names what caused it, such as the id of a return.
    """

    variant_id: UUID
    location_id: UUID
    reason: MovementReason
    delta: int | None = None
    set_to: int | None = None
    note: str = ""
    reference: str = ""


ADJUST_ERRORS: Final = (InsufficientStock, TooManyUnits, UnknownStock)
SET_QUANTITIES_ERRORS: Final = (NoLocation, TooManyUnits)


@transaction.atomic
def adjust(*, rows: Sequence[Adjustment], actor: User | None) -> list[StockItem]:
    """Change stock as ``rows`` say, one after another, all or none; return their stock items.

    Locks the stock items in the order of their keys: those of the named variants everywhere,
    since orders may wait for them.
    """
    pairs = [(row.variant_id, row.location_id) for row in rows]
    make_items(pairs)
    of_variants = Q(variant_id__in=any_of({variant_id for variant_id, _ in pairs}))
    items = {
        (item.variant_id, item.location_id): item for item in lock_stock_items(of_variants).values()
    }
    for number, (variant_id, location_id) in enumerate(pairs):
        if (variant_id, location_id) not in items:
            is_known = ProductVariant.objects.filter(pk=variant_id).exists()
            raise UnknownStock(pointer=f"#/items/{number}/{'location' if is_known else 'variant'}")
    movements = []
    for row, pair in zip(rows, pairs, strict=True):
        item = items[pair]
        delta = row.set_to - item.on_hand if row.set_to is not None else row.delta or 0
        movement = _move(item, delta, row.reason, actor)
        movement.note, movement.reference = row.note, row.reference
        movements.append(movement)
    if crossed := _store_moved(movements):
        listings.refresh_availability(variant_ids=crossed)
    serve_backorders(
        variant_ids={movement.stock_item.variant_id for movement in movements if movement.delta > 0}
    )
    return [items[pair] for pair in pairs]


def set_quantity(*, variant_id: UUID, quantity: int, actor: User | None) -> None:
    set_quantities(quantities={variant_id: quantity}, actor=actor, reason=MovementReason.ADJUSTED)


@transaction.atomic
def set_quantities(
    *,
    quantities: Mapping[UUID, int],
    actor: User | None,
    reason: MovementReason = MovementReason.IMPORTED,
) -> int:
    """Make so many units of each variant available in the whole shop; return how many changed.

    ``quantities`` maps variants to units, 0 or more, in any number: each batch is a fixed number
    of queries. What is promised to orders stays promised. The default location takes the
    difference; where it has too little to give, the others give by their priority.
    Locks the variants' stock items in the order of their keys.
    """
    default = default_location()
    giving_order = {location.pk: location.priority for location in selectors.active_locations()}
    giving_order[default.pk] = -1
    make_items([(variant_id, default.pk) for variant_id in quantities])
    if len(quantities) >= _MANY:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            # Or the plan is one for the few there were.
            cursor.execute(f"ANALYZE {StockItem._meta.db_table}")
    if len(quantities) > _BATCH:
        lock_stock(variant_ids=quantities)
    changed, crossed, remaining = 0, set[UUID](), iter(quantities.items())
    while batch := dict(itertools.islice(remaining, _BATCH)):
        items: dict[UUID, list[StockItem]] = defaultdict(list)
        at_open = Q(location_id__in=list(giving_order), variant_id__in=any_of(batch))
        for item in lock_stock_items(at_open).values():
            items[item.variant_id].append(item)
        movements = [
            _move(item, delta, reason, actor)
            for variant_id in items
            for item, delta in _differences(items[variant_id], batch[variant_id], giving_order)
        ]
        crossed |= _store_moved(movements)
        changed += len({movement.stock_item.variant_id for movement in movements})
    if crossed:
        listings.refresh_availability(variant_ids=crossed)
    serve_backorders(variant_ids=quantities.keys())
    return changed


def set_reorder_point(*, item_id: UUID, reorder_point: int) -> None:
    """Say from how many available units on a stock item counts as low."""
    StockItem.objects.filter(pk=item_id).update(reorder_point=reorder_point)


def _differences(
    items: list[StockItem], quantity: int, giving_order: Mapping[UUID, int]
) -> Iterator[tuple[StockItem, int]]:
    """Yield by how much to change which items, so that ``quantity`` is available of them all."""
    items.sort(key=lambda item: (giving_order[item.location_id], item.pk))
    difference = quantity - sum(item.available for item in items)
    for item in items:
        delta = max(difference, -item.available)
        if delta:
            yield item, delta
        difference -= delta


def _move(item: StockItem, delta: int, reason: MovementReason, actor: User | None) -> StockMovement:
    """Change the item in memory, refusing what may not be, and return its entry of the ledger."""
    if delta < -item.available:
        raise InsufficientStock([Shortage(item.variant_id, -delta, item.available)])
    if item.on_hand + delta > MOST_UNITS:
        raise TooManyUnits
    item.on_hand += delta
    item.is_listed = item.is_listed and not delta
    return StockMovement(stock_item=item, delta=delta, reason=reason, actor=actor)


def _store_moved(movements: Sequence[StockMovement]) -> set[UUID]:
    """Store moved items and their entries; return the variants of which stock ran out or in."""
    movements = [movement for movement in movements if movement.delta]
    items = {movement.stock_item_id: movement.stock_item for movement in movements}
    deltas: dict[UUID, int] = defaultdict(int)
    for movement in movements:
        deltas[movement.stock_item_id] += movement.delta
    store(items.values())
    write_ledger(movements)
    return {
        item.variant_id
        for item in items.values()
        if (item.available > 0) != (item.available - deltas[item.pk] > 0)
    }
