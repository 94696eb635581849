"""The copies that lists sort and filter by, each brought up to date by its one owner here.

| Copy on the product | Source | Owner |
| --- | --- | --- |
| price, compare_at_price, currency | its cheapest living variant | ``refresh_prices`` |
| in_stock | its living variants, they: the floor that keeps stock | ``set_availability`` |
| stock_quantity | the same, up to 5 seconds late | ``set_stock_figures`` |
| units_sold | paid orders, seconds late | ``catalog.services.sales`` |

Variants are locked before products, both in the order of their keys. ``stock_quantity`` may be
late, but not about whether there is any: ``set_availability`` is called in the transaction in
which stock runs out or comes in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Q

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

_PRODUCT_AVAILABILITY = """
    UPDATE catalog_product AS product
    SET in_stock = stock.in_stock, stock_quantity = stock.units {of_living_variants}
      AND (product.in_stock, product.stock_quantity) IS DISTINCT FROM (stock.in_stock, stock.units)
"""

_PRODUCT_FIGURES = """
    UPDATE catalog_product AS product SET stock_quantity = stock.units {of_living_variants}
      AND product.stock_quantity <> stock.units
"""


@transaction.atomic
def refresh_prices(*, product_ids: Collection[UUID]) -> None:
    """Copy price, compare-at price and currency of each product's cheapest living variant.

    Locks the products. One without living variants keeps what it had.
    """
    _lock_products(product_ids)
    _execute(_PRICES, [list(product_ids)])


def set_availability(*, units: Mapping[UUID, int], product_ids: Collection[UUID]) -> None:
    """Write ``in_stock`` and ``stock_quantity`` of variants and their products.

    ``units`` of each variant were read after ``lock_variants_and_products``, so that of two
    locations running empty at once the later one sees both. Digital variants are always in stock.
    """
    _execute(_VARIANT_AVAILABILITY, _figures(units))
    _execute(
        _PRODUCT_AVAILABILITY.format(of_living_variants=_OF_LIVING_VARIANTS), [list(product_ids)]
    )


def set_stock_figures(*, units: Mapping[UUID, int], product_ids: Collection[UUID]) -> None:
    """Write ``stock_quantity`` of variants and their products for lists.

    ``units`` of each variant were read after ``lock_variants_and_products``. Leaves ``in_stock``
    and the catalog version alone.
    """
    _execute(_VARIANT_FIGURES, _figures(units))
    _execute(_PRODUCT_FIGURES.format(of_living_variants=_OF_LIVING_VARIANTS), [list(product_ids)])


@transaction.atomic
def refresh_products(*, product_ids: Collection[UUID]) -> None:
    """Recompute what products and their variants show of prices and of being in stock."""
    variants = ProductVariant.objects.filter(product_id__in=product_ids)
    variant_ids = list(variants.values_list("pk", flat=True))
    lock_variants_and_products(variant_ids=variant_ids)
    _lock_products(product_ids)
    in_stock = Q(is_digital=True) | Q(stock_quantity__gt=0)
    wrong = ProductVariant.all_objects.filter(pk__in=any_of(variant_ids)).exclude(in_stock=in_stock)
    wrong.update(in_stock=in_stock)
    _execute(
        _PRODUCT_AVAILABILITY.format(of_living_variants=_OF_LIVING_VARIANTS), [list(product_ids)]
    )
    _execute(_PRICES, [list(product_ids)])


def lock_variants_and_products(*, variant_ids: Collection[UUID]) -> list[UUID]:
    """Lock variants, then their products; return the keys of those."""
    variants = ProductVariant.all_objects.filter(pk__in=any_of(variant_ids)).order_by("pk")
    locked = variants.select_for_update(no_key=True).values_list("product_id", flat=True)
    return _lock_products(set(locked))


def _lock_products(product_ids: Collection[UUID]) -> list[UUID]:
    products = Product.all_objects.filter(pk__in=any_of(product_ids)).order_by("pk")
    return list(products.select_for_update(no_key=True).values_list("pk", flat=True))


def _figures(units: Mapping[UUID, int]) -> list[Any]:
    return [list(units), [min(figure, _LARGEST_FIGURE) for figure in units.values()]]


def _execute(sql: str, parameters: list[Any]) -> None:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(sql, parameters)
