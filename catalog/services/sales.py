"""What sells, and what sells together: told by the floor that sells, for lists to sort by."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import connection, transaction

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
    SELECT one.id, other.id, 1
    FROM unnest(%s::uuid[]) AS one (id) JOIN unnest(%s::uuid[]) AS other (id) ON one.id <> other.id
    ORDER BY one.id, other.id
    ON CONFLICT (product_id, other_id) DO UPDATE SET orders = catalog_productaffinity.orders + 1
"""

# Orders are a floor above: their tables are read here and nowhere else.
_RECOUNT_UNITS = """
    UPDATE catalog_product AS product SET units_sold = least(sold.units, 2147483647)
    FROM (SELECT product.id, coalesce(sum(line.quantity), 0) AS units
          FROM catalog_product AS product
          LEFT JOIN (SELECT line.product_id, line.quantity FROM orders_orderline AS line
                     JOIN orders_order AS placed ON placed.id = line.order_id
                     WHERE placed.paid_at IS NOT NULL) AS line ON line.product_id = product.id
          GROUP BY product.id) AS sold
    WHERE product.id = sold.id AND product.units_sold <> least(sold.units, 2147483647)
"""
_RECOUNT_PAIRS = """
    WITH bought AS MATERIALIZED (
        SELECT order_id, product_id FROM (
            SELECT order_id, product_id,
                   row_number() OVER (PARTITION BY order_id ORDER BY product_id) AS place
            FROM (SELECT DISTINCT line.order_id, line.product_id FROM orders_orderline AS line
                  JOIN orders_order AS placed ON placed.id = line.order_id
                  WHERE placed.paid_at IS NOT NULL) AS line) AS numbered
        WHERE place <= %s)
    INSERT INTO catalog_productaffinity (product_id, other_id, orders)
    SELECT one.product_id, other.product_id, count(*)
    FROM bought AS one JOIN bought AS other
      ON other.order_id = one.order_id AND other.product_id <> one.product_id
    GROUP BY one.product_id, other.product_id
"""


@transaction.atomic
def note_sale(*, units: Mapping[UUID, int]) -> None:
    """Count a sale: so many units of each product, all bought together.

    Called once for each paid order, in the background. Locks the products, then their pairs, in
    the order of their keys; leaves the catalog version alone.
    """
    keys = sorted(units)
    together = keys[:MOST_TOGETHER]
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [keys])
        cursor.execute(_ADD_UNITS, [keys, [units[key] for key in keys]])
        cursor.execute(_ADD_PAIRS, [together, together])


@transaction.atomic
def recount_sales() -> None:
    """Count what paid orders sold, anew; a sale that is counted meanwhile may count twice.

    Locks every product whose figure changes, and the pairs.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE catalog_productaffinity IN EXCLUSIVE MODE")
        cursor.execute("DELETE FROM catalog_productaffinity")
        cursor.execute(_RECOUNT_PAIRS, [MOST_TOGETHER])
        cursor.execute(_RECOUNT_UNITS)
