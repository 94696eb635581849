"""The set-based half of an import: a temporary table, and what is written from it.

New rows come with their ids; those whose SKU exists are pointed at the variant and product there
are. Everything happens in the transaction of the import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections

BATCH = 2000
_ADVISORY_LOCK = (21220, 1)

COLUMNS = (
    "line",
    "product_id",
    "variant_id",
    "sku",
    "name",
    "slug",
    "description",
    "price",
    "default_price",
    "compare_at_price",
    "currency",
    "default_currency",
    "stock",
    "default_stock",
    "category_path",
    "brand",
    "barcode",
    "weight_grams",
    "is_active",
    "attributes",
    "image_urls",
)

_CREATE = """
    DROP TABLE IF EXISTS catalog_import;
    CREATE TEMPORARY TABLE catalog_import (
        line integer, product_id uuid, variant_id uuid, sku text, name text, slug text,
        description text, price numeric, default_price numeric, compare_at_price numeric,
        currency text, default_currency text, stock integer, default_stock integer,
        category_path text, brand text, barcode text,
        weight_grams integer, is_active boolean, attributes jsonb, image_urls text[],
        category_ids uuid[], brand_id uuid,
        is_new boolean NOT NULL DEFAULT true, is_changed boolean NOT NULL DEFAULT false
    ) ON COMMIT DROP
"""

_REFUSE_REPEATED = """
    WITH repeated AS (
        SELECT line, sku, first_line FROM (
            SELECT line, sku,
                   min(line) OVER (PARTITION BY upper(normalize(sku, NFKC))) AS first_line
            FROM catalog_import
        ) AS numbered WHERE line <> first_line),
    gone AS (DELETE FROM catalog_import USING repeated WHERE catalog_import.line = repeated.line)
    SELECT line, sku, first_line FROM repeated ORDER BY line
"""

_FIND_EXISTING = """
    UPDATE catalog_import AS import
    SET variant_id = variant.id, product_id = variant.product_id, is_new = false
    FROM catalog_productvariant AS variant
    WHERE upper(normalize(variant.sku, NFKC)) = upper(normalize(import.sku, NFKC))
      AND variant.deleted_at IS NULL
"""

_REFUSE_OTHER_CURRENCY = """
    WITH other AS (
        SELECT import.line, import.price, variant.currency
        FROM catalog_import AS import
        JOIN catalog_productvariant AS variant ON variant.id = import.variant_id
        WHERE NOT import.is_new AND import.currency IS NULL AND import.price IS NOT NULL
          AND variant.currency <> import.default_currency),
    gone AS (DELETE FROM catalog_import USING other WHERE catalog_import.line = other.line)
    SELECT line, price, currency FROM other ORDER BY line
"""

_REFUSE_WITHOUT_STOCK = """
    DELETE FROM catalog_import
    WHERE is_new AND stock IS NULL AND default_stock IS NULL
    RETURNING line
"""

_CATEGORY_PATHS = """
    SELECT DISTINCT category_path FROM catalog_import WHERE category_path IS NOT NULL ORDER BY 1
"""
_BRANDS = "SELECT DISTINCT brand FROM catalog_import WHERE brand IS NOT NULL ORDER BY 1"

# Of several categories with one path, a product stays in the one where it is.
_NAME_CATEGORIES = """
    UPDATE catalog_import AS import SET category_ids = found.ids::uuid[]
    FROM unnest(%s::text[], %s::text[]) AS found (path, ids)
    WHERE import.category_path = found.path
"""
_NAME_DEFAULT_CATEGORY = """
    UPDATE catalog_import SET category_ids = ARRAY[%s::uuid]
    WHERE is_new AND category_path IS NULL
"""
_NAME_BRANDS = """
    UPDATE catalog_import AS import SET brand_id = found.id
    FROM unnest(%s::text[], %s::uuid[]) AS found (name, id)
    WHERE import.brand = found.name
"""

# The first of a slug that is free takes it, the next are numbered after the highest number there
# is; one that still meets another ("catch" number 22 and "catch-22") ends in its own id.
_NUMBER_SLUGS = """
    WITH taken AS MATERIALIZED (
        SELECT base, max(number) AS number FROM (
            SELECT slug AS base, 1 AS number FROM catalog_product WHERE deleted_at IS NULL
            UNION ALL
            SELECT regexp_replace(slug, '-[0-9]+$', ''),
                   substring(slug FROM '-([0-9]{1,9})$')::integer
            FROM catalog_product WHERE deleted_at IS NULL AND slug ~ '-[0-9]{1,9}$'
        ) AS slugs GROUP BY base),
    numbered AS (
        SELECT import.line, import.slug, coalesce(taken.number, 0)
               + row_number() OVER (PARTITION BY import.slug ORDER BY import.line) AS number
        FROM catalog_import AS import LEFT JOIN taken ON taken.base = import.slug
        WHERE import.is_new)
    UPDATE catalog_import AS import SET slug = import.slug || '-' || numbered.number
    FROM numbered WHERE numbered.line = import.line AND numbered.number > 1
"""
_PART_EQUAL_SLUGS = """
    UPDATE catalog_import AS import
    SET slug = import.slug || '-' || right(import.product_id::text, 12)
    FROM (
        SELECT import.line FROM catalog_import AS import
        JOIN catalog_product AS product ON product.slug = import.slug
        WHERE import.is_new AND product.deleted_at IS NULL
        UNION
        SELECT line FROM (
            SELECT line, row_number() OVER (PARTITION BY slug ORDER BY line) AS place
            FROM catalog_import WHERE is_new) AS numbered
        WHERE place > 1) AS clash
    WHERE import.line = clash.line
"""

_LOCK_VARIANTS = """
    SELECT count(*) FROM (SELECT FROM catalog_productvariant
    WHERE product_id IN (SELECT product_id FROM catalog_import WHERE NOT is_new)
    ORDER BY id FOR NO KEY UPDATE) AS locked
"""
_LOCK_PRODUCTS = """
    SELECT count(*) FROM (SELECT FROM catalog_product
    WHERE id IN (SELECT product_id FROM catalog_import WHERE NOT is_new)
    ORDER BY id FOR NO KEY UPDATE) AS locked
"""

# A compare-at price that is no longer above the price is dropped.
_UPDATE_VARIANTS = """
    WITH wanted AS (
        SELECT import.line, variant.id, coalesce(import.price, variant.price) AS price,
               coalesce(import.compare_at_price, CASE
                   WHEN variant.compare_at_price > coalesce(import.price, variant.price)
                   THEN variant.compare_at_price END) AS compare_at_price,
               coalesce(import.currency, variant.currency) AS currency,
               coalesce(import.barcode, variant.barcode) AS barcode,
               coalesce(import.weight_grams, variant.weight_grams) AS weight_grams
        FROM catalog_import AS import
        JOIN catalog_productvariant AS variant ON variant.id = import.variant_id
        WHERE NOT import.is_new),
    changed AS (
    UPDATE catalog_productvariant AS variant
    SET price = wanted.price, compare_at_price = wanted.compare_at_price,
        currency = wanted.currency, barcode = wanted.barcode,
        weight_grams = wanted.weight_grams, updated_at = now()
    FROM wanted
    WHERE variant.id = wanted.id
      AND (variant.price, variant.compare_at_price, variant.currency, variant.barcode,
           variant.weight_grams)
          IS DISTINCT FROM (wanted.price, wanted.compare_at_price, wanted.currency,
                            wanted.barcode, wanted.weight_grams)
    RETURNING wanted.line)
    UPDATE catalog_import AS import SET is_changed = true
    FROM changed WHERE import.line = changed.line
"""
_UPDATE_PRODUCTS = """
    WITH wanted AS (
        SELECT DISTINCT ON (product.id) import.line, product.id, import.name,
               coalesce(import.description, product.description) AS description,
               CASE WHEN import.category_ids IS NULL
                      OR product.category_id = ANY(import.category_ids)
                    THEN product.category_id ELSE import.category_ids[1] END AS category_id,
               coalesce(import.brand_id, product.brand_id) AS brand_id,
               coalesce(import.is_active, product.is_active) AS is_active,
               product.attributes || import.attributes AS attributes
        FROM catalog_import AS import
        JOIN catalog_product AS product ON product.id = import.product_id
        WHERE NOT import.is_new
        ORDER BY product.id, import.line),
    changed AS (
    UPDATE catalog_product AS product
    SET name = wanted.name, description = wanted.description,
        category_id = wanted.category_id, brand_id = wanted.brand_id,
        is_active = wanted.is_active, attributes = wanted.attributes, updated_at = now(),
        publish_at = CASE WHEN NOT wanted.is_active THEN product.publish_at END
    FROM wanted
    WHERE product.id = wanted.id
      AND (product.name, product.description, product.category_id, product.brand_id,
           product.is_active, product.attributes)
          IS DISTINCT FROM (wanted.name, wanted.description, wanted.category_id, wanted.brand_id,
                            wanted.is_active, wanted.attributes)
    RETURNING wanted.line)
    UPDATE catalog_import AS import SET is_changed = true
    FROM changed WHERE import.line = changed.line
"""

_INSERT_PRODUCTS = """
    INSERT INTO catalog_product (
        id, created_at, updated_at, name, slug, description, category_id, brand_id, tax_class,
        attributes, is_active, is_featured, price, compare_at_price, currency, in_stock,
        stock_quantity, rating_average, review_count, units_sold, search_name)
    SELECT product_id, now(), now(), name, slug, coalesce(description, ''),
           category_ids[1], brand_id, 'standard', attributes,
           coalesce(is_active, true), false, coalesce(price, default_price), compare_at_price,
           coalesce(currency, default_currency), false, 0, 0, 0, 0, ''
    FROM catalog_import WHERE is_new ORDER BY line
"""
_INSERT_VARIANTS = """
    INSERT INTO catalog_productvariant (
        id, created_at, updated_at, product_id, sku, name, options, price, compare_at_price,
        currency, barcode, weight_grams, is_digital, position, in_stock, stock_quantity)
    SELECT variant_id, now(), now(), product_id, sku, '', '{}', coalesce(price, default_price),
           compare_at_price, coalesce(currency, default_currency), coalesce(barcode, ''),
           coalesce(weight_grams, 0), false, 0, false, 0
    FROM catalog_import WHERE is_new ORDER BY line
"""

_STOCK_OF_EXISTING = """
    SELECT line, variant_id, stock FROM catalog_import
    WHERE NOT is_new AND stock IS NOT NULL AND line > %s ORDER BY line LIMIT %s
"""
_STOCK_OF_NEW = """
    SELECT line, variant_id, coalesce(stock, default_stock) FROM catalog_import
    WHERE is_new AND coalesce(stock, default_stock, 0) > 0 AND line > %s ORDER BY line LIMIT %s
"""
_MARK_CHANGED = """
    UPDATE catalog_import SET is_changed = true WHERE line = ANY(%s::int[])
"""
_CHANGED_PRODUCTS = """
    SELECT DISTINCT product_id FROM catalog_import
    WHERE is_changed AND NOT is_new AND product_id > %s ORDER BY product_id LIMIT %s
"""

# An address that was fetched, or refused, once is not asked again.
_ASK_FOR_IMAGES = """
    INSERT INTO catalog_imagedownload (
        id, created_at, updated_at, product_id, url, position, status, detail)
    SELECT gen_random_uuid(), now(), now(), import.product_id, image.url, image.position,
           'pending', ''
    FROM catalog_import AS import
    CROSS JOIN LATERAL unnest(import.image_urls) WITH ORDINALITY AS image (url, position)
    ORDER BY import.line
    ON CONFLICT (product_id, url) DO NOTHING RETURNING id
"""

Found = list[tuple[Any, ...]]


def wait_for_turn() -> None:
    """Wait until no other import is under way; none begins before this transaction ends."""
    run("SELECT pg_advisory_xact_lock(%s, %s)", _ADVISORY_LOCK)


def open_stage() -> None:
    """Make the temporary table, when it is this import's turn."""
    wait_for_turn()
    run(_CREATE)


def stage(rows: Iterable[Sequence[Any]]) -> None:
    with (
        connections[DEFAULT_DB_ALIAS].cursor() as cursor,
        cursor.copy(f"COPY catalog_import ({', '.join(COLUMNS)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def refuse_repeated() -> Found:
    """Drop rows whose SKU an earlier row has; return (line, sku, line of the first)."""
    run("ANALYZE catalog_import")
    return run(_REFUSE_REPEATED)


def find_existing() -> Found:
    """Point rows at what exists; drop and return those priced in another currency than it."""
    run(_FIND_EXISTING)
    return run(_REFUSE_OTHER_CURRENCY)


def refuse_without_stock() -> list[int]:
    """Drop new products whose cell of stock is blank; return their lines."""
    return [line for (line,) in run(_REFUSE_WITHOUT_STOCK)]


def category_paths() -> list[str]:
    return [path for (path,) in run(_CATEGORY_PATHS)]


def brand_names() -> list[str]:
    return [name for (name,) in run(_BRANDS)]


def name_categories(found: Mapping[str, Sequence[UUID]], default: Callable[[], UUID]) -> None:
    """Write the categories of paths, and ``default`` where a new product has no path."""
    arrays = ["{" + ",".join(map(str, ids)) + "}" for ids in found.values()]
    run(_NAME_CATEGORIES, [list(found), arrays])
    if run("SELECT line FROM catalog_import WHERE is_new AND category_path IS NULL LIMIT 1"):
        run(_NAME_DEFAULT_CATEGORY, [default()])


def name_brands(found: Mapping[str, UUID]) -> None:
    run(_NAME_BRANDS, [list(found), list(found.values())])


def ask_for_images() -> int:
    """Note the pictures to be fetched; return how many are new."""
    return len(run(_ASK_FOR_IMAGES))


def stock_of_existing() -> Iterator[Found]:
    """Yield batches of (line, variant, units): rows that give the stock of an existing variant."""
    return batches(_STOCK_OF_EXISTING, 0)


def stock_of_new() -> Iterator[Found]:
    """Yield batches of (line, variant, units): new variants that come with stock."""
    return batches(_STOCK_OF_NEW, 0)


def changed_products() -> Iterator[Found]:
    """Yield batches of the products that were changed, in the order of their keys."""
    return batches(_CHANGED_PRODUCTS, UUID(int=0))


def batches(sql: str, last: Any) -> Iterator[Found]:
    """Yield what ``sql`` selects after ``last``, by its first column, batch by batch."""
    while batch := run(sql, [last, BATCH]):
        yield batch
        last = batch[-1][0]


def mark_changed(lines: Sequence[int]) -> None:
    """Count these rows among those that changed something."""
    run(_MARK_CHANGED, [list(lines)])


def write_existing() -> None:
    """Update variants and products, where they differ; mark the rows that changed something."""
    for statement in (_LOCK_VARIANTS, _LOCK_PRODUCTS, _UPDATE_VARIANTS, _UPDATE_PRODUCTS):
        run(statement)


def write_new() -> int:
    """Insert what is new and return how much that is."""
    run(_NUMBER_SLUGS)
    run(_PART_EQUAL_SLUGS)
    run(_INSERT_PRODUCTS)
    run(_INSERT_VARIANTS)
    run("ANALYZE catalog_product, catalog_productvariant")
    return int(run("SELECT count(*) FROM catalog_import WHERE is_new")[0][0])


def count_existing() -> tuple[int, int]:
    """Return how many rows are about what exists, and how many of them changed it."""
    sql = "SELECT count(*), count(*) FILTER (WHERE is_changed) FROM catalog_import WHERE NOT is_new"
    existing, changed = run(sql)[0]
    return existing, changed


def run(sql: str, parameters: Sequence[Any] = ()) -> Found:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return cursor.fetchall() if cursor.description else []
