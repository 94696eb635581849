"""countries/ and shipping-methods/: where the shop delivers to, how and for how much."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.access import anyone
from core.api.pagination import PageOrCursorPagination
from core.api.schema import operation
from core.api.viewsets import ApiViewSet
from shipping import selectors
from shipping.api.filters import ShippingMethodFilter
from shipping.api.serializers import CountrySerializer, ShippingMethodSerializer
from shipping.models import ShippingMethod, ZoneCountry

CACHED_SECONDS = 60
_LINKS = {"next": None, "previous": None}


class AllCountriesPagination(PageOrCursorPagination):
    """All countries on one page unless ``page_size`` asks for less: a form offers them all."""

    default_size: ClassVar = 250


class CountryViewSet(ListModelMixin, ApiViewSet):
    """Where the shop delivers to."""

    access: ClassVar = {"list": anyone}
    public_max_age = CACHED_SECONDS
    authentication_classes = ()
    queryset = ZoneCountry.objects.none()
    serializer_class = CountrySerializer
    pagination_class = AllCountriesPagination
    orderings: ClassVar = {"code": "country"}
    default_ordering: ClassVar = ("country",)

    def get_queryset(self) -> QuerySet[ZoneCountry]:
        return selectors.served_countries()

    @operation(
        "List countries we deliver to",
        response=CountrySerializer(many=True),
        example={**_LINKS, "count": 1, "results": [{"code": "DE", "name": "Germany"}]},
    )
    def list(self, request: Request) -> Response:
        """An order's shipping address must be in one of these; all are on one page."""
        return super().list(request)


class ShippingMethodViewSet(ListModelMixin, ApiViewSet):
    """How goods can be sent."""

    access: ClassVar = {"list": anyone}
    public_max_age = CACHED_SECONDS
    authentication_classes = ()
    queryset = ShippingMethod.objects.none()
    serializer_class = ShippingMethodSerializer
    filterset_class = ShippingMethodFilter
    orderings: ClassVar = {"position": "position", "name": "name", "price": "price"}
    default_ordering: ClassVar = ("position",)

    def get_queryset(self) -> QuerySet[ShippingMethod]:
        return selectors.offered_methods()

    @operation(
        "List shipping methods",
        response=ShippingMethodSerializer(many=True),
        example={
            **_LINKS,
            "count": 1,
            "results": [
                {
                    "id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a61",
                    "name": "Standard",
                    "kind": "flat",
                    "is_pickup": False,
                    "price": "4.90",
                    "currency": "USD",
                    "free_above": "50.00",
                    "maximum_weight_grams": None,
                    "minimum_days": 2,
                    "maximum_days": 4,
                }
            ],
        },
    )
    def list(self, request: Request) -> Response:
        """Methods to a `country`, with the price each starts from and its days of delivery.

        `GET cart/shipping-methods/` tells what each costs for a cart, and which of them reach a
        postal code. A country that is not
        delivered to has none.
        """
        return super().list(request)
