"""Names to offer while someone is typing."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connection

from catalog.selectors.spelling import correction
from catalog.selectors.versions import VERSION

# The last word is a beginning; names that begin with the whole come first, popular ones before
# others. Of a very common beginning, the first thousand hits are looked at.
_SUGGESTIONS = f"""
    WITH product AS MATERIALIZED (
      SELECT id, name, slug, row_number() OVER () AS place
      FROM (
        SELECT * FROM (
          SELECT *, starts_with(search_name, catalog_fold(%(meant)s)) AS begins
          FROM catalog_product
          WHERE search_document @@ catalog_query(%(meant)s)
            AND catalog_fold(%(meant)s) <> '' AND deleted_at IS NULL AND is_active
          LIMIT 1000) AS hit
        ORDER BY begins DESC, units_sold DESC, review_count DESC, search_name, id
        LIMIT %(count)s) AS best)
    SELECT {VERSION}, EXISTS (SELECT FROM product), json_build_object(
      'products', coalesce((
        SELECT json_agg(json_build_object('id', id, 'name', name, 'slug', slug) ORDER BY place)
        FROM product), '[]'::json),
      'categories', {{categories}},
      'brands', {{brands}})::text
"""  # noqa: S608 - our own constant
_NAMED = """coalesce((
        SELECT json_agg(json_build_object('id', id, 'name', name, 'slug', slug) ORDER BY name, id)
        FROM (SELECT * FROM (
                SELECT id, name, slug FROM {table}
                WHERE (' ' || catalog_fold(name)) LIKE ANY (ARRAY[
                    '%% ' || nullif(catalog_fold(%(text)s), '') || '%%',
                    '%% ' || nullif(catalog_fold(%(meant)s), '') || '%%'])
                  AND deleted_at IS NULL
                LIMIT 1000) AS hit
              ORDER BY name, id LIMIT %(count)s) AS named), '[]'::json)"""
STATEMENT = _SUGGESTIONS.format(
    categories=_NAMED.format(table="catalog_category"),
    brands=_NAMED.format(table="catalog_brand"),
)


class Suggestions(NamedTuple):
    """What is offered, as JSON, of which catalog version, and whether products are among it."""

    version: str
    has_products: bool
    document: str


def suggestions(text: str, *, count: int) -> Suggestions:
    """Return products, categories and brands for a beginning, ``count`` of each.

    One query; what no product has is taken for mistyped, which takes up to three more.
    """
    found = _offered(text, text, count)
    if not found.has_products and (meant := correction(text).meant):
        return _offered(text, meant, count)
    return found


def _offered(text: str, meant: str, count: int) -> Suggestions:
    parameters: dict[str, Any] = {"text": text, "meant": meant, "count": count}
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, parameters)
        return Suggestions(*cursor.fetchone())
