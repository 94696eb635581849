"""Ranked full text search over names, brands, codes, attributes and descriptions."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, DecimalField, F, Func, QuerySet, Value
from django.db.models.functions import Cast

from catalog.models import Product
from listings.selectors.documents import Query

# Of a common word, so many hits are ranked for a page; ranking reads the words of each.
RANKED_HITS = 2000


class _Once(Func):
    """A function that is called once when the statement runs, not while it is planned.

    A plan that depends on what is searched for is made anew each time, which takes longer than
    the search.
    """

    template = "(SELECT %(function)s(%(expressions)s))"


class _Query(_Once):
    """The search as PostgreSQL understands it, see ``database/catalog_query.sql``."""

    function = "catalog_query"


class _CodeQuery(_Once):
    function = "catalog_code_query"


class _Fold(_Once):
    function = "catalog_fold"


class _Matches(Func):
    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    output_field = BooleanField()


class _Distance(Func):
    """How far a product is from a search, see ``database/catalog_distance.sql``."""

    function = "catalog_distance"
    output_field = DecimalField(max_digits=12, decimal_places=6)


def matching(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Return those of ``products`` that have all words of ``text``, or its whole as a code.

    The last word is taken as a beginning.
    """
    return products.filter(_Matches(F("search_document"), _Query(Value(text))))


def ranked(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Annotate each row with its ``distance`` from ``text``, ascending from the best.

    An exact code comes first, then the exact name, then by rank. Without a text all are alike.
    """
    if not text:
        return products.annotate(
            distance=Cast(Value(0), DecimalField(max_digits=12, decimal_places=6))
        )
    query, words, sought = _Query(Value(text)), F("search_document"), Value(text)
    distance = _Distance(words, F("search_name"), query, _CodeQuery(sought), _Fold(sought))
    return products.annotate(distance=distance)


_BEST = """
    SELECT hit.id
    FROM ({hits}) AS hit (id, words, name),
         (SELECT catalog_query(%s) AS query, catalog_code_query(%s) AS code,
                 catalog_fold(%s) AS beginning OFFSET 0) AS sought
    ORDER BY catalog_distance(words, name, query, code, beginning), hit.id
"""


def hits_of(found: QuerySet[Any], *more: str) -> Query:
    """Return the query of the ids of ``found``, what they are ranked by, and ``more`` columns."""
    hits = found.order_by().values_list("id", "search_document", "search_name", *more)
    return Query(*hits.query.sql_with_params())


def best_first(hits: Query, text: str) -> Query:
    """Return the query of the ids of ``hits``, the best for ``text`` first.

    The first ``RANKED_HITS`` are looked at.
    """
    sql = _BEST.format(hits=f"{hits.sql} LIMIT {RANKED_HITS}")
    return Query(sql, (*hits.parameters, text, text, text))
