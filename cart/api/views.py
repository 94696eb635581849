"""cart/: the signed-in customer's, or the guest's by X-Cart-Token."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.requests import UserRequest
from cart import selectors, services
from cart.api import examples
from cart.api.callers import customer_of, owner_of
from cart.api.serializers import (
    AddItemSerializer,
    CartSerializer,
    ChangeQuantitySerializer,
    DestinationSerializer,
    MergedCartSerializer,
    MergeSerializer,
    QuoteRequestSerializer,
    QuoteSerializer,
    ShippingOptionSerializer,
    ShippingOptionsSerializer,
    requested_item_of,
    requested_items_of,
)
from cart.basket import PricedCart
from cart.selectors import Owner
from cart.services import (
    ADD_ITEMS_ERRORS,
    CHANGE_QUANTITY_ERRORS,
    DELIVERY_OPTIONS_ERRORS,
    MERGE_ERRORS,
    QUOTE_ERRORS,
    REMOVE_ITEM_ERRORS,
    QuoteRequest,
)
from core.api.access import anyone, signed_in
from core.api.bodies import parse
from core.api.callers import CART_HEADER
from core.api.filters import refuse_unknown_parameters
from core.api.schema import CART_TOKEN, IF_MATCH, operation
from core.api.shaping import made_once
from core.api.viewsets import ApiViewSet


def one_page(rows: list[Any]) -> dict[str, Any]:
    """Return a short list as the one page that it fits on."""
    return {"count": len(rows), "next": None, "previous": None, "results": rows}


class CartApiViewSet(ApiViewSet):
    serializer_class = CartSerializer

    def command(self, serializer_class: type[Any], data: Any) -> dict[str, Any]:
        return parse(serializer_class, data)

    def answer(self, priced: PricedCart, *, status: int = 200) -> Response:
        body = made_once(CartSerializer, **self.get_serializer_context()).to_representation(priced)
        headers = {CART_HEADER: priced.token} if priced.token else None
        return Response(body, status=status, headers=headers)


class CartViewSet(CartApiViewSet):
    """The cart as a whole."""

    access: ClassVar = {
        "retrieve": anyone,
        "clear": anyone,
        "merge": signed_in,
        "quote": anyone,
        "shipping_methods": anyone,
    }
    activities: ClassVar = {"clear": "cart.cleared", "merge": "cart.merged"}

    @operation(
        "View the cart", response=CartSerializer, example=examples.CART, parameters=[CART_TOKEN]
    )
    def retrieve(self, request: Request) -> Response:
        """Return the cart at present prices, with exact stock.

        Whoever has put nothing in sees an empty one. Shipping and tax are known once there is
        an address: ask `quote/`.
        """
        return self.answer(selectors.priced_cart_of(owner=owner_of(request)))

    @operation("Clear the cart", status=204, parameters=[CART_TOKEN, IF_MATCH])
    def clear(self, request: Request) -> Response:
        """Take everything out."""
        owner = owner_of(request)
        with self.matched(partial(_locked, owner)):
            services.clear_cart(owner=owner)
        return Response(status=204)

    @operation(
        "Join a guest's cart",
        request=MergeSerializer,
        response=MergedCartSerializer,
        request_example={"cart_token": examples.GUEST_CART},
        example=examples.MERGED_CART,
        errors=MERGE_ERRORS,
    )
    def merge(self, request: UserRequest) -> Response:
        """Join a guest's cart, kept by the client (`items`) or here (`cart_token`), with one's own.

        Quantities add up as far as stock goes; `shortfalls` tells where it did not. Joining the
        same token again changes nothing. Signing in with `X-Cart-Token` does this by itself.
        """
        command = self.command(MergeSerializer, request.data)
        merged = services.merge(
            customer=request.user,
            items=requested_items_of(command.get("items", [])),
            token=command.get("cart_token", ""),
        )
        return Response(MergedCartSerializer(merged, context=self.get_serializer_context()).data)

    @operation(
        "Quote",
        request=QuoteRequestSerializer,
        response=QuoteSerializer,
        request_example={
            "items": [{"variant": examples.VARIANT_ID, "quantity": 2}],
            "country": "US",
        },
        example=examples.QUOTE,
        errors=QUOTE_ERRORS,
    )
    def quote(self, request: Request) -> Response:
        """Return what a cart that is kept by the client would cost; nothing is stored.

        Tax is known with `country`, delivery with `shipping_method` as well. A coupon that gives
        nothing is refused.
        """
        command = self.command(QuoteRequestSerializer, request.data)
        result = services.quote(
            request=QuoteRequest(
                items=requested_items_of(command["items"]),
                coupons=command.get("coupons", ()),
                customer=customer_of(request),
                country=command.get("country", ""),
                region=command.get("region", ""),
                postal_code=command.get("postal_code", ""),
                shipping_method_id=command.get("shipping_method"),
            )
        )
        return Response(QuoteSerializer(result, context=self.get_serializer_context()).data)

    @operation(
        "Ways of delivery for this cart",
        operation_id="listCartShippingMethods",
        response=ShippingOptionsSerializer,
        example=examples.SHIPPING_METHODS,
        errors=DELIVERY_OPTIONS_ERRORS,
        parameters=[CART_TOKEN, DestinationSerializer],
    )
    def shipping_methods(self, request: Request) -> Response:
        """Return how this cart can be sent to a country, with price and days of delivery."""
        refuse_unknown_parameters(request, set(DestinationSerializer().fields))
        destination = self.command(DestinationSerializer, request.query_params)
        options = services.delivery_options(owner=owner_of(request), **destination)
        return Response(one_page([ShippingOptionSerializer(option).data for option in options]))


def _locked(owner: Owner) -> PricedCart:
    services.lock_open_cart(owner=owner)
    return selectors.priced_cart_of(owner=owner)


class CartItemViewSet(CartApiViewSet):
    access: ClassVar = dict.fromkeys(("create", "update", "partial_update", "destroy"), anyone)
    activities: ClassVar = {
        "create": "cart.item_added",
        "update": "cart.item_changed",
        "partial_update": "cart.item_changed",
        "destroy": "cart.item_removed",
    }

    @operation(
        "Put into the cart",
        request=AddItemSerializer,
        response=CartSerializer,
        status=201,
        request_example={"variant": examples.VARIANT_ID, "quantity": 2},
        example=examples.CART,
        errors=ADD_ITEMS_ERRORS,
        parameters=[CART_TOKEN],
    )
    def create(self, request: Request) -> Response:
        """Put units of a `variant`, or of a `product`'s first one, into the cart; returns the cart.

        The same variant again adds up. A guest's first write is answered with `X-Cart-Token`
        (also as `token`): send it from then on.
        """
        item = requested_item_of(self.command(AddItemSerializer, request.data))
        owner = selectors.owner_who_writes(owner=owner_of(request))
        return self.answer(services.add_items(owner=owner, items=[item]), status=201)

    @operation(
        "Change a quantity",
        request=ChangeQuantitySerializer,
        response=CartSerializer,
        request_example={"quantity": 3},
        example=examples.CART,
        errors=CHANGE_QUANTITY_ERRORS,
        parameters=[CART_TOKEN],
    )
    def update(self, request: Request, pk: UUID) -> Response:
        """Set how many units of an item there shall be, 0 to remove it; returns the cart."""
        quantity = self.command(ChangeQuantitySerializer, request.data)["quantity"]
        priced = services.change_quantity(owner=owner_of(request), item_id=pk, quantity=quantity)
        return self.answer(priced)

    @operation(
        "Change a quantity",
        request=ChangeQuantitySerializer,
        response=CartSerializer,
        request_example={"quantity": 3},
        example=examples.CART,
        errors=CHANGE_QUANTITY_ERRORS,
        parameters=[CART_TOKEN],
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Set how many units of an item there shall be, 0 to remove it; returns the cart."""
        return self.update(request, pk)

    @operation(
        "Take out of the cart", status=204, errors=REMOVE_ITEM_ERRORS, parameters=[CART_TOKEN]
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        """Remove an item."""
        services.remove_item(owner=owner_of(request), item_id=pk)
        return Response(status=204)
