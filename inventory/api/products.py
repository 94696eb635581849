"""Products as the catalog serves them, with their stock: floors below do not know it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from catalog.api import examples
from catalog.api.serializers.products import (
    AddVariantSerializer,
    CreateProductSerializer,
    ProductSerializer,
    ReplaceProductSerializer,
    UpdateProductSerializer,
)
from catalog.api.views.bases import product_id
from catalog.api.views.products import KEY, ProductViewSet
from catalog.models import Product
from catalog.services.products import SeveralVariants
from core.api.access import machine, role
from core.api.idempotency import idempotent
from core.api.schema import IDEMPOTENCY_KEY, operation
from core.errors import InvalidInput
from inventory import selectors, services
from inventory.api.serializers import PurchaseSerializer
from inventory.models import MovementReason
from inventory.services import InsufficientStock
from inventory.services.stock import MOST_UNITS


class UnknownVariant(InvalidInput):
    """The product has no such variant."""

    code = "unknown_variant"
    title = "This product has no such variant."


class _StockedSerializer(serializers.Serializer[Any]):
    stock_quantity = serializers.IntegerField(
        min_value=0,
        max_value=MOST_UNITS,
        required=False,
        help_text="Units that can be bought, over all locations; the default one takes the "
        "difference.",
    )


class AddStockedVariantSerializer(_StockedSerializer, AddVariantSerializer):
    """A variant of a new product, with its stock."""


class CreateStockedProductSerializer(_StockedSerializer, CreateProductSerializer):
    """A product to make, with its stock."""

    variants = AddStockedVariantSerializer(many=True, required=False, allow_empty=False)


class UpdateStockedProductSerializer(_StockedSerializer, UpdateProductSerializer):
    """A part of a product to change, its stock included."""


class ReplaceStockedProductSerializer(_StockedSerializer, ReplaceProductSerializer):
    """A whole product; stock stays as it is when not sent."""


@extend_schema_view(
    create=extend_schema(request=CreateStockedProductSerializer),
    update=extend_schema(request=ReplaceStockedProductSerializer),
    partial_update=extend_schema(request=UpdateStockedProductSerializer),
)
class StockedProductViewSet(ProductViewSet):
    """What is for sale, with its stock."""

    access: ClassVar = {
        **ProductViewSet.access,
        "purchase": role("inventory.sell_stockitem") | machine("sales:write"),
    }
    create_serializer_class: ClassVar = CreateStockedProductSerializer
    update_serializer_class: ClassVar = UpdateStockedProductSerializer
    replace_serializer_class: ClassVar = ReplaceStockedProductSerializer

    @operation(
        "Sell elsewhere",
        request=PurchaseSerializer,
        response=ProductSerializer,
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
        command = self.parsed(PurchaseSerializer)
        product = product_id(key, Product.objects.all())
        variant = selectors.variant_to_sell(product, command.get("variant"))
        if variant is None:
            raise UnknownVariant(pointer="#/variant")
        services.sell(variant=variant, quantity=command["quantity"], actor=self._person())
        return Response(self.represent(Product(pk=product)))

    def after_create(self, product: Product, data: Mapping[str, Any]) -> None:
        """Stock the new product's variants."""
        given = data.get("variants") or [data]
        variant_ids = selectors.variant_ids_of(product.pk)
        self._set_stock(
            {
                variant_id: variant["stock_quantity"]
                for variant_id, variant in zip(variant_ids, given, strict=True)
                if "stock_quantity" in variant
            }
        )

    def after_update(self, product: Product, data: Mapping[str, Any]) -> None:
        """Set the stock of the product's only variant."""
        if "stock_quantity" in data:
            variant_ids = selectors.variant_ids_of(product.pk)
            if len(variant_ids) != 1:
                raise SeveralVariants(pointer="#/stock_quantity")
            self._set_stock({variant_ids[0]: data["stock_quantity"]})

    def _locked(self, key: str) -> Product:
        """Lock the stock before the product, as everyone who locks both does."""
        if self.action != "destroy" and "stock_quantity" in self.request.data:
            services.lock_stock(variant_ids=selectors.variant_ids_of(self.writable_id(key)))
        return super()._locked(key)

    def _set_stock(self, quantities: Mapping[UUID, int]) -> None:
        services.set_quantities(
            quantities=quantities, actor=self._person(), reason=MovementReason.ADJUSTED
        )

    def _person(self) -> User | None:
        return self.request.user if isinstance(self.request.user, User) else None
