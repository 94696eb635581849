"""Products over HTTP."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from catalog import services
from catalog.models import Product
from catalog.services.products import (
    CREATE_PRODUCT_ERRORS,
    UPDATE_PRODUCT_ERRORS,
    ProductFields,
    SeveralVariants,
)
from catalog.services.variants import VariantFields
from catalog.services.vendors import SETTLE_FOR_SELLER_ERRORS
from core.api.access import anyone, machine, role
from core.api.addresses import media_address
from core.api.filters import ordering_of, refuse_unknown_parameters
from core.api.idempotency import idempotent
from core.api.schema import IDEMPOTENCY_KEY, IF_MATCH, operation
from core.errors import InvalidInput, NotFound
from inventory import selectors as inventory_selectors
from inventory import services as inventory_services
from inventory.models import MovementReason
from inventory.services import InsufficientStock
from listings import selectors
from listings.api import examples
from listings.api.caching import cached_answer
from listings.api.filters import ProductFilter
from listings.api.keepers import answer_to, keeps, kept_products, page_of, private_answer
from listings.api.pages import (
    ProductPagination,
    ProductQuery,
    find_products,
    render_products,
    shape_of,
    view_of,
)
from listings.api.serializers.kept import KeptProductSerializer
from listings.api.serializers.products import (
    CreateProductSerializer,
    ProductSummarySerializer,
    PurchaseSerializer,
    ReplaceProductSerializer,
    SuggestionsSerializer,
    UpdateProductSerializer,
)
from listings.api.views.bases import (
    PRODUCT_ORDERINGS,
    MovedSerializer,
    ProductListMixin,
)
from listings.api.views.sellers import SellerMixin, with_sellers
from listings.selectors import documents
from listings.selectors.lookups import by_key, living_products, product_id
from listings.selectors.products import related_products
from listings.selectors.suggestions import suggestions

LIST_SECONDS = 3  # stock figures in lists are at most 5 seconds old: the job's delay and this
LONGEST_QUERY = 100

VARIANT_FIELDS = frozenset(VariantFields.__optional_keys__)
# What a product's own body says of its only variant; `name` there is the product's.
ONLY_VARIANT_FIELDS = VARIANT_FIELDS - {"name"}
PRODUCT_FIELDS = frozenset(ProductFields.__optional_keys__)

KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, description="Id or slug.")
IS_ACTIVE = "is_active"
ACTIVITY = OpenApiParameter(
    IS_ACTIVE, bool, description="Only for who may write products, of which those are listed."
)


class UnknownVariant(InvalidInput):
    """The product has no such variant."""

    code = "unknown_variant"
    title = "This product has no such variant."
    at = "#/variant"


class ProductViewSet(ProductListMixin, SellerMixin):
    """What is for sale, with its stock."""

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
        "purchase": role("inventory.sell_stockitem") | machine("sales:write"),
    }
    public_actions: ClassVar = frozenset({"list", "retrieve", "related", "suggest"})
    kept_actions: ClassVar = frozenset({"list", "related", "suggest"})
    activities: ClassVar = {"retrieve": "product.viewed"}
    queryset = Product.objects.none()
    serializer_class = KeptProductSerializer
    filterset_class = ProductFilter
    pagination_class = ProductPagination
    extra_parameters: ClassVar = frozenset({"attr.*", "option.*"})
    orderings: ClassVar = PRODUCT_ORDERINGS
    lookup_field = "key"
    lookup_value_regex = "[^/]+"

    @operation(
        "List and search products",
        response=ProductSummarySerializer(many=True),
        example=examples.PRODUCT_PAGE,
        parameters=[ACTIVITY],
    )
    def list(self, request: Request) -> HttpResponse:
        """Active products, newest first, or best first when searched.

        Of a filter that takes several values, as `brand=a&brand=b` or `brand=a,b`, any will do.
        `option.<name>=` filters by an option of the variants, as `option.format=Hardcover`; several
        options have to be those of one variant. `attr.<name>=` filters by an attribute. One
        that a category defines as a number or a day takes a range: `attr.pages=100..300`, `..300`.
        Stock figures may be 5 seconds old, everything else is as of now.

        When nothing has the words of `search`, words one or two letters away are searched for,
        and `did_you_mean` says which. `expand=snippet` gives each product a `snippet`: HTML, with
        what was found in `<mark>`. A page by relevance ranks the first 2,000 hits.

        `facets=true` adds `facets`, on every page and with `cursor` too. A band of prices holds
        both its `min` and its `max`, so that `min_price`, `max_price` and `currency` ask for it.
        """
        if IS_ACTIVE in request.query_params and (kept := kept_products(request)) is not None:
            chosen = kept.filter(is_active=_wants_active(request))
            return private_answer(
                request, self.render_products(None, chosen, frozenset({IS_ACTIVE}))
            )
        return cached_answer(request, self.render_products, seconds=LIST_SECONDS)

    @operation(
        "Show a product",
        response=KeptProductSerializer,
        example=examples.PRODUCT,
        moved=MovedSerializer,
        parameters=[KEY],
    )
    def retrieve(self, request: Request, key: str) -> HttpResponseBase:
        """A product by id or slug, with its variants, images and exact stock."""
        refuse_unknown_parameters(request, set())
        is_kept = keeps(request, key)
        fields = documents.KEPT_FIELDS if is_kept else documents.DETAIL_FIELDS
        shape = shape_of(request, fields, documents.DETAIL_EXPANSIONS)
        body = page_of(key, replace(shape, is_kept=is_kept), media=media_address(request))
        return answer_to(request, body, is_kept=is_kept)

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
        query = ProductQuery(related_products(product), view_of(self.request))
        paginator = ProductPagination(version)
        paginator.open(self.request)
        return render_products(*find_products(query, paginator), paginator)

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
        return cached_answer(
            request, lambda _version: suggestions(text).document.encode(), seconds=60
        )

    @operation(
        "Create a product",
        request=CreateProductSerializer,
        response=KeptProductSerializer,
        status=201,
        example=examples.PRODUCT,
        request_example=examples.NEW_PRODUCT,
        errors=(*CREATE_PRODUCT_ERRORS, *SETTLE_FOR_SELLER_ERRORS),
    )
    def create(self, request: Request) -> HttpResponse:
        """Give `price, sku, …` for a product with one variant, or `variants` for several.

        A seller's product belongs to the `vendor` that they sell for.
        """
        data = self.validated(CreateProductSerializer)
        self.settle_for_seller(data)
        variants = data.get("variants") or [_only(data, {*ONLY_VARIANT_FIELDS, "stock_quantity"})]
        with transaction.atomic():
            product = services.create_product(
                fields=_only(data, PRODUCT_FIELDS),
                variants=[_only(variant, VARIANT_FIELDS) for variant in variants],
            )
            variant_ids = inventory_selectors.variant_ids_of(product.pk)
            self._set_stock(
                {
                    variant_id: variant["stock_quantity"]
                    for variant_id, variant in zip(variant_ids, variants, strict=True)
                    if "stock_quantity" in variant
                }
            )
        return self._written(product.pk, status=201)

    @operation(
        "Replace a product",
        request=ReplaceProductSerializer,
        response=KeptProductSerializer,
        example=examples.PRODUCT,
        request_example=examples.NEW_PRODUCT,
        errors=(*UPDATE_PRODUCT_ERRORS, *SETTLE_FOR_SELLER_ERRORS),
        parameters=[KEY, IF_MATCH],
    )
    def update(self, request: Request, key: str) -> HttpResponse:
        """Set the whole product; what is not sent falls back to its default."""
        return self._update(key, self.validated(ReplaceProductSerializer))

    @operation(
        "Change a product",
        request=UpdateProductSerializer,
        response=KeptProductSerializer,
        example=examples.PRODUCT,
        request_example={"price": "17.90"},
        errors=(*UPDATE_PRODUCT_ERRORS, *SETTLE_FOR_SELLER_ERRORS),
        parameters=[KEY, IF_MATCH],
    )
    def partial_update(self, request: Request, key: str) -> HttpResponse:
        """Change what is sent; price, SKU and the like are those of the only variant."""
        return self._update(key, self.validated(UpdateProductSerializer))

    def _update(self, key: str, data: dict[str, Any]) -> HttpResponse:
        with transaction.atomic():
            product = self._locked(key)
            self.settle_for_seller(data, product)
            product = services.update_product(
                product_id=product.pk,
                changes=_only(data, PRODUCT_FIELDS),
                variant_changes=_only(data, ONLY_VARIANT_FIELDS),
            )
            if "stock_quantity" in data:
                variant_ids = inventory_selectors.variant_ids_of(product.pk)
                if len(variant_ids) != 1:
                    raise SeveralVariants(pointer="#/stock_quantity")
                self._set_stock({variant_ids[0]: data["stock_quantity"]})
        return self._written(product.pk)

    @operation("Delete a product", status=204, parameters=[KEY, IF_MATCH])
    def destroy(self, request: Request, key: str) -> Response:
        """Gone from the shop, kept in orders, restorable in the admin."""
        with transaction.atomic():
            services.delete_product(product_id=self._locked(key).pk)
        return Response(status=204)

    @operation(
        "Sell elsewhere",
        request=PurchaseSerializer,
        response=KeptProductSerializer,
        example=examples.PRODUCT,
        request_example={"quantity": 1},
        errors=[InsufficientStock, UnknownVariant],
        parameters=[KEY, IDEMPOTENCY_KEY],
        filters=False,
    )
    @action(detail=True, methods=["post"], filterset_class=None, orderings={})
    @idempotent()
    def purchase(self, request: Request, key: str) -> Response:
        """Take stock for a sale made elsewhere: at a market, on another site.

        The units leave at once; what is promised to orders cannot be taken.
        """
        command = self.validated(PurchaseSerializer)
        product = product_id(key, among=living_products())
        variant = inventory_selectors.variant_to_sell(product, command.get("variant"))
        if variant is None:
            raise UnknownVariant(pointer="#/variant")
        inventory_services.sell(variant=variant, quantity=command["quantity"], actor=self._person())
        return Response(self.represent(Product(pk=product)))

    def represent(self, instance: Product) -> bytes:
        """Return what a GET of the product answers: its ETag is made of it."""
        key = str(instance.pk)
        found = documents.detail(
            key,
            media=media_address(self.request),
            shape=documents.Shape(is_kept=keeps(self.request, key)),
            only_listed=False,
        )
        return found or b""

    def _locked(self, key: str) -> Product:
        """Return the living product, locked and as ``If-Match`` expects it.

        Its stock is locked before it where that is to change, as wherever both are.
        """
        if self.action != "destroy" and "stock_quantity" in self.request.data:
            variant_ids = inventory_selectors.variant_ids_of(self.writable_id(key))
            inventory_services.lock_stock(variant_ids=variant_ids)
        product = services.lock_product(product_id=self.writable_id(key))
        self.require_match(self.request, product)
        return product

    def _set_stock(self, quantities: Mapping[UUID, int]) -> None:
        inventory_services.set_quantities(
            quantities=quantities, actor=self._person(), reason=MovementReason.ADJUSTED
        )

    def _person(self) -> User | None:
        return self.request.user if isinstance(self.request.user, User) else None

    def _written(self, product_id: UUID, *, status: int = 200) -> HttpResponse:
        body = self.represent(Product(pk=product_id))
        headers = {"Location": f"/api/v1/products/{product_id}/"} if status == 201 else {}  # noqa: PLR2004 - created
        return HttpResponse(body, status=status, content_type="application/json", headers=headers)


def _wants_active(request: Request) -> bool:
    """Return what ``is_active`` asks for; raise ValidationError."""
    wanted = request.query_params.getlist(IS_ACTIVE)
    if wanted not in (["true"], ["false"]):
        raise ValidationError({IS_ACTIVE: ["It is `true` or `false`."]}, code="invalid")
    return wanted == ["true"]


def _only(data: Mapping[str, Any], names: Collection[str]) -> Any:
    return {name: value for name, value in data.items() if name in names}
