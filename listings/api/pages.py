"""Pages of public lists, rendered by PostgreSQL and counted once for each catalog version."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import orjson
from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from rest_framework.request import Request

from core.api.addresses import media_address
from core.api.filters import order_of
from core.api.pagination import PageOrCursorPagination
from core.api.shaping import names_in, refuse_unknown
from listings import selectors
from listings.api import examples
from listings.selectors import documents, pages, search, spelling
from listings.selectors.documents import Query, Shape
from listings.selectors.versions import VERSION

# What does not change which rows a list has.
_SHAPING = {"page", "page_size", "cursor", "ordering", "fields", "expand", "format", "facets"}
COUNT_SECONDS = 600


def _counted(**properties: Any) -> dict[str, Any]:
    """Return the schema of a facet: its ``properties`` and how many products have them."""
    properties["count"] = {"type": "integer"}
    row = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "array", "items": row}


_TEXT = {"type": "string"}
_LINK = {"id": {"type": "string", "format": "uuid"}, "name": _TEXT, "slug": _TEXT}
FACETS: dict[str, Any] = {
    "type": "object",
    "description": "With `facets=true`: how many products each further choice would leave. A "
    "facet is counted with all filters but its own; categories count what is below them. Of more "
    "than 10,000 products the first are counted, and `approximate` is true.",
    "required": ["category", "brand", "price", "attributes", "approximate"],
    "properties": {
        "category": _counted(
            **_LINK,
            parent={"type": ["string", "null"], "format": "uuid"},
            level={"type": "integer"},
        ),
        "brand": _counted(**_LINK),
        "price": _counted(
            min=_TEXT,
            max={"type": ["string", "null"]},
            currency=_TEXT,
        ),
        "attributes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "label", "types", "values"],
                "properties": {
                    "name": _TEXT,
                    "label": _TEXT,
                    "types": {"type": "array", "items": _TEXT},
                    "values": _counted(
                        value={"oneOf": [_TEXT, {"type": "number"}, {"type": "boolean"}]},
                    ),
                },
            },
        },
        "approximate": {"type": "boolean"},
    },
}


class CatalogPagination(PageOrCursorPagination):
    """Remembers the number of rows by catalog version and filters."""

    # The products that are shown, where it is products.
    listing: Listing | None = None
    # What a search that finds nothing may have meant, for ``meant_by``.
    alike: str | None = None

    def __init__(self, version: str | None = None) -> None:
        self.version = version

    def learn(self, version: str | None) -> None:
        """Take note of the version that a page was read at; inside a transaction there is none."""
        if not connection.in_atomic_block:
            self.version = self.version or version

    def walk(
        self,
        queryset: QuerySet[Any],
        order: list[str],
        position: Sequence[Any] | None,
        *,
        backwards: bool,
    ) -> list[Any]:
        """Return the rows after a position; of the whole list by a statement that is made once."""
        if self.listing is None or not self.listing.is_whole:
            return super().walk(queryset, order, position, backwards=backwards)
        most = self.size + 1
        return pages.walk(self.listing.rows, position=position, backwards=backwards, most=most)

    def count_of(self, queryset: QuerySet[Any]) -> int:
        """Return how many rows the list has: exact, since every change makes a new version."""
        count = self.remembered()
        if count is None:
            count = super().count_of(queryset)
            self.remember(count)
        return count

    def remembered(self) -> int | None:
        """Return the number of rows, if it has been counted at this version."""
        if self.version is None:
            return None
        count: int | None = cache.get(self._key())
        return count

    def remember(self, count: int) -> None:
        """Keep the number of rows for other pages of the list."""
        if self.version is not None:
            cache.set(self._key(), count, COUNT_SECONDS)

    def _key(self) -> str:
        meant = self.listing.search.meant if self.listing else None
        return f"catalog:{self.version}:count:{filters_of(self.request, meant or '')}"


class ProductPagination(CatalogPagination):
    """Pages of products, with what a search or ``?facets=true`` adds to them."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe the list document for OpenAPI."""
        described = super().get_paginated_response_schema(schema)
        described["properties"]["did_you_mean"] = {
            "type": "string",
            "description": "What was searched for instead, since nothing has the words of "
            "`search` as they are. Absent otherwise.",
            "example": "harry potter",
        }
        described["properties"]["facets"] = {"allOf": [FACETS], "example": examples.FACETS}
        return described


def filters_of(request: Request, meant: str = "") -> str:
    """Return a key for the rows that ``request`` asks for, whatever page and shape of them.

    ``meant`` is what is searched for instead of what was typed.
    """
    filters = sorted(
        (name, values) for name, values in request.query_params.lists() if name not in _SHAPING
    )
    named = orjson.dumps([request.path, filters, meant])
    return hashlib.blake2b(named, digest_size=16).hexdigest()


@dataclass(frozen=True)
class Search:
    """What someone searches for, and what they will have meant by it."""

    typed: str = ""
    meant: str | None = None
    # Whether it is known already what was meant.
    is_settled: bool = False

    @property
    def text(self) -> str:
        """What is searched for."""
        return self.meant or self.typed

    @property
    def alike(self) -> Query | None:
        """The query of what else may have been typed, where that has not been found out yet."""
        is_open = self.typed and not self.meant and not self.is_settled
        return spelling.alike(self.typed) if is_open else None


@dataclass(frozen=True)
class Listing:
    """The products ``found``, in an ``ordering`` (their own when it is empty).

    ``is_whole``: nothing is filtered out but what the public may not see. ``columns`` are read of
    the hits of a search beside those that a page needs.
    """

    found: QuerySet[Any]
    ordering: tuple[str, ...] = ()
    search: Search = Search()
    is_whole: bool = False
    columns: tuple[str, ...] = ()

    @cached_property
    def products(self) -> QuerySet[Any]:
        """The products in their order."""
        if not self.ordering:
            return self.found
        is_ranked = "distance" in {column.removeprefix("-") for column in self.ordering}
        rows = search.ranked(self.found, self.search.text) if is_ranked else self.found
        return rows.order_by(*self.ordering)

    @cached_property
    def rows(self) -> pages.Rows:
        """The statement of the products, in no order, with the columns that they are ordered by."""
        order = tuple(order_of(self.products))
        names = ("id", *(key.removeprefix("-") for key in order), "stock_quantity")
        columns = tuple(dict.fromkeys(names))
        statement = self.products.order_by().values_list(*columns).query.sql_with_params()
        return pages.Rows(Query(*statement), columns, order)

    @cached_property
    def hits(self) -> Query:
        """The statement of the products, in no order, with what they are ranked by."""
        return search.hits_of(self.found, *self.columns)

    @property
    def counted(self) -> Query:
        """The statement whose rows are counted: one that is needed anyway."""
        return self.hits if self.is_best_first else self.rows.query

    @property
    def is_best_first(self) -> bool:
        """Whether it is what a search found, by relevance."""
        return bool(self.search.typed) and self.ordering == ("distance", "id")


@lru_cache(maxsize=64)
def whole_listing(ordering: tuple[str, ...]) -> Listing:
    """Return all that the public sees in an order: the same for everyone, so built once."""
    return Listing(selectors.listed_products(), ordering, is_whole=True)


def render_page(paginator: CatalogPagination, listing: Listing, request: Request) -> bytes:
    """Return the list document of the page of ``listing`` that ``request`` asks for."""
    return render_rows(paginator, listing, read_page(paginator, listing, request))


def read_page(
    paginator: CatalogPagination, listing: Listing, request: Request
) -> Sequence[pages.Row]:
    """Return the products of the page of ``listing`` that ``request`` asks for.

    A paginator without a version, outside of a transaction, learns it from the statement that
    reads the page. From an empty page it learns what a search may have meant.
    """
    paginator.open(request)
    paginator.listing = listing
    find = _page_at_cursor if paginator.by_cursor else _numbered_page
    return find(paginator, listing)


def render_rows(
    paginator: CatalogPagination, listing: Listing, rows: Sequence[pages.Row], **more: Any
) -> bytes:
    """Return the list document of a page that was read; ``more`` are further members of it."""
    rendering = _rendering(listing, paginator.request)
    found = pages.summaries(rows, version=paginator.version, **rendering)
    if listing.search.meant:
        more["did_you_mean"] = listing.search.meant
    return orjson.dumps(paginator.envelope(orjson.Fragment(found)) | more)


def _page_at_cursor(paginator: CatalogPagination, listing: Listing) -> Sequence[pages.Row]:
    products = listing.products
    if not listing.is_whole:
        versioned = products.annotate(version=RawSQL(VERSION, []))  # noqa: S611 - our own constant
        products = versioned.values(*listing.rows.columns, "version")
    rows = paginator.paginate_queryset(products, paginator.request)
    paginator.learn(rows[0]["version"] if rows else None)
    return [(str(row["id"]), int(row["stock_quantity"])) for row in rows]


def _numbered_page(paginator: CatalogPagination, listing: Listing) -> Sequence[pages.Row]:
    start = paginator.start()
    known = None if listing.is_whole else paginator.remembered()
    is_counted = listing.is_whole or known is not None
    found = pages.find(
        _page(paginator, listing, start),
        counted=None if is_counted else listing.counted,
        with_version=paginator.version is None,
        otherwise=listing.search.alike,
    )
    paginator.learn(found.version)
    paginator.alike = found.otherwise
    if listing.is_whole:
        paginator.count = pages.listed(paginator.version, lambda: paginator.count_of(listing.found))
    elif known is not None:
        paginator.count = known
    else:
        paginator.count = found.count or 0
        paginator.remember(paginator.count)
    return found.rows


def _page(paginator: CatalogPagination, listing: Listing, start: int) -> pages.Page:
    """Return the page; one of the best hits of a search is looked for among the first hits."""
    if listing.is_best_first and start + paginator.size <= search.RANKED_HITS:
        best = search.best_first(listing.hits, listing.search.text)
        return pages.Page(best, start, paginator.size)
    return pages.Page(pages.ordered_ids(listing.rows), start, paginator.size)


def _rendering(listing: Listing, request: Request) -> dict[str, Any]:
    return {
        "media": media_address(request),
        "shape": shape_of(request, documents.SUMMARY_FIELDS, documents.SUMMARY_EXPANSIONS),
        "sought": listing.search.text,
    }


def shape_of(request: Request, fields: tuple[str, ...], expansions: tuple[str, ...]) -> Shape:
    """Return what ``?fields=`` and ``?expand=`` ask for; raise ValidationError for the unknown."""
    if "fields" not in request.query_params and "expand" not in request.query_params:
        return Shape()
    only, expand = names_in(request, "fields"), names_in(request, "expand")
    refuse_unknown("expand", expand, list(expansions))
    refuse_unknown("fields", only, list(dict.fromkeys([*fields, *expand])))
    return Shape(tuple(only), frozenset(expand))
