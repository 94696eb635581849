"""Stock items: locked in the order of their keys, changed in memory, stored, and their ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Final
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Q, QuerySet

from catalog.models import ProductVariant
from core.compiled import CompiledQuery
from core.queries import any_of
from inventory.models import Location, StockItem, StockMovement

_AT_ONCE = 2000
# Orders of more variants than this are rare: Django compiles their statement each time.
_MOST_COMPILED = 20


def lock_stock_items(condition: Q, *, with_locations: bool = False) -> dict[UUID, StockItem]:
    """Lock stock items in the order of their keys and return them by key.

    Two callers that want the same items wait for each other, never deadlock, and never decide
    on a figure that another is changing.
    """
    items = _in_key_order(condition)
    return {
        item.pk: item for item in (items.select_related("location") if with_locations else items)
    }


def lock_items_of_variants(variant_ids: Collection[UUID]) -> dict[UUID, StockItem]:
    """Lock the stock items of what one order wants, as ``lock_stock_items`` does."""
    if len(variant_ids) > _MOST_COMPILED:
        return lock_stock_items(Q(variant_id__in=variant_ids), with_locations=True)
    items = _compiled_items(len(variant_ids)).all(*variant_ids)
    return {item.pk: item for item in items}


@cache
def _compiled_items(variants: int) -> CompiledQuery[StockItem]:
    """The statement for so many variants: every order asks it."""
    return CompiledQuery(
        lambda *keys: _in_key_order(Q(variant_id__in=keys)).select_related("location"),
        *[UUID] * variants,
    )


def lock_stock(*, variant_ids: Collection[UUID]) -> None:
    """Lock the stock items of variants, before their rows in the catalog are locked.

    Whoever locks both takes stock first; a product and its stock changed together need this.
    """
    list(_in_key_order(Q(variant_id__in=any_of(variant_ids))).values_list("location_id"))


def lock_items(*, item_ids: Collection[UUID]) -> None:
    """Lock stock items in the order of their keys, before they are changed one by one."""
    list(_in_key_order(Q(pk__in=any_of(item_ids))).values_list("location_id"))


def _in_key_order(condition: Q) -> QuerySet[StockItem]:
    items = StockItem.objects.filter(condition).order_by("pk")
    return items.select_for_update(no_key=True, of=("self",))


def store(items: Collection[StockItem]) -> None:
    """Write the figures of locked stock items.

    Every row exists and so is updated; this way any number of them is one short statement, which
    ``bulk_update`` would make one branch a row.
    """
    StockItem.objects.bulk_create(
        items,
        batch_size=_AT_ONCE,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["on_hand", "reserved", "is_listed", "updated_at"],
    )


def write_ledger(movements: Iterable[StockMovement]) -> None:
    StockMovement.objects.bulk_create(movements, batch_size=_AT_ONCE)


# Set-based, since an import makes thousands at once.
_MAKE_ITEMS: Final = """
    INSERT INTO {items} ({columns})
    SELECT uuid_v7(), variant.id, location.id, 0, 0, 0, true, now(), now()
    FROM (
        SELECT DISTINCT * FROM unnest(%s::uuid[], %s::uuid[]) AS pair (variant_id, location_id)
    ) AS pair
    JOIN {variants} AS variant ON variant.id = pair.variant_id AND variant.deleted_at IS NULL
    JOIN {locations} AS location ON location.id = pair.location_id AND location.deleted_at IS NULL
    ORDER BY variant.id, location.id
    ON CONFLICT DO NOTHING
"""
_NEW_ITEM: Final = (
    *("id", "variant", "location", "on_hand", "reserved", "reorder_point"),
    *("is_listed", "created_at", "updated_at"),
)


def make_items(pairs: Collection[tuple[UUID, UUID]]) -> None:
    """Make the stock items (variant, location) that do not exist yet, empty.

    Of variants and locations that do not exist, or no longer, none are made.
    """
    columns = {field.name: field.column for field in StockItem._meta.concrete_fields}
    sql = _MAKE_ITEMS.format(
        items=StockItem._meta.db_table,
        columns=", ".join(str(columns[name]) for name in _NEW_ITEM),
        variants=ProductVariant._meta.db_table,
        locations=Location._meta.db_table,
    )
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(sql, [[pair[0] for pair in pairs], [pair[1] for pair in pairs]])
