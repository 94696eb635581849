"""What the catalog's viewsets share."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar, Final
from uuid import UUID

from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from catalog.models import Brand, Category, Product
from catalog.selectors.attributes import Known, known_attributes
from catalog.selectors.former_slugs import Moved, moved_to
from core.api.filters import COMMON_PARAMETERS, ordering_of, refuse_unknown_parameters
from core.api.viewsets import ApiViewSet
from core.errors import NotFound
from listings import selectors
from listings.api.caching import CACHE_CONTROL, Shown, kept_answer
from listings.api.facets import facets_for
from listings.api.filters import ProductFilter, chosen_by
from listings.api.pages import (
    COUNT_SECONDS,
    Listing,
    ProductPagination,
    Search,
    read_page,
    render_page,
    render_rows,
    whole_listing,
)
from listings.selectors.facets import ATTRIBUTE, COLUMNS
from listings.selectors.products import by_key
from listings.selectors.spelling import correction, meant_by

PRODUCT_ORDERINGS = {
    "price": "price",
    "name": "name",
    "created_at": "created_at",
    "rating_average": "rating_average",
    "popularity": "units_sold",
    "stock_quantity": "stock_quantity",
    "relevance": "distance",
}

# As long as a page is kept: a job adds the words of new products to the known ones.
MEANT_SECONDS: Final = 3
_KNOWN = {*ProductFilter.base_filters, "attr.*"}


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

    def parsed(self, serializer_class: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """Return the body as ``serializer_class`` understands it; raise ValidationError."""
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


def product_id(key: str, among: QuerySet[Product]) -> UUID:
    """Return the id of the product ``among`` these with this id or slug; raise NotFound."""
    found = among.filter(by_key(key)).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound("There is no such product.")
    return UUID(str(found))


class ProductListMixin(ApiViewSet):
    """Lists products, with the filters and orderings of the product list."""

    @property
    def default_ordering(self) -> tuple[str, ...]:
        """Best first in a search, newest first elsewhere."""
        return ("distance",) if self.request.query_params.get("search") else ("-created_at",)

    def render_products(self, version: str | None, within: QuerySet[Any] | None = None) -> bytes:
        """Return the page of the listed products, or of those ``within``, that is asked for."""
        return self._render(ProductPagination(version), within)

    def read_products(self) -> Shown | None:
        """Return the page together with the version that it is of.

        None where that has to be known before, for what is remembered by version: the count of
        a narrowed list, what is known of the attributes that it is narrowed by.
        """
        is_searched = bool(self.request.query_params.get("search"))
        if _is_about_attributes(self.request) or not (is_searched or self._is_whole):
            return None
        paginator = ProductPagination()
        return self._render(paginator), paginator.version

    @property
    def _is_whole(self) -> bool:
        return bool(self.request.query_params.keys() <= COMMON_PARAMETERS)

    def _render(self, paginator: ProductPagination, within: QuerySet[Any] | None = None) -> bytes:
        refuse_unknown_parameters(self.request, _KNOWN)
        ordering = tuple(ordering_of(self.request, self))
        if within is None and self._is_whole:
            return render_page(paginator, whole_listing(ordering), self.request)
        products = selectors.listed_products() if within is None else within
        return self._render_filtered(paginator, products, ordering)

    def _render_filtered(
        self, paginator: ProductPagination, products: QuerySet[Any], ordering: tuple[str, ...]
    ) -> bytes:
        """Render what passes the filters; what a search finds nothing for is taken for mistyped."""
        asked = self.request.query_params
        known = _known(paginator.version) if _is_about_attributes(self.request) else {}
        filters = chosen_by(asked, products, known)
        is_walk = "cursor" in asked  # whose pages do not tell whether there is anything
        search = _search(filters.typed, paginator) if is_walk else Search(filters.typed)
        filters.meant = search.meant
        columns = COLUMNS if filters.asks_for_facets else ()
        listing = Listing(filters.qs, ordering, search, columns=columns)
        rows = read_page(paginator, listing, self.request)
        if paginator.alike and (meant := meant_by(paginator.alike)):
            filters.meant = meant
            found, search = filters.passing(products), Search(filters.typed, meant)
            listing = Listing(found, ordering, search, columns=columns)
            rows = read_page(paginator, listing, self.request)
        more = {}
        if filters.asks_for_facets:
            filters.known = known or _known(paginator.version)
            more["facets"] = facets_for(paginator, filters, listing, products)
        return render_rows(paginator, listing, rows, **more)


def _known(version: str | None) -> dict[str, Known]:
    """Return what is defined of attributes, remembered by catalog version."""
    key = f"catalog:{version}:attributes"
    known: dict[str, Known] | None = cache.get(key) if version else None
    if known is None:
        known = known_attributes()
        if version:
            cache.set(key, known, COUNT_SECONDS)
    return known


def _is_about_attributes(request: Request) -> bool:
    return any(name.startswith(ATTRIBUTE) for name in request.query_params)


def _search(typed: str, paginator: ProductPagination) -> Search:
    """Return what is searched for; what was meant is remembered for a moment, by version.

    Where the version is not known yet, finding out what was meant tells it.
    """
    if not typed:
        return Search()
    if paginator.version is None:
        found = correction(typed)
        paginator.learn(found.version)
        return Search(typed, found.meant, is_settled=True)
    digest = hashlib.blake2b(typed.encode(), digest_size=16).hexdigest()
    key = f"catalog:{paginator.version}:meant:{digest}"
    meant: str | None = cache.get(key)
    if meant is None:
        meant = correction(typed).meant or ""
        cache.set(key, meant, MEANT_SECONDS)
    return Search(typed, meant or None, is_settled=True)
