"""Product lists: what is asked for, the page of it that is found, and the answer made of that."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import orjson
from django.core.cache import cache
from django.db.models import QuerySet
from rest_framework.request import Request

from core.api.addresses import media_address
from core.api.filters import order_of
from core.api.pagination import PageOrCursorPagination
from core.api.shaping import names_in, refuse_unknown
from listings.api import examples
from listings.api.filters import ProductFilter
from listings.selectors import documents, pages, search, spelling
from listings.selectors.documents import Query, Shape
from listings.selectors.pages import ProductPage, View

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
    "required": ["category", "brand", "price", "attributes", "options", "approximate"],
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
        "options": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "values"],
                "properties": {"name": _TEXT, "values": _counted(value=_TEXT)},
            },
        },
        "approximate": {"type": "boolean"},
    },
}


class CatalogPagination(PageOrCursorPagination):
    """Counts the rows of a list once for each catalog version; None: inside a transaction."""

    def __init__(self, version: str | None = None) -> None:
        self.version = version

    def count_of(self, queryset: QuerySet[Any]) -> int:
        """Return how many rows the list has: exact, since every change makes a new version."""
        key = count_key(self.version, self.request)
        count: int | None = cache.get(key) if self.version else None
        if count is None:
            count = super().count_of(queryset)
            if self.version:
                cache.set(key, count, COUNT_SECONDS)
        return count


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


def filters_of(request: Request, text: str = "") -> str:
    """Return a key for the rows that ``request`` asks for, whatever page and shape of them.

    ``text`` is what is searched for, where that is not what was typed.
    """
    filters = sorted(
        (name, values) for name, values in request.query_params.lists() if name not in _SHAPING
    )
    named = orjson.dumps([request.path, filters, text])
    return hashlib.blake2b(named, digest_size=16).hexdigest()


def count_key(version: str | None, request: Request, text: str = "") -> str:
    """Return the key under which the length of a list is cached."""
    return f"catalog:{version}:count:{filters_of(request, text)}"


@dataclass(frozen=True)
class ProductQuery:
    """What a request asks of a product list.

    ``products`` are filtered by ``filters`` and come in ``ordering``, their own when it is empty.
    ``is_everything``: they are all that is listed, unfiltered. ``correction`` is what is searched
    for instead of what was typed, which nothing has.
    """

    products: QuerySet[Any]
    view: View
    is_everything: bool = False
    filters: ProductFilter | None = None
    ordering: tuple[str, ...] = ()
    correction: str | None = None

    @property
    def typed(self) -> str:
        return self.filters.typed if self.filters else ""

    @property
    def text(self) -> str:
        return self.correction or self.typed

    @property
    def found(self) -> QuerySet[Any]:
        """The products that pass all filters, in no order."""
        return self.filters.passing(self.products, self.text) if self.filters else self.products

    @property
    def is_ranked(self) -> bool:
        return "distance" in {column.removeprefix("-") for column in self.ordering}

    @property
    def ordered(self) -> QuerySet[Any]:
        if not self.ordering:
            return self.found
        rows = search.ranked(self.found, self.text) if self.is_ranked else self.found
        return rows.order_by(*self.ordering)

    def corrected(self, correction: str | None) -> ProductQuery:
        """Return the query that searches for ``correction``, if there is one."""
        if not correction:
            return self
        return replace(self, correction=correction, view=replace(self.view, search=correction))


def find_products(
    query: ProductQuery, paginator: CatalogPagination
) -> tuple[ProductQuery, ProductPage]:
    """Return the page that ``paginator`` was opened for, and the query that found it.

    What a search finds nothing for is taken for mistyped. One query, two more where that is so.
    By cursor two queries, and up to two to find out whether it is.
    """
    if paginator.by_cursor:
        if query.typed:
            query = query.corrected(spelling.correction_of(query.typed))
        rows = query.ordered
        columns = {"id", *(key.removeprefix("-") for key in order_of(rows))}
        walked = paginator.paginate_queryset(rows.values(*columns), paginator.request)
        keys = [row["id"] for row in walked]
        return query, ProductPage(pages.summaries(keys, query.view) if keys else b"[]")
    page = _numbered_page(query, paginator)
    if page.similar_words and (correction := spelling.correction_from(page.similar_words)):
        query = query.corrected(correction)
        page = _numbered_page(query, paginator)
    return query, page


def _numbered_page(query: ProductQuery, paginator: CatalogPagination) -> ProductPage:
    """Count what is not counted at this version, and write ``paginator.count``: one query.

    A page of the best hits of a search is looked for among the first hits.
    """
    start, size = paginator.start(), paginator.size
    key = count_key(paginator.version, paginator.request, query.correction or "")
    count: int | None = cache.get(key) if paginator.version else None
    if is_best_first(query) and start + size <= search.RANKED_HITS:
        best = search.best_first(search.hits_of(query.found), query.text)
        ids = Query(f"{best.sql} LIMIT {size:d} OFFSET {start:d}", best.parameters)
    elif query.is_everything and not query.is_ranked:
        whole = pages.all_listed(query.ordering)
        ids = Query(f"{whole.sql} LIMIT {size:d} OFFSET {start:d}", whole.parameters)
    else:
        ids = pages.statement_of(query.ordered[start : start + size], "id")
    page = pages.find_page(
        ids,
        query.view,
        counted=pages.statement_of(query.found.order_by(), "id") if count is None else None,
        if_empty=spelling.similar_words(query.typed)
        if query.typed and not query.correction
        else None,
    )
    if count is None:
        count = page.count or 0
        if paginator.version:
            cache.set(key, count, COUNT_SECONDS)
    paginator.count = count
    return page


def is_best_first(query: ProductQuery) -> bool:
    """Whether it is what a search found, by relevance."""
    return bool(query.typed) and query.ordering == ("distance", "id")


def render_products(
    query: ProductQuery, page: ProductPage, paginator: CatalogPagination, **more: Any
) -> bytes:
    """Return the list document; ``more`` are further members of it."""
    if query.correction:
        more["did_you_mean"] = query.correction
    return orjson.dumps(paginator.envelope(orjson.Fragment(page.documents)) | more)


def view_of(request: Request, text: str = "") -> View:
    """Return how ``request`` wants products shown; raise ValidationError for what is unknown."""
    shape = shape_of(request, documents.SUMMARY_FIELDS, documents.SUMMARY_EXPANSIONS)
    return View(shape, media_address(request), text)


def shape_of(request: Request, fields: tuple[str, ...], expansions: tuple[str, ...]) -> Shape:
    """Return what ``?fields=`` and ``?expand=`` ask for; raise ValidationError for the unknown."""
    if "fields" not in request.query_params and "expand" not in request.query_params:
        return Shape()
    only, expand = names_in(request, "fields"), names_in(request, "expand")
    refuse_unknown("expand", expand, list(expansions))
    refuse_unknown("fields", only, list(dict.fromkeys([*fields, *expand])))
    return Shape(tuple(only), frozenset(expand))
