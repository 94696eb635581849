"""What must hold of the catalog, for ``manage.py audit``."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit import Discrepancy, identity, rows


@identity("a product's price, compare-at price and currency are its cheapest variant's")
def prices_are_the_cheapest_variants() -> Iterator[Discrepancy]:
    return rows("""
        SELECT product.slug,
               concat_ws(' ', cheapest.price, cheapest.compare_at_price, cheapest.currency),
               concat_ws(' ', product.price, product.compare_at_price, product.currency)
        FROM catalog_product AS product
        JOIN (SELECT DISTINCT ON (product_id) * FROM catalog_productvariant
              WHERE deleted_at IS NULL ORDER BY product_id, price, position, id) AS cheapest
          ON cheapest.product_id = product.id
        WHERE product.deleted_at IS NULL
          AND (product.price, product.compare_at_price, product.currency)
              IS DISTINCT FROM (cheapest.price, cheapest.compare_at_price, cheapest.currency)
    """)


@identity("the latest entry of a variant's price history is what it costs")
def price_history_ends_with_the_price() -> Iterator[Discrepancy]:
    return rows("""
        SELECT variant.sku, concat_ws(' ', variant.price, variant.currency),
               concat_ws(' ', latest.price, latest.currency)
        FROM catalog_productvariant AS variant
        LEFT JOIN (SELECT DISTINCT ON (variant_id) variant_id, price, currency
                   FROM catalog_pricechange ORDER BY variant_id, id DESC) AS latest
          ON latest.variant_id = variant.id
        WHERE (variant.price, variant.currency) IS DISTINCT FROM (latest.price, latest.currency)
    """)


@identity("a living product has a living variant")
def products_have_variants() -> Iterator[Discrepancy]:
    return rows("""
        SELECT slug, 'a variant', 'none' FROM catalog_product AS product
        WHERE deleted_at IS NULL AND NOT EXISTS (
            SELECT FROM catalog_productvariant
            WHERE product_id = product.id AND deleted_at IS NULL)
    """)


@identity("a product is in stock when one of its variants is")
def products_in_stock_have_such_a_variant() -> Iterator[Discrepancy]:
    return rows("""
        SELECT product.slug, coalesce(bool_or(variant.in_stock), false), product.in_stock
        FROM catalog_product AS product
        LEFT JOIN catalog_productvariant AS variant
               ON variant.product_id = product.id AND variant.deleted_at IS NULL
        WHERE product.deleted_at IS NULL
        GROUP BY product.id
        HAVING coalesce(bool_or(variant.in_stock), false) <> product.in_stock
    """)


@identity("the words to search are those of the product, its brand and its codes")
def search_documents_are_current() -> Iterator[Discrepancy]:
    """Compare what triggers kept with what they would write now."""
    return rows("""
        SELECT slug, 'what the product says', 'something else' FROM catalog_product
        WHERE deleted_at IS NULL AND (search_document, search_name) IS DISTINCT FROM
            (catalog_document(name, brand_id, catalog_codes(id), attributes, description),
             catalog_fold(name))
    """)


@identity("a category lies within its parent, one level below")
def categories_lie_within_their_parents() -> Iterator[Discrepancy]:
    return rows("""
        SELECT node.slug,
               concat_ws(' ', 'tree', coalesce(parent.tree_id, node.tree_id),
                         'level', coalesce(parent.level + 1, 0)),
               concat_ws(' ', 'tree', node.tree_id, 'level', node.level, 'from', node.lft,
                         'to', node.rght)
        FROM catalog_category AS node
        LEFT JOIN catalog_category AS parent ON parent.id = node.parent_id
        WHERE node.lft >= node.rght
           OR (node.parent_id IS NULL AND (node.level <> 0 OR node.lft <> 1))
           OR (node.parent_id IS NOT NULL AND NOT (
                node.tree_id = parent.tree_id AND node.level = parent.level + 1
                AND node.lft > parent.lft AND node.rght < parent.rght))
    """)


@identity("the bounds of a category tree are the numbers from 1 on, each once")
def tree_bounds_have_no_gaps() -> Iterator[Discrepancy]:
    return rows("""
        SELECT 'tree ' || tree_id, concat('1 to ', count(*)),
               concat(min(bound), ' to ', max(bound), ', ', count(DISTINCT bound), ' different')
        FROM catalog_category, LATERAL (VALUES (lft), (rght)) AS bounds (bound)
        GROUP BY tree_id
        HAVING min(bound) <> 1 OR max(bound) <> count(*) OR count(DISTINCT bound) <> count(*)
    """)


@identity("a category tree has one root")
def trees_have_one_root() -> Iterator[Discrepancy]:
    return rows("""
        SELECT 'tree ' || tree_id, 1, count(*) FILTER (WHERE parent_id IS NULL)
        FROM catalog_category GROUP BY tree_id
        HAVING count(*) FILTER (WHERE parent_id IS NULL) <> 1
    """)


@identity("a living category is not below a deleted one")
def living_categories_have_living_parents() -> Iterator[Discrepancy]:
    return rows("""
        SELECT node.slug, 'a living parent', 'a deleted one'
        FROM catalog_category AS node JOIN catalog_category AS parent ON parent.id = node.parent_id
        WHERE node.deleted_at IS NULL AND parent.deleted_at IS NOT NULL
    """)


@identity("the branches of a category tree do not overlap")
def branches_do_not_overlap() -> Iterator[Discrepancy]:
    """Find categories that begin inside another one and end outside it."""
    return rows("""
        SELECT node.slug, concat('within ', node.lft, ' to ', node.rght, ', or beside it'),
               concat(other.slug, ' from ', other.lft, ' to ', other.rght)
        FROM catalog_category AS node JOIN catalog_category AS other
          ON other.tree_id = node.tree_id AND other.lft > node.lft AND other.lft < node.rght
             AND other.rght > node.rght
    """)


@identity("a deleted category is alone in a tree of its own")
def deleted_categories_left_the_tree() -> Iterator[Discrepancy]:
    return rows("""
        SELECT node.slug, 'a tree of its own', concat('tree ', node.tree_id)
        FROM catalog_category AS node
        WHERE node.deleted_at IS NOT NULL AND (node.parent_id IS NOT NULL OR EXISTS (
            SELECT FROM catalog_category AS other
            WHERE other.tree_id = node.tree_id AND other.id <> node.id))
    """)


@identity("a living product is filed under a living category")
def products_have_living_categories() -> Iterator[Discrepancy]:
    return rows("""
        SELECT product.slug, 'a living category', category.slug || ', deleted'
        FROM catalog_product AS product
        JOIN catalog_category AS category ON category.id = product.category_id
        WHERE product.deleted_at IS NULL AND category.deleted_at IS NOT NULL
    """)
