"""Categories over HTTP."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

import orjson
from django.db.models import QuerySet
from django.http import HttpResponse
from django_filters import CharFilter, FilterSet, NumberFilter
from drf_spectacular.utils import OpenApiParameter
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import services
from catalog.models import Category, Product
from catalog.services.categories import (
    CREATE_CATEGORY_ERRORS,
    DELETE_CATEGORY_ERRORS,
    MOVE_CATEGORY_ERRORS,
    UPDATE_CATEGORY_ERRORS,
)
from core.api.access import anyone, machine, role
from core.api.addresses import media_address
from core.api.filters import refuse_unknown_parameters
from core.api.schema import IF_MATCH, operation
from listings import selectors
from listings.api import examples
from listings.api.caching import cached_answer
from listings.api.filters import ProductFilter
from listings.api.pages import CatalogPagination, ProductPagination
from listings.api.serializers.categories import (
    CategoryImageSerializer,
    CategoryNodeSerializer,
    CategorySerializer,
    CreateCategorySerializer,
    MoveCategorySerializer,
    ReassignSerializer,
    ReplaceCategorySerializer,
    UpdateCategorySerializer,
)
from listings.api.serializers.products import ProductSummarySerializer
from listings.api.views.bases import (
    PRODUCT_ORDERINGS,
    CatalogViewSet,
    MovedSerializer,
    ProductListMixin,
)
from listings.api.views.products import KEY
from listings.selectors.categories import category_documents, category_tree
from listings.selectors.lookups import by_key, category_at, living_categories
from listings.selectors.products import in_categories

LIST_SECONDS = 3
SECONDS = 300  # nothing here changes without a new version

REASSIGN_TO = OpenApiParameter(
    "reassign_to", str, description="Id or slug of the category that takes what is in this one."
)


class CategoryFilter(FilterSet):
    """The filters of the category list."""

    parent = CharFilter(method="below", label="Id or slug of the parent; empty for the roots.")
    depth = NumberFilter("level", "lte", min_value=0, max_value=100, label="Levels to go down.")

    class Meta:
        model = Category
        fields: tuple[str, ...] = ()

    def below(self, categories: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Return the children of a category."""
        return categories.filter(by_key(value, of="parent"))


class CategoryViewSet(ProductListMixin, CatalogViewSet):
    """The tree that products are filed under."""

    access: ClassVar = {
        "list": anyone,
        "tree": anyone,
        "retrieve": anyone,
        "products": anyone,
        "create": role("catalog.add_category") | machine("catalog:write"),
        "update": role("catalog.change_category") | machine("catalog:write"),
        "partial_update": role("catalog.change_category") | machine("catalog:write"),
        "move": role("catalog.change_category") | machine("catalog:write"),
        "image": role("catalog.change_category") | machine("catalog:write"),
        "remove_image": role("catalog.change_category") | machine("catalog:write"),
        "destroy": role("catalog.delete_category") | machine("catalog:write"),
    }
    public_actions: ClassVar = frozenset({"list", "tree", "retrieve", "products"})
    kept_actions: ClassVar = public_actions
    addressed = Category
    queryset = Category.objects.none()
    serializer_class = CategorySerializer
    filterset_class: Any = CategoryFilter
    pagination_class = CatalogPagination
    orderings: ClassVar = {"name": "name"}
    lookup_field = "key"
    lookup_value_regex = "[^/]+"

    @property
    def default_ordering(self) -> tuple[str, ...]:
        """Tree order; that of the product list for products."""
        return super().default_ordering if self.action == "products" else ("tree_id", "lft")

    @operation(
        "List categories", response=CategorySerializer(many=True), example=[examples.CATEGORY]
    )
    def list(self, request: Request) -> HttpResponse:
        """Categories in tree order; `?parent=` the children of one, `?depth=0` the roots."""
        return cached_answer(request, self._render_list, seconds=SECONDS)

    def _render_list(self, version: str | None) -> bytes:
        paginator = CatalogPagination(version)
        categories = self.filter_queryset(living_categories())
        rows = paginator.paginate_queryset(
            categories.values("id", "name", "tree_id", "lft"), self.request, self
        )
        found = category_documents([row["id"] for row in rows], media=media_address(self.request))
        return orjson.dumps(paginator.envelope(orjson.Fragment(found)))

    @operation(
        "Show the whole tree",
        operation_id="getCategoryTree",
        response=CategoryNodeSerializer(many=True),
        example=[{**examples.CATEGORY, "children": []}],
        filters=False,
    )
    @action(detail=False, filterset_class=None, orderings={}, pagination_class=None)
    def tree(self, request: Request) -> HttpResponse:
        """The roots, each with its `children`, in one answer."""
        refuse_unknown_parameters(request, set())
        media = media_address(request)
        return cached_answer(request, lambda _version: category_tree(media=media), seconds=SECONDS)

    @operation(
        "Show a category",
        response=CategorySerializer,
        example=examples.CATEGORY,
        moved=MovedSerializer,
        parameters=[KEY],
    )
    def retrieve(self, request: Request, key: str) -> HttpResponse:
        """A category by id or slug."""
        refuse_unknown_parameters(request, set())
        return cached_answer(
            request, lambda _version: self.represent(category_at(key)), seconds=SECONDS
        )

    @operation(
        "List the products of a category",
        response=ProductSummarySerializer(many=True),
        example=[examples.SUMMARY],
        moved=MovedSerializer,
        parameters=[KEY],
    )
    @action(
        detail=True,
        queryset=Product.objects.none(),
        filterset_class=ProductFilter,
        pagination_class=ProductPagination,
        orderings=PRODUCT_ORDERINGS,
        extra_parameters=frozenset({"attr.*", "option.*"}),
    )
    def products(self, request: Request, key: str) -> HttpResponse:
        """Products of the category and all below it, with the filters of the product list."""
        render = partial(self._render_products, key)
        return cached_answer(request, render, seconds=LIST_SECONDS)

    def _render_products(self, key: str, version: str | None) -> bytes:
        products = selectors.listed_products().filter(in_categories([str(category_at(key).pk)]))
        return self.render_products(version, products)

    @operation(
        "Create a category",
        request=CreateCategorySerializer,
        response=CategorySerializer,
        status=201,
        example=examples.CATEGORY,
        request_example={"name": "Science fiction", "parent": "fiction"},
        errors=CREATE_CATEGORY_ERRORS,
    )
    def create(self, request: Request) -> HttpResponse:
        """It becomes the last child of its `parent`, or the last root."""
        category = services.create_category(fields=self.validated(CreateCategorySerializer))
        return self._written(category, status=201)

    @operation(
        "Replace a category",
        request=ReplaceCategorySerializer,
        response=CategorySerializer,
        example=examples.CATEGORY,
        request_example={"name": "Science fiction", "parent": "fiction"},
        errors=UPDATE_CATEGORY_ERRORS,
        parameters=[KEY, IF_MATCH],
    )
    def update(self, request: Request, key: str) -> HttpResponse:
        """Set the whole category; what is not sent falls back to its default."""
        return self._update(key, self.validated(ReplaceCategorySerializer))

    @operation(
        "Change a category",
        request=UpdateCategorySerializer,
        response=CategorySerializer,
        example=examples.CATEGORY,
        request_example={"name": "Science fiction and fantasy"},
        errors=UPDATE_CATEGORY_ERRORS,
        parameters=[KEY, IF_MATCH],
    )
    def partial_update(self, request: Request, key: str) -> HttpResponse:
        """Change what is sent; a new `parent` moves it there."""
        return self._update(key, self.validated(UpdateCategorySerializer))

    def _update(self, key: str, changes: Any) -> HttpResponse:
        category_id: UUID = category_at(key).pk
        with self.matched(partial(services.lock_category, category_id=category_id)):
            category = services.update_category(category_id=category_id, changes=changes)
        return self._written(category)

    @operation(
        "Move a category",
        request=MoveCategorySerializer,
        response=CategorySerializer,
        example=examples.CATEGORY,
        request_example={"parent": "fiction"},
        errors=MOVE_CATEGORY_ERRORS,
        parameters=[KEY],
        filters=False,
    )
    @action(detail=True, methods=["post"], filterset_class=None, orderings={})
    def move(self, request: Request, key: str) -> HttpResponse:
        """Below `parent` (null: to the roots), or to the `left_of` or `right_of` another."""
        positions = {"parent": "last-child", "left_of": "left", "right_of": "right"}
        ((place, target),) = self.validated(MoveCategorySerializer).items()
        moved = services.move_category(
            category_id=category_at(key).pk, target=target, position=positions[place]
        )
        return self._written(moved)

    @operation(
        "Delete a category",
        status=204,
        errors=DELETE_CATEGORY_ERRORS,
        parameters=[KEY, REASSIGN_TO, IF_MATCH],
    )
    def destroy(self, request: Request, key: str) -> Response:
        """With products or children in it, `reassign_to` has to say where they go."""
        refuse_unknown_parameters(request, {"reassign_to"})
        query = ReassignSerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        category_id: UUID = category_at(key).pk
        with self.matched(partial(services.lock_category, category_id=category_id)):
            services.delete_category(category_id=category_id, **query.validated_data)
        return Response(status=204)

    @operation(
        "Set the image of a category",
        request={"multipart/form-data": CategoryImageSerializer},
        response=CategorySerializer,
        example=examples.CATEGORY,
        errors=UPDATE_CATEGORY_ERRORS,
        parameters=[KEY],
        filters=False,
    )
    @action(
        detail=True,
        methods=["put"],
        filterset_class=None,
        orderings={},
        parser_classes=[MultiPartParser],
    )
    def image(self, request: Request, key: str) -> HttpResponse:
        """One file in `image`, encoded anew, without metadata; it replaces the one before."""
        return self._update(key, self.validated(CategoryImageSerializer))

    @operation("Remove the image of a category", status=204, parameters=[KEY])
    @image.mapping.delete
    def remove_image(self, request: Request, key: str) -> Response:
        """The category stays, without a picture."""
        services.update_category(category_id=category_at(key).pk, changes={"image": False})
        return Response(status=204)

    def represent(self, instance: Category) -> bytes:
        """Return what a GET of the category answers."""
        return category_documents([instance.pk], media=media_address(self.request))[1:-1]

    def _written(self, category: Category, *, status: int = 200) -> HttpResponse:
        is_new = status == HTTPStatus.CREATED
        location = {"Location": f"/api/v1/categories/{category.pk}/"} if is_new else {}
        return HttpResponse(
            self.represent(category),
            status=status,
            content_type="application/json",
            headers=location,
        )
