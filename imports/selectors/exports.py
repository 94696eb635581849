"""Every product with its stock as rows of a table, such as an import reads."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
from django.db import DEFAULT_DB_ALIAS, connections

from catalog.models import Category, ProductVariant
from inventory.selectors import in_stock

BATCH = 1000
COLUMNS = (
    "sku",
    "name",
    "description",
    "price",
    "compare_at_price",
    "currency",
    "stock_quantity",
    "category",
    "brand",
    "barcode",
    "weight_grams",
    "is_active",
)

# An attribute is written as the kind that reads back as the same value for all products.
_ATTRIBUTES = r"""
    WITH kinds AS (
        SELECT DISTINCT entry.key, CASE
            WHEN jsonb_typeof(value) = 'boolean' THEN 'truth'
            WHEN jsonb_typeof(value) = 'number'
                 AND value::text ~ '^-?[0-9]{1,15}(\.[0-9]{1,10})?$' THEN 'number'
            WHEN jsonb_typeof(value) = 'string' AND (value #>> '{}') ~ '^\S(.*\S)?$' THEN 'text'
            WHEN jsonb_typeof(value) = 'array' AND value <> '[]' AND NOT EXISTS (
                SELECT FROM jsonb_array_elements(value) AS part
                WHERE jsonb_typeof(part) <> 'string' OR (part #>> '{}') !~ '^[^\s,]([^,]*[^\s,])?$'
            ) THEN 'list'
            ELSE 'json' END AS kind
        FROM catalog_product CROSS JOIN LATERAL jsonb_each(attributes) AS entry
        WHERE deleted_at IS NULL)
    SELECT key, CASE WHEN count(*) = 1 THEN min(kind) ELSE 'json' END
    FROM kinds GROUP BY key ORDER BY key
"""


def product_rows() -> Iterator[list[Any]]:
    """Yield the header, then a row for each living variant; memory does not grow with them."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_ATTRIBUTES)
        attributes: dict[str, str] = dict(cursor.fetchall())
    paths = _category_paths()
    headers = (
        f"attr.{name}" if kind == "text" and ":" not in name else f"attr.{name}:{kind}"
        for name, kind in attributes.items()
    )
    yield [*COLUMNS, *headers]
    living = ProductVariant.objects.filter(product__deleted_at=None)
    variants = (
        living.select_related("product__brand")
        .order_by("product_id", "position", "id")
        .iterator(chunk_size=BATCH)
    )
    while batch := list(itertools.islice(variants, BATCH)):
        units = in_stock([variant.pk for variant in batch])
        for variant in batch:
            yield [
                *_fields(variant, units[variant.pk], paths),
                *(
                    _attribute(variant.product.attributes.get(name), kind)
                    for name, kind in attributes.items()
                ),
            ]


def _category_paths() -> dict[UUID, str]:
    r"""Return the path of each category; a ``>`` in a name is written ``\\>``."""
    paths: dict[UUID, str] = {}
    rows = Category.all_objects.order_by("tree_id", "lft").values_list("pk", "parent_id", "name")
    for key, parent, name in rows:
        step = name.replace(">", r"\>")
        paths[key] = f"{paths[parent]} > {step}" if parent else step
    return paths


def _fields(variant: ProductVariant, units: int, paths: dict[UUID, str]) -> list[Any]:
    product = variant.product
    return [
        variant.sku,
        product.name,
        product.description,
        f"{variant.price:f}",
        "" if variant.compare_at_price is None else f"{variant.compare_at_price:f}",
        variant.currency,
        units,
        paths[product.category_id],
        product.brand.name if product.brand else "",
        variant.barcode,
        variant.weight_grams,
        "true" if product.is_active else "false",
    ]


def _attribute(value: Any, kind: str) -> Any:
    if value is None and kind != "json":
        return ""
    if kind == "json":
        return "" if value is None else orjson.dumps(value).decode()
    if kind == "truth":
        return "true" if value else "false"
    return ", ".join(value) if kind == "list" else value
