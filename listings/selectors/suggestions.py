"""Names to offer while someone is typing."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.db import connection

from listings.selectors.spelling import correction_of

MOST: Final = 8  # of each kind

# The last word is a beginning; names that begin with the whole come first, popular ones before
# others. Of a very common beginning, the first thousand hits are looked at. What is sought is
# worked out when the statement runs, so that one plan serves all: making one takes longer.
_SUGGESTIONS = """
    WITH sought AS MATERIALIZED (
      SELECT catalog_fold(meant) AS text, catalog_query(meant) AS query,
             ARRAY['%% ' || nullif(catalog_fold(typed), '') || '%%',
                   '%% ' || nullif(catalog_fold(meant), '') || '%%'] AS words
      FROM (SELECT %s::text AS typed, %s::text AS meant OFFSET 0) AS asked),
    product AS MATERIALIZED (
      SELECT id, name, slug, row_number() OVER () AS place
      FROM (
        SELECT * FROM (
          SELECT *, starts_with(search_name, (SELECT text FROM sought)) AS begins
          FROM catalog_product
          WHERE search_document @@ (SELECT query FROM sought)
            AND (SELECT text FROM sought) <> '' AND deleted_at IS NULL AND is_active
          LIMIT 1000) AS hit
        ORDER BY begins DESC, units_sold DESC, review_count DESC, search_name, id
        LIMIT {most}) AS best)
    SELECT EXISTS (SELECT FROM product), json_build_object(
      'products', coalesce((
        SELECT json_agg(json_build_object('id', id, 'name', name, 'slug', slug) ORDER BY place)
        FROM product), '[]'::json),
      'categories', {categories},
      'brands', {brands})::text
"""
_NAMED = """coalesce((
        SELECT json_agg(json_build_object('id', id, 'name', name, 'slug', slug) ORDER BY name, id)
        FROM (SELECT * FROM (
                SELECT id, name, slug FROM {table}
                WHERE (' ' || catalog_fold(name)) LIKE ANY ((SELECT words FROM sought)::text[])
                  AND deleted_at IS NULL
                LIMIT 1000) AS hit
              ORDER BY name, id LIMIT {most}) AS named), '[]'::json)"""
STATEMENT = _SUGGESTIONS.format(
    most=MOST,
    categories=_NAMED.format(table="catalog_category", most=MOST),
    brands=_NAMED.format(table="catalog_brand", most=MOST),
)


class Suggestions(NamedTuple):
    """What is offered, as JSON, and whether products are among it."""

    has_products: bool
    document: str


def suggestions(text: str) -> Suggestions:
    """Return products, categories and brands for a beginning, ``MOST`` of each.

    One query; what no product has is taken for mistyped, which takes up to three more.
    """
    found = _offered(text, text)
    if not found.has_products and (meant := correction_of(text)):
        return _offered(text, meant)
    return found


def _offered(typed: str, meant: str) -> Suggestions:
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, (typed, meant))
        return Suggestions(*cursor.fetchone())
