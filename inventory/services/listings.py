"""Telling the catalog what is in stock, and how much its lists may show."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import transaction

from catalog.services import listing
from inventory import selectors
from inventory.models import StockItem
from inventory.selectors import RowVersion, StockVersion

BATCH = 500


@transaction.atomic
def refresh_availability(*, variant_ids: Collection[UUID]) -> None:
    """Let the catalog show whether variants are in stock, and their exact units.

    Called in the transaction that changed the stock. Locks the variants, then their products;
    stock is read after that, so that of two locations running empty at once the later one sees
    both.
    """
    product_ids = listing.lock_variants_and_products(variant_ids=variant_ids)
    units = selectors.in_stock(variant_ids)
    listing.set_availability(units=units, product_ids=product_ids)


@transaction.atomic
def refresh_stock_figures(*, variant_ids: Collection[UUID]) -> None:
    """Bring the units that lists show of variants and their products up to date.

    Called by a job, seconds after the sale. Locks the variants, then their products.
    """
    product_ids = listing.lock_variants_and_products(variant_ids=variant_ids)
    units = selectors.in_stock(variant_ids)
    listing.set_stock_figures(units=units, product_ids=product_ids)


def refresh_listings() -> int:
    """Bring the catalog's copies of changed stock up to date; return how many items changed.

    Figures first, marks after, each batch in two transactions: a crash between them repeats
    work and loses none, and no stock is locked while the catalog is written. A popular item,
    whose row is hardly ever free, gets its figure all the same and is only marked later.
    """
    refreshed, last = 0, None
    while batch := selectors.unlisted_stock(after=last, limit=BATCH):
        refresh_stock_figures(variant_ids={item.variant_id for item in batch})
        _mark_listed(batch)
        refreshed, last = refreshed + len(batch), batch[-1].id
    return refreshed


@transaction.atomic
def _mark_listed(seen: Sequence[StockVersion]) -> None:
    """Mark what is as it was seen.

    A row that someone has locked is about to change, one that has changed is of another version:
    either is left for the next time.
    """
    versions = {item.id: item.version for item in seen}
    items = StockItem.objects.filter(pk__in=versions).annotate(version=RowVersion())
    locked = items.order_by("pk").select_for_update(no_key=True, skip_locked=True)
    now = locked.values_list("pk", "version")
    unchanged = [key for key, version in now if version == versions[key]]
    StockItem.objects.filter(pk__in=unchanged).update(is_listed=True)
