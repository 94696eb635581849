from __future__ import annotations

from decimal import Decimal

from rest_framework import serializers

from core.api.fields import MoneyField
from core.api.shaping import ShapedSerializer
from core.money import quantize
from shipping.models import ShippingMethod, ZoneCountry
from shipping.rates import lowest_price


class CountrySerializer(ShapedSerializer, serializers.ModelSerializer[ZoneCountry]):
    """A country that is delivered to."""

    code = serializers.CharField(source="country.code", help_text="ISO 3166-1 alpha-2.")
    name = serializers.CharField(source="country.name", help_text="In English.")

    class Meta:
        model = ZoneCountry
        fields = ("code", "name")


class ShippingMethodSerializer(ShapedSerializer, serializers.ModelSerializer[ShippingMethod]):
    """A way of delivery, with the price it starts from; the cart's page tells the exact one."""

    price = serializers.SerializerMethodField(help_text="What it costs at least.")
    is_pickup = serializers.BooleanField(help_text="Whether the goods are fetched.")
    free_above = MoneyField(allow_null=True, help_text="Free for goods of this price or more.")

    class Meta:
        model = ShippingMethod
        fields = (
            "id",
            "name",
            "kind",
            "is_pickup",
            "price",
            "currency",
            "free_above",
            "maximum_weight_grams",
            "minimum_days",
            "maximum_days",
        )

    def get_price(self, method: ShippingMethod) -> str:
        """Return the lowest price, with the minor digits of its currency."""
        return f"{quantize(Decimal(lowest_price(method)), method.currency):f}"
