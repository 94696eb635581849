"""Telling the catalog what is in stock, and how much its lists may show."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import connection, transaction

from catalog.services import listing
from inventory import selectors
from inventory.selectors import StockVersion

BATCH = 500

# A row that someone holds is about to change, one that has changed is of another version:
# either is left for the next time.
_MARK_LISTED = """
WITH unchanged AS MATERIALIZED (
    SELECT item.id FROM inventory_stockitem AS item
    JOIN unnest(%s::uuid[], %s::text[]) AS seen (id, version)
      ON seen.id = item.id AND seen.version = item.xmin::text
    ORDER BY item.id FOR NO KEY UPDATE OF item SKIP LOCKED
)
UPDATE inventory_stockitem AS item SET is_listed = true FROM unchanged WHERE item.id = unchanged.id
"""


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


def _mark_listed(items: Sequence[StockVersion]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _MARK_LISTED, [[item.id for item in items], [item.version for item in items]]
        )
