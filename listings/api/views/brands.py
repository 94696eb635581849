"""Brands over HTTP."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar
from uuid import UUID

import orjson
from django.db.models import QuerySet
from django.http import HttpResponse
from django_filters import CharFilter, FilterSet
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import services
from catalog.models import Brand
from catalog.services.brands import (
    CREATE_BRAND_ERRORS,
    DELETE_BRAND_ERRORS,
    UPDATE_BRAND_ERRORS,
)
from core.api.access import anyone, machine, role
from core.api.filters import refuse_unknown_parameters
from core.api.renderers import JSONRenderer
from core.api.schema import IF_MATCH, operation
from listings.api import examples
from listings.api.caching import cached_answer
from listings.api.pages import CatalogPagination
from listings.api.serializers.categories import (
    BrandSerializer,
    CreateBrandSerializer,
    ReplaceBrandSerializer,
    UpdateBrandSerializer,
)
from listings.api.views.bases import CatalogViewSet, MovedSerializer
from listings.api.views.products import KEY
from listings.selectors.lookups import brand_at, living_brands

SECONDS = 300  # nothing here changes without a new version
COLUMNS = ("id", "name", "slug", "description")


class BrandFilter(FilterSet):
    """The filters of the brand list."""

    search = CharFilter("name", "icontains", max_length=100, label="Part of the name.")

    class Meta:
        model = Brand
        fields: tuple[str, ...] = ()


class BrandViewSet(CatalogViewSet):
    """Who makes or publishes products."""

    access: ClassVar = {
        "list": anyone,
        "retrieve": anyone,
        "create": role("catalog.add_brand") | machine("catalog:write"),
        "update": role("catalog.change_brand") | machine("catalog:write"),
        "partial_update": role("catalog.change_brand") | machine("catalog:write"),
        "destroy": role("catalog.delete_brand") | machine("catalog:write"),
    }
    addressed = Brand
    queryset = Brand.objects.none()
    kept_actions: ClassVar = frozenset({"list", "retrieve"})
    serializer_class = BrandSerializer
    filterset_class = BrandFilter
    pagination_class = CatalogPagination
    orderings: ClassVar = {"name": "name"}
    default_ordering: ClassVar = ("name",)
    lookup_field = "key"
    lookup_value_regex = "[^/]+"

    @operation("List brands", response=BrandSerializer(many=True), example=[examples.BRAND])
    def list(self, request: Request) -> HttpResponse:
        """Brands by name."""
        return cached_answer(request, self._render_list, seconds=SECONDS)

    def _render_list(self, version: str | None) -> bytes:
        paginator = CatalogPagination(version)
        brands: QuerySet[Any] = self.filter_queryset(living_brands())
        rows = paginator.paginate_queryset(brands.values(*COLUMNS), self.request, self)
        return orjson.dumps(paginator.envelope(rows))

    @operation(
        "Show a brand",
        response=BrandSerializer,
        example=examples.BRAND,
        moved=MovedSerializer,
        parameters=[KEY],
    )
    def retrieve(self, request: Request, key: str) -> HttpResponse:
        """A brand by id or slug."""
        refuse_unknown_parameters(request, set())
        return cached_answer(
            request, lambda _version: self._document(brand_at(key)), seconds=SECONDS
        )

    @operation(
        "Create a brand",
        request=CreateBrandSerializer,
        response=BrandSerializer,
        status=201,
        example=examples.BRAND,
        request_example={"name": "Gollancz"},
        errors=CREATE_BRAND_ERRORS,
    )
    def create(self, request: Request) -> Response:
        """Names are unique among the brands there are."""
        brand = services.create_brand(fields=self.validated(CreateBrandSerializer))
        headers = {"Location": f"/api/v1/brands/{brand.pk}/"}
        return Response(self.represent(brand), status=201, headers=headers)

    @operation(
        "Replace a brand",
        request=ReplaceBrandSerializer,
        response=BrandSerializer,
        example=examples.BRAND,
        request_example={"name": "Gollancz", "description": "Founded in London in 1927."},
        errors=UPDATE_BRAND_ERRORS,
        parameters=[KEY, IF_MATCH],
    )
    def update(self, request: Request, key: str) -> Response:
        """Set the whole brand; what is not sent falls back to its default."""
        return self._update(key, self.validated(ReplaceBrandSerializer))

    @operation(
        "Change a brand",
        request=UpdateBrandSerializer,
        response=BrandSerializer,
        example=examples.BRAND,
        request_example={"description": "Founded in London in 1927."},
        errors=UPDATE_BRAND_ERRORS,
        parameters=[KEY, IF_MATCH],
    )
    def partial_update(self, request: Request, key: str) -> Response:
        """Change what is sent; the search follows a new name at once."""
        return self._update(key, self.validated(UpdateBrandSerializer))

    def _update(self, key: str, changes: Any) -> Response:
        brand_id: UUID = brand_at(key).pk
        with self.matched(partial(services.lock_brand, brand_id=brand_id)):
            brand = services.update_brand(brand_id=brand_id, changes=changes)
        return Response(self.represent(brand))

    @operation("Delete a brand", status=204, errors=DELETE_BRAND_ERRORS, parameters=[KEY, IF_MATCH])
    def destroy(self, request: Request, key: str) -> Response:
        """Only a brand that no product carries can go."""
        brand_id: UUID = brand_at(key).pk
        with self.matched(partial(services.lock_brand, brand_id=brand_id)):
            services.delete_brand(brand_id=brand_id)
        return Response(status=204)

    def _document(self, brand: Brand) -> bytes:
        return JSONRenderer().render(self.represent(brand))
