"""cart/coupons/: codes that lower what the cart costs."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from cart import selectors, services
from cart.api import examples
from cart.api.callers import owner_of
from cart.api.serializers import ApplyCouponSerializer, CartSerializer
from cart.api.views import CartApiViewSet
from cart.services import APPLY_COUPON_ERRORS, REMOVE_COUPON_ERRORS
from core.api.access import anyone
from core.api.schema import CART_TOKEN, operation
from core.rate_limits import Limit, RateLimited


class CartCouponViewSet(CartApiViewSet):
    access: ClassVar = {"create": anyone, "destroy": anyone}
    limits: ClassVar = {"create": [Limit("cart-coupon", 60, 600)]}
    activities: ClassVar = {"create": "cart.coupon_added", "destroy": "cart.coupon_removed"}

    @operation(
        "Use a coupon",
        request=ApplyCouponSerializer,
        response=CartSerializer,
        status=201,
        request_example={"code": "WELCOME10"},
        example=examples.CART_WITH_COUPON,
        errors=(*APPLY_COUPON_ERRORS, RateLimited),
        parameters=[CART_TOKEN],
    )
    def create(self, request: Request) -> Response:
        """Put a coupon into the cart; returns the cart.

        It is checked again whenever the cart is viewed, and when it is ordered: a code that
        gives nothing any more stays in `discounts`, with its `problem`, until it is removed.
        """
        code = self.command(ApplyCouponSerializer, request.data)["code"]
        owner = selectors.owner_who_writes(owner=owner_of(request))
        return self.answer(services.apply_coupon(owner=owner, code=code), status=201)

    @operation("Remove a coupon", status=204, errors=REMOVE_COUPON_ERRORS, parameters=[CART_TOKEN])
    def destroy(self, request: Request, code: str) -> Response:
        """Take a coupon out of the cart."""
        services.remove_coupon(owner=owner_of(request), code=code)
        return Response(status=204)
