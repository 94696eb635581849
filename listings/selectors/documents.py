"""Products as JSON, built by PostgreSQL: what the API's lists and pages consist of.

The columns are named one by one, in the order of the API's contract; the serializers in
``listings.api.serializers`` describe the same documents for OpenAPI, and a test holds both
together. ``shop.media`` is the absolute URL below which pictures are served, ``shop.search`` what
was searched for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection


@dataclass(frozen=True)
class Shape:
    """Which members a document has: ``fields`` (all when empty), of them ``expand`` in full.

    ``is_kept``: it is for those who keep the product, with what concerns the shop alone.
    """

    fields: tuple[str, ...] = ()
    expand: frozenset[str] = frozenset()
    is_kept: bool = False


_IMAGE = """json_build_object(
    'id', image.id,
    'url', shop.media || image.image,
    'thumbnails', json_build_object(
        'small', shop.media || coalesce(image.thumbnails ->> 'small', image.image),
        'medium', shop.media || coalesce(image.thumbnails ->> 'medium', image.image),
        'large', shop.media || coalesce(image.thumbnails ->> 'large', image.image)),
    'alt', image.alt,
    'position', image.position)"""


_IMAGES = """coalesce((
    SELECT json_agg({image} ORDER BY image.position, image.id)
    FROM (SELECT * FROM catalog_productimage
          WHERE product_id = product.id AND deleted_at IS NULL
          ORDER BY position, id {limit}) AS image), '[]'::json)"""
_ALL_IMAGES = _IMAGES.format(image=_IMAGE, limit="")
_FIRST_IMAGE = _IMAGES.format(image=_IMAGE, limit="LIMIT 1")

_VARIANTS = """coalesce((
    SELECT json_agg(json_build_object(
        'id', variant.id,
        'sku', variant.sku,
        'name', variant.name,
        'options', variant.options,
        'price', money_text(variant.price, variant.currency),
        'compare_at_price', money_text(variant.compare_at_price, variant.currency),
        {more}
        'currency', variant.currency,
        'in_stock', {in_stock},
        'stock_quantity', {stock_quantity},
        'barcode', variant.barcode,
        'weight_grams', variant.weight_grams,
        'is_digital', variant.is_digital) ORDER BY variant.position, variant.id)
    FROM catalog_productvariant AS variant {source}
    WHERE variant.product_id = product.id AND variant.deleted_at IS NULL), '[]'::json)"""

_CATEGORY = "json_build_object('id', category.id, 'name', category.name, 'slug', category.slug)"
_BRAND = """CASE WHEN brand.id IS NOT NULL THEN
    json_build_object('id', brand.id, 'name', brand.name, 'slug', brand.slug) END"""
_VENDOR = """CASE WHEN vendor.id IS NOT NULL THEN
    json_build_object('id', vendor.id, 'name', vendor.name, 'slug', vendor.slug) END"""
_WHOLE_CATEGORY = """json_build_object(
    'id', category.id,
    'name', category.name,
    'slug', category.slug,
    'parent', category.parent_id,
    'level', category.level,
    'path', (SELECT json_agg(json_build_object(
                 'id', step.id, 'name', step.name, 'slug', step.slug) ORDER BY step.lft)
             FROM catalog_category AS step
             WHERE step.tree_id = category.tree_id
               AND step.lft <= category.lft AND step.rght >= category.rght),
    'image', shop.media || nullif(category.image, ''),
    'description', category.description)"""
_WHOLE_BRAND = """CASE WHEN brand.id IS NOT NULL THEN json_build_object(
    'id', brand.id, 'name', brand.name, 'slug', brand.slug,
    'description', brand.description) END"""

# What a search found, as HTML with the words in <mark>; of long descriptions the beginning.
_SNIPPET = """CASE WHEN shop.search <> '' THEN ts_headline(
    'catalog_folded',
    replace(replace(replace(concat_ws(' · ', product.name,
        nullif(left(product.description, 5000), '')), '&', '&amp;'), '<', '&lt;'), '>', '&gt;'),
    catalog_query(shop.search),
    'StartSel=<mark>, StopSel=</mark>, MinWords=10, MaxWords=30') END"""

# Stock belongs to ``inventory``, a floor above: its tables are read here and nowhere else.
_EXACT_STOCK = """CROSS JOIN LATERAL (
        SELECT coalesce(sum(item.on_hand - item.reserved), 0) AS units
        FROM inventory_stockitem AS item
        JOIN inventory_location AS location ON location.id = item.location_id
             AND location.is_active AND location.deleted_at IS NULL
        WHERE item.variant_id = variant.id) AS stock"""
_EXACT_UNITS = """(
    SELECT coalesce(sum(stock.units), 0)
    FROM catalog_productvariant AS variant {stock}
    WHERE variant.product_id = product.id AND variant.deleted_at IS NULL)"""

_SUMMARY = {
    "id": "product.id",
    "name": "product.name",
    "slug": "product.slug",
    "category": _CATEGORY,
    "brand": _BRAND,
    "vendor": _VENDOR,
    "price": "money_text(product.price, product.currency)",
    "compare_at_price": "money_text(product.compare_at_price, product.currency)",
    "currency": "product.currency",
    "is_active": "product.is_active",
    "is_featured": "product.is_featured",
    "in_stock": "product.in_stock",
    "stock_quantity": "product.stock_quantity",
    "rating_average": "product.rating_average",
    "review_count": "product.review_count",
    "images": _FIRST_IMAGE,
    "attributes": "product.attributes",
    "created_at": "timestamp_text(product.created_at)",
    "updated_at": "timestamp_text(product.updated_at)",
}
_SUMMARY_EXPANDED = {
    "category": _WHOLE_CATEGORY,
    "brand": _WHOLE_BRAND,
    "images": _ALL_IMAGES,
    "variants": _VARIANTS.format(
        in_stock="variant.in_stock", stock_quantity="variant.stock_quantity", source="", more=""
    ),
    "snippet": _SNIPPET,
}
# The lowest price of the 30 days before a reduction.
_LOWEST_PRICE = """money_text(catalog_lowest_price(variant.id, variant.compare_at_price),
    variant.currency)"""
_LOWEST_OF_CHEAPEST = """(
    SELECT {lowest_price} FROM catalog_productvariant AS variant
    WHERE variant.product_id = product.id AND variant.deleted_at IS NULL
    ORDER BY variant.price, variant.position, variant.id LIMIT 1)"""
_DETAIL = {
    **{name: _SUMMARY[name] for name in ("id", "name", "slug")},
    "description": "product.description",
    **{
        name: _SUMMARY[name]
        for name in ("category", "brand", "vendor", "price", "compare_at_price")
    },
    "lowest_price_30_days": _LOWEST_OF_CHEAPEST.format(lowest_price=_LOWEST_PRICE),
    **_SUMMARY,
    "publish_at": "timestamp_text(product.publish_at)",
    "unpublish_at": "timestamp_text(product.unpublish_at)",
    "stock_quantity": _EXACT_UNITS.format(stock=_EXACT_STOCK),
    "images": _ALL_IMAGES,
    "variants": _VARIANTS.format(
        in_stock="variant.is_digital OR stock.units > 0",
        stock_quantity="stock.units",
        source=_EXACT_STOCK,
        more=f"'lowest_price_30_days', {_LOWEST_PRICE},",
    ),
}
# Never in an answer that is public or shared: see ``listings.api.keepers``.
_KEPT_DETAIL = {
    **_DETAIL,
    "variants": _VARIANTS.format(
        in_stock="variant.is_digital OR stock.units > 0",
        stock_quantity="stock.units",
        source=_EXACT_STOCK,
        more=f"""'lowest_price_30_days', {_LOWEST_PRICE},
        'cost_price', money_text(variant.cost_price, variant.currency),""",
    ),
    "tax_class": "product.tax_class",
}
_DETAIL_EXPANDED = {"category": _WHOLE_CATEGORY, "brand": _WHOLE_BRAND}

_JOINS = """
    JOIN catalog_category AS category ON category.id = product.category_id
    LEFT JOIN catalog_brand AS brand ON brand.id = product.brand_id
    LEFT JOIN catalog_vendor AS vendor ON vendor.id = product.vendor_id
    CROSS JOIN (VALUES (%s::text, %s::text)) AS shop (media, search)"""

SUMMARY_FIELDS = tuple(_SUMMARY)
SUMMARY_EXPANSIONS = tuple(_SUMMARY_EXPANDED)
DETAIL_FIELDS = tuple(_DETAIL)
KEPT_FIELDS = tuple(_KEPT_DETAIL)
DETAIL_EXPANSIONS = tuple(_DETAIL_EXPANDED)


@dataclass(frozen=True)
class Query:
    """A statement as PostgreSQL gets it."""

    sql: str
    parameters: tuple[Any, ...]


_SUMMARIES = """{documents}
    FROM (SELECT id, row_number() OVER () AS place FROM ({ids}) AS listed (id)) AS chosen
    JOIN catalog_product AS product ON product.id = chosen.id {joins}"""
_ONE = """
    SELECT {document}::text FROM catalog_product AS product {joins}
    WHERE {address} AND product.deleted_at IS NULL {only_listed}"""


def summaries_statement(shape: Shape, ids: str) -> str:
    """Return the statement of products' summaries, one text named ``documents``.

    ``ids`` is a statement of their keys in order. Its parameters come first, then media and what
    was searched for.
    """
    return _SUMMARIES.format(documents=_documents(shape), ids=ids, joins=_JOINS)


@lru_cache(maxsize=256)
def _documents(shape: Shape) -> str:
    document = _object(shape, _SUMMARY, _SUMMARY_EXPANDED)
    return _in_one_line(
        f"SELECT coalesce(string_agg({document}::text, ',' ORDER BY chosen.place), '') AS documents"
    )


def detail(key: str, *, only_listed: bool, media: str, shape: Shape) -> bytes | None:
    """Return the page of the product with this id or slug as JSON, or None: one query.

    Stock is exact. ``only_listed`` leaves out what is not active.
    """
    sql = _detail(shape, _address(key), only_listed=only_listed)
    found = _first(sql, (media, "", key))
    return None if found is None else found.encode()


@lru_cache(maxsize=256)
def _detail(shape: Shape, address: str, *, only_listed: bool) -> str:
    statement = _ONE.format(
        document=_object(shape, _KEPT_DETAIL if shape.is_kept else _DETAIL, _DETAIL_EXPANDED),
        joins=_JOINS,
        address=address,
        only_listed="AND product.is_active" if only_listed else "",
    )
    return _in_one_line(statement)


def _address(key: str) -> str:
    try:
        UUID(key)
    except ValueError:
        return "product.slug = %s"
    return "product.id = %s::uuid"


def _in_one_line(sql: str) -> str:
    """Short statements are converted once by psycopg, long ones each time."""
    return " ".join(sql.split())


def _object(shape: Shape, members: dict[str, str], expanded: dict[str, str]) -> str:
    chosen = {
        **members,
        **{name: sql for name, sql in expanded.items() if name in shape.expand},
    }
    names: Collection[str] = shape.fields or chosen
    return f"json_build_object({', '.join(f'{name!r}, {chosen[name]}' for name in names)})"


def _first(sql: str, parameters: tuple[Any, ...]) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return None if row is None else str(row[0])
