"""Names to offer while someone is typing."""

from __future__ import annotations

from typing import Any

from django.db import connection

from catalog.selectors.spelling import readings

# The last word is a beginning; names that begin with the whole come first, popular ones before
# others. Of a very common beginning, the first thousand hits are looked at.
_SUGGESTIONS = """
    WITH sought AS MATERIALIZED (
      SELECT coalesce(catalog_first_found(%(readings)s::text[]), catalog_fold(%(text)s)) AS text)
    SELECT json_build_object(
      'products', coalesce((
        SELECT json_agg(json_build_object('id', id, 'name', name, 'slug', slug)
                        ORDER BY begins DESC, units_sold DESC, review_count DESC, search_name, id)
        FROM (
          SELECT *, starts_with(search_name, (SELECT text FROM sought)) AS begins
          FROM (SELECT * FROM catalog_product
                WHERE search_document @@ catalog_query((SELECT text FROM sought))
                  AND (SELECT text FROM sought) <> ''
                  AND deleted_at IS NULL AND is_active
                LIMIT 1000) AS hit
          ORDER BY begins DESC, units_sold DESC, review_count DESC, search_name, id
          LIMIT %(count)s) AS product), '[]'::json),
      'categories', coalesce((
        SELECT json_agg(json_build_object('id', id, 'name', name, 'slug', slug) ORDER BY name, id)
        FROM (SELECT * FROM catalog_category
              WHERE ' ' || catalog_fold(name) LIKE ANY (ARRAY[
                  '%% ' || nullif(catalog_fold(%(text)s), '') || '%%',
                  '%% ' || nullif((SELECT text FROM sought), '') || '%%'])
                AND deleted_at IS NULL
              ORDER BY name, id LIMIT %(count)s) AS category), '[]'::json),
      'brands', coalesce((
        SELECT json_agg(json_build_object('id', id, 'name', name, 'slug', slug) ORDER BY name, id)
        FROM (SELECT * FROM catalog_brand
              WHERE ' ' || catalog_fold(name) LIKE ANY (ARRAY[
                  '%% ' || nullif(catalog_fold(%(text)s), '') || '%%',
                  '%% ' || nullif((SELECT text FROM sought), '') || '%%'])
                AND deleted_at IS NULL
              ORDER BY name, id LIMIT %(count)s) AS brand), '[]'::json))::text
"""


def suggestions(text: str, *, count: int) -> tuple[bytes, str]:
    """Return products, categories and brands for a beginning, ``count`` of each, as JSON.

    And the catalog version that they are of. What no product has is taken for mistyped. Two
    queries.
    """
    possible = readings(text)
    parameters: dict[str, Any] = {"text": text, "readings": possible.texts, "count": count}
    with connection.cursor() as cursor:
        cursor.execute(_SUGGESTIONS, parameters)
        return str(cursor.fetchone()[0]).encode(), possible.version
