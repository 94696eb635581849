"""What the catalog's viewsets share."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.models import Brand, Category, Product
from catalog.selectors.attributes import KnownAttribute, known_attributes
from catalog.selectors.former_slugs import Moved, moved_to
from core.api.bodies import InputSerializer
from core.api.filters import (
    ordering_of,
    refuse_repeated_parameters,
    refuse_unknown_parameters,
)
from core.api.viewsets import ApiViewSet
from core.errors import NotFound
from listings import selectors
from listings.api.caching import CACHE_CONTROL, kept_answer
from listings.api.facets import facets_of
from listings.api.filters import ProductFilter, parse_filters
from listings.api.pages import (
    COUNT_SECONDS,
    ProductPagination,
    ProductQuery,
    find_products,
    render_products,
    view_of,
)
from listings.selectors.facets import ATTRIBUTE

PRODUCT_ORDERINGS = {
    "price": "price",
    "name": "search_name",
    "created_at": "created_at",
    "rating_average": "rating_average",
    "popularity": "units_sold",
    "stock_quantity": "stock_quantity",
    "relevance": "distance",
}

_KNOWN = {*ProductFilter.base_filters, "attr.*", "option.*"}


class MovedSerializer(serializers.Serializer[Any]):
    """What was found under an address that it had before, and where it is now."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    location = serializers.CharField()


class CatalogViewSet(ApiViewSet):
    """Reads are public and do not look at who is calling.

    Where the part ``address_key`` of the route is a slug that a row of ``addressed`` had before,
    they answer 301.
    """

    addressed: ClassVar[type[Product | Category | Brand]] = Product
    address_key: ClassVar[str] = "key"

    public_actions: ClassVar[frozenset[str]] = frozenset({"list", "retrieve"})
    # Those of them that answer by ``cached_answer``.
    kept_actions: ClassVar[frozenset[str]] = frozenset()
    # Query parameters beside those of the filter set.
    extra_parameters: ClassVar[frozenset[str]] = frozenset()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Give the answer that is kept at once: it is the same for everyone."""
        is_kept = request.method == "GET" and self.action_map.get("get") in self.kept_actions
        if is_kept and (kept := kept_answer(request)) is not None:
            return kept
        return super().dispatch(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        """Find out who is calling where it matters."""
        if self.action not in self.public_actions:
            super().perform_authentication(request)

    def handle_exception(self, exc: Exception) -> Response:
        """Answer an exception; show the way to what is no longer found at this address."""
        key = self.kwargs.get(self.address_key)
        is_lost = isinstance(exc, NotFound) and self.request.method in {"GET", "HEAD"}
        if is_lost and key and (moved := moved_to(self.addressed, key)):
            return self._show_the_way(moved)
        return super().handle_exception(exc)

    def _show_the_way(self, moved: Moved) -> Response:
        match = self.request._request.resolver_match
        assert match is not None  # noqa: S101 - a view was found
        location = reverse(match.view_name, kwargs={**match.kwargs, self.address_key: moved.slug})
        if query := self.request.META.get("QUERY_STRING"):
            location += f"?{query}"
        # To be asked again each time: something new may take the old address.
        headers = {"Location": location, "Cache-Control": CACHE_CONTROL}
        body = {"id": str(moved.id), "slug": moved.slug, "location": location}
        return Response(body, status=301, headers=headers)

    def validated(self, serializer_class: type[InputSerializer[Any]]) -> Any:
        """Return the body as ``serializer_class`` understands it; raise ValidationError."""
        return self.parsed(serializer_class)


class ProductListMixin(ApiViewSet):
    """Lists products, with the filters and orderings of the product list."""

    @property
    def default_ordering(self) -> tuple[str, ...]:
        """Best first in a search, newest first elsewhere."""
        return ("distance",) if self.request.query_params.get("search") else ("-created_at",)

    def render_products(
        self,
        version: str | None,
        within: QuerySet[Any] | None = None,
        known: frozenset[str] = frozenset(),
    ) -> bytes:
        """Return the page of the listed products, or of those ``within``, that is asked for.

        ``known`` are parameters that the caller of this has understood.
        """
        asked = self.request.query_params
        refuse_unknown_parameters(self.request, _KNOWN | known)
        refuse_repeated_parameters(self.request, ProductFilter.base_filters)
        is_about_attributes = any(name.startswith(ATTRIBUTE) for name in asked)
        attributes = _attributes(version) if is_about_attributes else {}
        filters = parse_filters(asked, attributes)
        query = ProductQuery(
            products=selectors.listed_products() if within is None else within,
            is_everything=within is None and filters.is_empty,
            filters=filters,
            ordering=tuple(ordering_of(self.request, self)),
            view=view_of(self.request, filters.typed),
        )
        paginator = ProductPagination(version)
        paginator.open(self.request)
        query, page = find_products(query, paginator)
        more = {}
        if filters.asks_for_facets:
            attributes = attributes or _attributes(version)
            more["facets"] = facets_of(query, filters, self.request, attributes, version)
        return render_products(query, page, paginator, **more)


def _attributes(version: str | None) -> dict[str, KnownAttribute]:
    """Return what is defined of attributes, cached by catalog version."""
    key = f"catalog:{version}:attributes"
    known: dict[str, KnownAttribute] | None = cache.get(key) if version else None
    if known is None:
        known = known_attributes()
        if version:
            cache.set(key, known, COUNT_SECONDS)
    return known
