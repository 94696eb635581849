"""Ranked full text search over names, brands, codes, attributes and descriptions."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, DecimalField, F, Func, QuerySet, Value

from catalog.models import Product
from catalog.selectors.documents import Query

# Of a common word, so many hits are ranked for a page; ranking reads the words of each.
RANKED_HITS = 2000


class _Query(Func):
    """The search as PostgreSQL understands it, see ``catalog_query`` in migration 0002."""

    function = "catalog_query"


class _CodeQuery(Func):
    function = "catalog_code_query"


class _Fold(Func):
    function = "catalog_fold"


class _Matches(Func):
    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    output_field = BooleanField()


class _Distance(Func):
    """How far a product is from a search, see migration 0005."""

    function = "catalog_distance"
    output_field = DecimalField(max_digits=12, decimal_places=6)


def matching(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Return those of ``products`` that have all words of ``text``, or its whole as a code.

    The last word is taken as a beginning. Each row is annotated with ``distance``, ascending
    from the best: an exact code, then the exact name, then by rank.
    """
    query, words, sought = _Query(Value(text)), F("search_document"), Value(text)
    distance = _Distance(words, F("search_name"), query, _CodeQuery(sought), _Fold(sought))
    return products.filter(_Matches(words, query)).annotate(distance=distance)


_BEST = """
    SELECT hit.id
    FROM ({hits}) AS hit (id, words, name),
         (SELECT catalog_query(%s) AS query, catalog_code_query(%s) AS code,
                 catalog_fold(%s) AS beginning OFFSET 0) AS sought
    ORDER BY catalog_distance(words, name, query, code, beginning), hit.id
"""


def best_first(found: QuerySet[Any], text: str) -> Query:
    """Return the query of the ids of ``found``, the best for ``text`` first.

    The first ``RANKED_HITS`` are looked at.
    """
    hits = found.order_by().values_list("id", "search_document", "search_name")[:RANKED_HITS]
    sql, parameters = hits.query.sql_with_params()
    return Query(_BEST.format(hits=sql), (*parameters, text, text, text))
