"""Products over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import selectors, services
from catalog.api import examples
from catalog.api.caching import Shown, answer, cached_answer
from catalog.api.filters import ProductFilter
from catalog.api.pages import Listing, ProductPagination, render_page, shape_of
from catalog.api.serializers.products import (
    CreateProductSerializer,
    ProductSerializer,
    ProductSummarySerializer,
    ReplaceProductSerializer,
    SuggestionsSerializer,
    UpdateProductSerializer,
)
from catalog.api.views.bases import (
    PRODUCT_ORDERINGS,
    MovedSerializer,
    ProductListMixin,
)
from catalog.api.views.sellers import SellerMixin, sellers, with_sellers
from catalog.models import Product
from catalog.selectors import documents
from catalog.selectors.products import by_key, related_products
from catalog.selectors.suggestions import suggestions
from catalog.services.attributes import InvalidAttribute
from catalog.services.errors import InvalidPrice, SkuTaken, SlugTaken
from catalog.services.products import ProductFields, SeveralVariants
from catalog.services.publication import InvalidSchedule
from catalog.services.variants import VariantFields
from catalog.services.vendors import NotForSellers, NotYourVendor, NoVendor
from core.api.access import anyone, has_role, machine, role
from core.api.addresses import media_address
from core.api.filters import ordering_of, refuse_unknown_parameters
from core.api.schema import IF_MATCH, operation
from core.errors import NotFound

LIST_SECONDS = 3  # stock figures in lists are at most 5 seconds old: the job's delay and this
LONGEST_QUERY = 100

VARIANT_FIELDS = frozenset(VariantFields.__optional_keys__)
PRODUCT_FIELDS = frozenset(ProductFields.__optional_keys__)
INVALID = (InvalidPrice, InvalidSchedule, InvalidAttribute)

KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, description="Id or slug.")


class ProductViewSet(ProductListMixin, SellerMixin):
    """What is for sale.

    A higher floor that knows more of a product (its stock) extends the serializers and
    overrides ``after_create`` and ``after_update``, which run in the same transaction.
    """

    staff_access: ClassVar = {
        "create": role("catalog.add_product") | machine("catalog:write"),
        "update": role("catalog.change_product") | machine("catalog:write"),
        "partial_update": role("catalog.change_product") | machine("catalog:write"),
        "destroy": role("catalog.delete_product") | machine("catalog:write"),
    }
    access: ClassVar = {
        "list": anyone,
        "retrieve": anyone,
        "related": anyone,
        "suggest": anyone,
        **with_sellers(staff_access),
    }
    public_actions: ClassVar = frozenset({"list", "retrieve", "related", "suggest"})
    kept_actions: ClassVar = frozenset({"list", "related", "suggest"})
    activities: ClassVar = {"retrieve": "product.viewed"}
    queryset = Product.objects.none()
    serializer_class = ProductSerializer
    filterset_class = ProductFilter
    pagination_class = ProductPagination
    extra_parameters: ClassVar = frozenset({"attr.*"})
    orderings: ClassVar = PRODUCT_ORDERINGS
    lookup_field = "key"
    lookup_value_regex = "[^/]+"

    create_serializer_class: ClassVar[type[CreateProductSerializer]] = CreateProductSerializer
    update_serializer_class: ClassVar[type[UpdateProductSerializer]] = UpdateProductSerializer
    replace_serializer_class: ClassVar[type[UpdateProductSerializer]] = ReplaceProductSerializer

    @operation(
        "List and search products",
        response=ProductSummarySerializer(many=True),
        example=examples.PRODUCT_PAGE,
    )
    def list(self, request: Request) -> HttpResponse:
        """Active products, newest first, or best first when searched.

        `attr.<name>=` filters by an attribute; given twice, either value will do. One that a
        category defines as a number or a day takes a range: `attr.pages=100..300`, `..300`.
        Stock figures may be 5 seconds old, everything else is as of now.

        When nothing has the words of `search`, words one or two letters away are searched for,
        and `did_you_mean` says which. `expand=snippet` gives each product a `snippet`: HTML, with
        what was found in `<mark>`. A page by relevance ranks the first 2,000 hits.

        `facets=true` adds `facets`, on every page and with `cursor` too. A band of prices holds
        both its `min` and its `max`, so that `min_price`, `max_price` and `currency` ask for it.
        """
        render = self.render_products
        return cached_answer(request, render, seconds=LIST_SECONDS, read=self.read_products)

    @operation(
        "Show a product",
        response=ProductSerializer,
        example=examples.PRODUCT,
        moved=MovedSerializer,
        parameters=[KEY],
    )
    def retrieve(self, request: Request, key: str) -> HttpResponseBase:
        """A product by id or slug, with its variants, images and exact stock."""
        refuse_unknown_parameters(request, set())
        shape = shape_of(request, documents.DETAIL_FIELDS, documents.DETAIL_EXPANSIONS)
        show = partial(documents.detail, key, media=media_address(request), shape=shape)
        if body := show(only_listed=True):
            return answer(request, body)
        if self._may_see_unlisted(key) and (body := show(only_listed=False)):
            return HttpResponse(
                body, content_type="application/json", headers={"Cache-Control": "no-store"}
            )
        raise NotFound("There is no such product.")

    def _may_see_unlisted(self, key: str) -> bool:
        """Tell whether the caller keeps the product: as staff, or as its seller."""
        if has_role(self.request, "catalog.change_product"):
            return True
        return sellers.allows(self.request) and self.own_products.filter(by_key(key)).exists()

    @operation(
        "Show related products",
        operation_id="listRelatedProducts",
        response=ProductSummarySerializer(many=True),
        example=examples.PRODUCT_PAGE,
        moved=MovedSerializer,
        parameters=[KEY],
        filters=False,
    )
    @action(detail=True, filterset_class=None, orderings={})
    def related(self, request: Request, key: str) -> HttpResponse:
        """At most 100: what was bought together with it, then the popular ones of its category."""
        refuse_unknown_parameters(request, set())
        ordering_of(request, self)  # refuses any: there is one order
        return cached_answer(request, partial(self._render_related, key), seconds=LIST_SECONDS)

    def _render_related(self, key: str, version: str | None) -> bytes:
        product = selectors.listed_products().filter(by_key(key)).first()
        if product is None:
            raise NotFound("There is no such product.")
        related = Listing(related_products(product))
        return render_page(ProductPagination(version), related, self.request)

    @operation(
        "Suggest as someone types",
        response=SuggestionsSerializer,
        example=examples.SUGGESTIONS,
        parameters=[OpenApiParameter("q", str, description="What was typed so far.")],
        filters=False,
    )
    @action(detail=False, filterset_class=None, orderings={}, pagination_class=None)
    def suggest(self, request: Request) -> HttpResponse:
        """Names of products, categories and brands with a word that begins so."""
        refuse_unknown_parameters(request, {"q"})
        text = request.query_params.get("q", "")[:LONGEST_QUERY].replace("\x00", "")

        def read() -> Shown:
            found = suggestions(text)
            return found.document.encode(), found.version

        return cached_answer(request, lambda _version: read()[0], seconds=60, read=read)

    @operation(
        "Create a product",
        request=CreateProductSerializer,
        response=ProductSerializer,
        status=201,
        example=examples.PRODUCT,
        request_example=examples.NEW_PRODUCT,
        errors=[*INVALID, SkuTaken, SlugTaken, NoVendor, NotYourVendor, NotForSellers],
    )
    def create(self, request: Request) -> HttpResponse:
        """Give `price, sku, …` for a product with one variant, or `variants` for several.

        A seller's product belongs to the `vendor` that they sell for.
        """
        data = self.parsed(self.create_serializer_class)
        self.settle_for_seller(data)
        variants = data.get("variants") or [_only(data, VARIANT_FIELDS)]
        with transaction.atomic():
            product = services.create_product(
                fields=_only(data, PRODUCT_FIELDS),  # type: ignore[arg-type]  # the serializer has checked it
                variants=[_only(variant, VARIANT_FIELDS) for variant in variants],  # type: ignore[misc]  # as above
            )
            self.after_create(product, data)
        return self._written(product.pk, status=201)

    @operation(
        "Replace a product",
        request=ReplaceProductSerializer,
        response=ProductSerializer,
        example=examples.PRODUCT,
        request_example=examples.NEW_PRODUCT,
        errors=[
            InvalidPrice,
            InvalidSchedule,
            InvalidAttribute,
            SeveralVariants,
            SkuTaken,
            SlugTaken,
            NotYourVendor,
            NotForSellers,
        ],
        parameters=[KEY, IF_MATCH],
    )
    def update(self, request: Request, key: str) -> HttpResponse:
        """Set the whole product; what is not sent falls back to its default."""
        return self._update(key, self.parsed(self.replace_serializer_class))

    @operation(
        "Change a product",
        request=UpdateProductSerializer,
        response=ProductSerializer,
        example=examples.PRODUCT,
        request_example={"price": "17.90"},
        errors=[
            InvalidPrice,
            InvalidSchedule,
            InvalidAttribute,
            SeveralVariants,
            SkuTaken,
            SlugTaken,
            NotYourVendor,
            NotForSellers,
        ],
        parameters=[KEY, IF_MATCH],
    )
    def partial_update(self, request: Request, key: str) -> HttpResponse:
        """Change what is sent; price, SKU and the like are those of the only variant."""
        return self._update(key, self.parsed(self.update_serializer_class))

    def _update(self, key: str, data: dict[str, Any]) -> HttpResponse:
        with transaction.atomic():
            product = self._locked(key)
            self.settle_for_seller(data, product)
            product = services.update_product(
                product_id=product.pk,
                changes=_only(data, PRODUCT_FIELDS),  # type: ignore[arg-type]  # the serializer has checked it
                variant_changes=_only(data, VARIANT_FIELDS),  # type: ignore[arg-type]  # as above
            )
            self.after_update(product, data)
        return self._written(product.pk)

    @operation("Delete a product", status=204, parameters=[KEY, IF_MATCH])
    def destroy(self, request: Request, key: str) -> Response:
        """Gone from the shop, kept in orders, restorable in the admin."""
        with transaction.atomic():
            services.delete_product(product_id=self._locked(key).pk)
        return Response(status=204)

    def after_create(self, product: Product, data: Mapping[str, Any]) -> None:
        """Write what a higher floor knows of a new product, in its transaction."""

    def after_update(self, product: Product, data: Mapping[str, Any]) -> None:
        """Write what a higher floor knows of a changed product, in its transaction."""

    def represent(self, instance: Product) -> bytes:
        """Return what a GET of the product answers: its ETag is made of it."""
        found = documents.detail(
            str(instance.pk),
            media=media_address(self.request),
            shape=documents.Shape(),
            only_listed=False,
        )
        return found or b""

    def _locked(self, key: str) -> Product:
        """Return the living product, locked and as ``If-Match`` expects it."""
        product = services.lock_product(product_id=self.writable_id(key))
        self.require_match(self.request, product)
        return product

    def _written(self, product_id: UUID, *, status: int = 200) -> HttpResponse:
        body = self.represent(Product(pk=product_id))
        headers = {"Location": f"/api/v1/products/{product_id}/"} if status == 201 else {}  # noqa: PLR2004 - created
        return HttpResponse(body, status=status, content_type="application/json", headers=headers)


def _only(data: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name in names}
