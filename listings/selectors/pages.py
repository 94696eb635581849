"""One page of a product list: its summaries, and how many products the list has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

from listings.selectors import documents
from listings.selectors.documents import Query, Shape
from listings.selectors.products import listed_products


@dataclass(frozen=True)
class View:
    """How products are shown: their members, where pictures are, what was searched for."""

    shape: Shape
    media: str
    search: str = ""


@dataclass(frozen=True)
class ProductPage:
    """A JSON array of summaries; ``count`` and ``similar_words`` where they were asked for."""

    documents: bytes
    count: int | None = None
    similar_words: str | None = None


def statement_of(rows: QuerySet[Any], *columns: str) -> Query:
    """Return the statement of these columns of ``rows``, as a part of another one."""
    return Query(*rows.values_list(*columns).query.sql_with_params())


@lru_cache(maxsize=128)
def all_listed(ordering: tuple[str, ...]) -> Query:
    """Return the statement of the ids of all that is listed: compiled once for each ordering.

    Compiling takes longer than PostgreSQL needs for the page.
    """
    return statement_of(listed_products().order_by(*ordering), "id")


_COUNT = "(SELECT count(*) FROM ({rows}) AS listed)"
_PAGE = "SELECT page.documents, {count}, {similar} FROM ({summaries} OFFSET 0) AS page"


def find_page(
    ids: Query,
    view: View,
    *,
    counted: Query | None = None,
    if_empty: Query | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> ProductPage:
    """Return the summaries of the products whose ``ids`` are in this order: one query.

    ``counted`` is the statement of all rows of the list, ``if_empty`` that of the words similar to
    those of a search, which runs when the page is empty.
    """
    count = _COUNT.format(rows=counted.sql) if counted else "NULL"
    similar = f"CASE WHEN page.documents = '' THEN ({if_empty.sql}) END" if if_empty else "NULL"
    summaries = documents.summaries_statement(view.shape, ids.sql)
    sql = _PAGE.format(count=count, similar=similar, summaries=summaries)
    before = [value for part in (counted, if_empty) if part for value in part.parameters]
    with connections[using].cursor() as cursor:
        cursor.execute(sql, (*before, *ids.parameters, view.media, view.search))
        found, total, words = cursor.fetchone()
    return ProductPage(f"[{found}]".encode(), total, words)


def summaries(keys: Sequence[UUID], view: View) -> bytes:
    """Return the summaries of the products with these keys, in their order: one query."""
    return find_page(Query("SELECT unnest(%s::uuid[])", (list(keys),)), view).documents
