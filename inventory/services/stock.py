"""Moving stock by hand, by machine and by import: always with an entry in the ledger."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL

from accounts.models import User
from catalog.models import ProductVariant
from core.errors import InvalidInput
from core.models import new_id
from inventory import selectors
from inventory.models import MovementReason, StockItem
from inventory.services import listings
from inventory.services.demands import InsufficientStock, Shortage
from inventory.services.locations import default_location
from inventory.services.reservations import serve_backorders

MOST_UNITS = 2_147_483_647  # of an integer column
_MANY = 1000
_BATCH = 2000  # items held in memory at once


class UnknownStock(InvalidInput):
    """The variant or the location does not exist."""

    code = "unknown_stock"
    title = "There is no such variant or location."


class TooManyUnits(InvalidInput):
    """More than a location can be said to hold."""

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


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the ledger about to be written."""

    item: StockItem
    delta: int
    reason: MovementReason
    note: str = ""
    reference: str = ""


_MAKE_ITEMS = """
INSERT INTO inventory_stockitem (
    id, variant_id, location_id, on_hand, reserved, reorder_point, is_listed, created_at, updated_at
)
SELECT uuid_v7(), variant.id, location.id, 0, 0, 0, true, now(), now()
FROM (
    SELECT DISTINCT * FROM unnest(%s::uuid[], %s::uuid[]) AS pair (variant_id, location_id)
) AS pair
JOIN catalog_productvariant AS variant ON variant.id = pair.variant_id
JOIN inventory_location AS location ON location.id = pair.location_id
WHERE variant.deleted_at IS NULL AND location.deleted_at IS NULL
ORDER BY variant.id, location.id
ON CONFLICT (variant_id, location_id) DO NOTHING
"""

_CHANGE_ITEMS = """
UPDATE inventory_stockitem AS item
SET on_hand = item.on_hand + change.delta, is_listed = false, updated_at = now()
FROM unnest(%s::uuid[], %s::int[]) AS change (id, delta)
WHERE item.id = change.id
"""

_WRITE_LEDGER = """
INSERT INTO inventory_stockmovement (
    id, stock_item_id, delta, reason, reference, note, actor_id, created_at
)
SELECT entry.id, stock_item_id, delta, reason, reference, note, %s::uuid, now()
FROM unnest(%s::uuid[], %s::uuid[], %s::int[], %s::text[], %s::text[], %s::text[])
  AS entry (id, stock_item_id, delta, reason, reference, note)
"""


@transaction.atomic
def adjust(*, rows: Sequence[Adjustment], actor: User | None) -> list[StockItem]:
    """Change stock as ``rows`` say, one after another, all or none; return their stock items.

    Locks the stock items in the order of their keys. Raises InsufficientStock where promised
    units would be missing, UnknownStock for a variant or location that does not exist.
    """
    pairs = [(row.variant_id, row.location_id) for row in rows]
    _make_items(pairs)
    items = {(item.variant_id, item.location_id): item for item in _locked(_at(pairs))}
    for number, pair in enumerate(pairs):
        if pair not in items:
            raise UnknownStock(pointer=f"#/items/{number}/{_unknown_in(pair)}")
    entries = [_apply(row, items[pair]) for row, pair in zip(rows, pairs, strict=True)]
    _write(entries, actor)
    return [items[pair] for pair in pairs]


def set_quantity(*, variant_id: UUID, quantity: int, actor: User | None) -> None:
    """Make exactly ``quantity`` units of a variant available in the whole shop."""
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
    _make_items([(variant_id, default.pk) for variant_id in quantities])
    if len(quantities) >= _MANY:
        _execute("ANALYZE inventory_stockitem")  # or the plan is one for the few there were
    if len(quantities) > _BATCH:
        _lock(Q(location_id__in=list(giving_order), variant_id__in=_any_of(quantities)))
    changed, crossed, remaining = 0, set[UUID](), iter(quantities.items())
    while batch := dict(itertools.islice(remaining, _BATCH)):
        entries = [_move(*one, reason) for one in _differences_of(batch, giving_order)]
        crossed |= _store(entries, actor)
        changed += len({entry.item.variant_id for entry in entries})
    if crossed:
        listings.refresh_availability(variant_ids=crossed)
    serve_backorders(variant_ids=quantities.keys())
    return changed


def _differences_of(
    quantities: Mapping[UUID, int], giving_order: Mapping[UUID, int]
) -> Iterator[tuple[StockItem, int]]:
    """Yield by how much to change which items, so that so much of each variant is available."""
    by_variant: dict[UUID, list[StockItem]] = defaultdict(list)
    for item in _locked(Q(location_id__in=list(giving_order), variant_id__in=_any_of(quantities))):
        by_variant[item.variant_id].append(item)
    for variant_id, items in by_variant.items():
        yield from _differences(items, quantities[variant_id], giving_order)


def set_reorder_point(*, item_id: UUID, reorder_point: int) -> None:
    """Say from how many available units on a stock item counts as low."""
    StockItem.objects.filter(pk=item_id).update(reorder_point=reorder_point)


def lock_stock(*, variant_ids: Collection[UUID]) -> None:
    """Lock the stock items of variants, before their rows in the catalog are locked.

    Whoever locks both takes stock first; a product and its stock changed together need this.
    """
    list(_locked(Q(variant_id__in=_any_of(variant_ids))))


def lock_items(*, item_ids: Collection[UUID]) -> None:
    """Lock stock items in the order of their keys, before they are changed one by one."""
    _lock(Q(pk__in=_any_of(item_ids)))


def _make_items(pairs: Collection[tuple[UUID, UUID]]) -> None:
    """Make the stock items (variant, location) that do not exist yet, empty."""
    _execute(_MAKE_ITEMS, [variant for variant, _ in pairs], [location for _, location in pairs])


def _unknown_in(pair: tuple[UUID, UUID]) -> str:
    is_known = ProductVariant.objects.filter(pk=pair[0]).exists()
    return "location" if is_known else "variant"


def _at(pairs: Collection[tuple[UUID, UUID]]) -> Q:
    """Match more than the pairs: every named variant everywhere, since it may be waited for."""
    return Q(variant_id__in=_any_of(variant for variant, _ in pairs))


def _any_of(keys: Iterable[UUID]) -> RawSQL:
    """Return the keys as one array: PostgreSQL takes at most 65,535 parameters one by one."""
    return RawSQL("SELECT unnest(%s::uuid[])", [list(keys)])


def _locked(condition: Q) -> Iterator[StockItem]:
    items = StockItem.objects.filter(condition).order_by("pk")
    return iter(items.select_for_update(no_key=True))


def _lock(condition: Q) -> None:
    """Lock stock items in the order of their keys, without holding them in memory."""
    locked = StockItem.objects.filter(condition).order_by("pk").select_for_update(no_key=True)
    list(locked.values_list("location_id"))


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


def _apply(row: Adjustment, item: StockItem) -> _Entry:
    delta = row.set_to - item.on_hand if row.set_to is not None else row.delta or 0
    return replace(_move(item, delta, row.reason, row.note), reference=row.reference)


def _move(item: StockItem, delta: int, reason: MovementReason, note: str = "") -> _Entry:
    """Change the item in memory, refusing what may not be, and return its ledger entry."""
    if delta < -item.available:
        raise InsufficientStock([Shortage(item.variant_id, -delta, item.available)])
    if item.on_hand + delta > MOST_UNITS:
        raise TooManyUnits
    item.on_hand += delta
    return _Entry(item, delta, reason, note)


def _write(entries: Sequence[_Entry], actor: User | None) -> None:
    """Store moved items and their entries, and let the catalog follow where stock ran out or in."""
    if crossed := _store(entries, actor):
        listings.refresh_availability(variant_ids=crossed)
    serve_backorders(variant_ids={one.item.variant_id for one in entries if one.delta > 0})


def _store(entries: Sequence[_Entry], actor: User | None) -> set[UUID]:
    """Store moved items and their entries; return the variants of which stock ran out or in."""
    entries = [entry for entry in entries if entry.delta]
    changes: dict[UUID, int] = defaultdict(int)
    for entry in entries:
        changes[entry.item.pk] += entry.delta
    _execute(_CHANGE_ITEMS, list(changes), list(changes.values()))
    _execute(
        _WRITE_LEDGER,
        actor.pk if actor else None,
        [new_id() for _ in entries],
        [entry.item.pk for entry in entries],
        [entry.delta for entry in entries],
        [entry.reason.value for entry in entries],
        [entry.reference for entry in entries],
        [entry.note for entry in entries],
    )
    items = {entry.item.pk: entry.item for entry in entries}
    return {
        item.variant_id
        for item in items.values()
        if (item.available > 0) != (item.available - changes[item.pk] > 0)
    }


def _execute(sql: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
