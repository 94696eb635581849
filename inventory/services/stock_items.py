"""Stock items: locked in the order of their keys, changed in memory, stored, and their ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from catalog.models import ProductVariant
from core.queries import any_of
from inventory.models import Location, StockItem, StockMovement

_AT_ONCE = 2000


def lock_stock_items(condition: Q) -> dict[UUID, StockItem]:
    """Lock stock items in the order of their keys and return them by key, with their locations.

    Two callers that want the same items wait for each other, never deadlock, and never decide
    on a figure that another is changing.
    """
    return {item.pk: item for item in _in_key_order(condition).select_related("location")}


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
    """Add entries to the ledger."""
    StockMovement.objects.bulk_create(movements, batch_size=_AT_ONCE)


def make_items(pairs: Collection[tuple[UUID, UUID]]) -> None:
    """Make the stock items (variant, location) that do not exist yet, empty.

    Of variants and locations that do not exist, or no longer, none are made.
    """
    variant_ids = any_of({variant_id for variant_id, _ in pairs})
    location_ids = {location_id for _, location_id in pairs}
    found = StockItem.objects.filter(variant_id__in=variant_ids, location_id__in=location_ids)
    missing = set(pairs) - set(found.values_list("variant_id", "location_id"))
    if not missing:
        return
    wanted = any_of({variant_id for variant_id, _ in missing})
    variants = set(ProductVariant.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    locations = set(Location.objects.filter(pk__in=location_ids).values_list("pk", flat=True))
    StockItem.objects.bulk_create(
        [
            StockItem(variant_id=variant_id, location_id=location_id, is_listed=True)
            for variant_id, location_id in sorted(missing)
            if variant_id in variants and location_id in locations
        ],
        batch_size=_AT_ONCE,
        ignore_conflicts=True,
    )
