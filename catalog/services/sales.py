"""What sells, and what sells together: told by the floor that sells, for lists to sort by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import permutations
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from catalog.models import Product, ProductAffinity

# Of a larger order, the first products in the order of their keys count as bought together.
MOST_TOGETHER = 30

_LOCK = """
    SELECT id FROM catalog_product WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""
_ADD_UNITS = """
    UPDATE catalog_product AS product
    SET units_sold = least(product.units_sold::bigint + sold.units, 2147483647)
    FROM unnest(%s::uuid[], %s::bigint[]) AS sold (id, units)
    WHERE product.id = sold.id
"""
_ADD_PAIRS = """
    INSERT INTO catalog_productaffinity (product_id, other_id, orders)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::int[])
    ON CONFLICT (product_id, other_id)
    DO UPDATE SET orders = catalog_productaffinity.orders + excluded.orders
"""


@transaction.atomic
def note_sales(*, sales: Sequence[Mapping[UUID, int]]) -> None:
    """Count sales: of each so many units of each product, all bought together.

    Called once for each paid order, in the background. Locks the products, then their pairs, in
    the order of their keys; leaves the catalog version alone.
    """
    units: Counter[UUID] = Counter()
    pairs: Counter[tuple[UUID, UUID]] = Counter()
    for sale in sales:
        units.update(sale)
        pairs.update(permutations(sorted(sale)[:MOST_TOGETHER], 2))
    keys, together = sorted(units), sorted(pairs)
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_LOCK, [keys])
        cursor.execute(_ADD_UNITS, [keys, [units[key] for key in keys]])
        cursor.execute(
            _ADD_PAIRS,
            [
                [one for one, _ in together],
                [other for _, other in together],
                [pairs[pair] for pair in together],
            ],
        )


@transaction.atomic
def forget_sales() -> None:
    """Take what was counted back, to count it anew in the same transaction.

    Locks the pairs, and every product that was sold.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("LOCK TABLE catalog_productaffinity IN EXCLUSIVE MODE")
    ProductAffinity.objects.all().delete()
    Product.all_objects.filter(units_sold__gt=0).update(units_sold=0)
