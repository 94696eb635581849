"""The copies that lists sort and filter by, each brought up to date by its one owner here.

| Copy on the product | Source | Owner |
| --- | --- | --- |
| price, compare_at_price, currency | its cheapest living variant | ``refresh_prices`` |
| in_stock | its living variants, they: stock of active locations | ``refresh_availability`` |
| stock_quantity | the same, up to 5 seconds late | ``refresh_stock_figures`` |
| units_sold | paid orders, seconds late | ``catalog.services.sales`` |

Variants are locked before products, both in the order of their keys.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from catalog import selectors
from catalog.models import Product, ProductVariant
from core.queries import any_of

_LARGEST_FIGURE = 2_147_483_647  # of an integer column

_PRICES = """
    UPDATE catalog_product AS product
    SET price = cheapest.price, compare_at_price = cheapest.compare_at_price,
        currency = cheapest.currency
    FROM (
        SELECT DISTINCT ON (product_id) product_id, price, compare_at_price, currency
        FROM catalog_productvariant
        WHERE product_id = ANY(%s::uuid[]) AND deleted_at IS NULL
        ORDER BY product_id, price, position, id
    ) AS cheapest
    WHERE product.id = cheapest.product_id
      AND (product.price, product.compare_at_price, product.currency)
          IS DISTINCT FROM (cheapest.price, cheapest.compare_at_price, cheapest.currency)
"""

_VARIANT_AVAILABILITY = """
    UPDATE catalog_productvariant AS variant
    SET in_stock = variant.is_digital OR stock.units > 0, stock_quantity = stock.units
    FROM unnest(%s::uuid[], %s::int[]) AS stock (id, units)
    WHERE variant.id = stock.id
      AND (variant.in_stock, variant.stock_quantity)
          IS DISTINCT FROM (variant.is_digital OR stock.units > 0, stock.units)
"""

_VARIANT_FIGURES = """
    UPDATE catalog_productvariant AS variant SET stock_quantity = stock.units
    FROM unnest(%s::uuid[], %s::int[]) AS stock (id, units)
    WHERE variant.id = stock.id AND variant.stock_quantity <> stock.units
"""

_OF_LIVING_VARIANTS = """
    FROM (
        SELECT product.id, coalesce(bool_or(variant.in_stock), false) AS in_stock,
               least(coalesce(sum(variant.stock_quantity), 0), 2147483647)::int AS units
        FROM catalog_product AS product
        LEFT JOIN catalog_productvariant AS variant
               ON variant.product_id = product.id AND variant.deleted_at IS NULL
        WHERE product.id = ANY(%s::uuid[])
        GROUP BY product.id
    ) AS stock
    WHERE product.id = stock.id
"""

_PRODUCT_AVAILABILITY = f"""
    UPDATE catalog_product AS product
    SET in_stock = stock.in_stock, stock_quantity = stock.units {_OF_LIVING_VARIANTS}
      AND (product.in_stock, product.stock_quantity) IS DISTINCT FROM (stock.in_stock, stock.units)
"""  # noqa: S608 - joins our own constants

_PRODUCT_FIGURES = f"""
    UPDATE catalog_product AS product SET stock_quantity = stock.units {_OF_LIVING_VARIANTS}
      AND product.stock_quantity <> stock.units
"""  # noqa: S608 - joins our own constants


@transaction.atomic
def refresh_prices(*, product_ids: Collection[UUID]) -> None:
    """Copy price, compare-at price and currency of each product's cheapest living variant.

    Locks the products. One without living variants keeps what it had.
    """
    _lock_products(product_ids)
    _execute(_PRICES, [list(product_ids)])


@transaction.atomic
def refresh_availability(*, variant_ids: Collection[UUID]) -> None:
    """Recompute ``in_stock`` and ``stock_quantity`` of variants and their products, exactly.

    Called in the transaction that changed the stock. Stock is read after the locks are held,
    so of two locations running empty at once the later one sees both. Digital variants are
    always in stock.
    """
    product_ids = _lock_variants_and_products(variant_ids)
    _execute(_VARIANT_AVAILABILITY, _units(variant_ids))
    _execute(_PRODUCT_AVAILABILITY, [product_ids])


@transaction.atomic
def refresh_stock_figures(*, variant_ids: Collection[UUID]) -> None:
    """Bring ``stock_quantity`` of variants and their products up to date for lists.

    Called by a job, seconds after the sale; leaves ``in_stock`` and the catalog version alone.
    """
    product_ids = _lock_variants_and_products(variant_ids)
    _execute(_VARIANT_FIGURES, _units(variant_ids))
    _execute(_PRODUCT_FIGURES, [product_ids])


@transaction.atomic
def refresh_products(*, product_ids: Collection[UUID]) -> None:
    """Recompute every copy of these products and their variants."""
    variants = ProductVariant.objects.filter(product_id__in=product_ids)
    refresh_availability(variant_ids=list(variants.values_list("pk", flat=True)))
    _lock_products(product_ids)
    _execute(_PRODUCT_AVAILABILITY, [list(product_ids)])
    _execute(_PRICES, [list(product_ids)])


def _lock_variants_and_products(variant_ids: Collection[UUID]) -> list[UUID]:
    variants = ProductVariant.all_objects.filter(pk__in=any_of(variant_ids)).order_by("pk")
    locked = variants.select_for_update(no_key=True).values_list("product_id", flat=True)
    return _lock_products(set(locked))


def _lock_products(product_ids: Collection[UUID]) -> list[UUID]:
    products = Product.all_objects.filter(pk__in=any_of(product_ids)).order_by("pk")
    return list(products.select_for_update(no_key=True).values_list("pk", flat=True))


def _units(variant_ids: Collection[UUID]) -> list[Any]:
    units = selectors.units_available(variant_ids)
    return [list(units), [min(figure, _LARGEST_FIGURE) for figure in units.values()]]


def _execute(sql: str, parameters: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
