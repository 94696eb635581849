from __future__ import annotations

from typing import Any, ClassVar

from django_countries import countries
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.bodies import InputSerializer
from core.api.fields import SlugField, TextField
from core.api.shaping import ShapedSerializer
from inventory.models import Location, LocationKind, MovementReason, StockItem, StockMovement
from inventory.services.stock import MOST_UNITS

MOST_ROWS = 1000
_LARGEST_PRIORITY = 32_767


class LocationSerializer(ShapedSerializer, serializers.ModelSerializer[Location]):
    """A warehouse or shop."""

    country = serializers.CharField(source="country.code", help_text="ISO 3166-1 alpha-2, or empty")

    class Meta:
        model = Location
        fields = (
            "id",
            "name",
            "code",
            "kind",
            "country",
            "priority",
            "is_active",
            "created_at",
            "updated_at",
        )


class SaveLocationSerializer(InputSerializer[dict[str, Any]]):
    """A location to open or to replace."""

    shown_as = LocationSerializer

    name = TextField(max_length=120)
    code = SlugField(
        max_length=40, required=False, help_text="Unique; made of the name when not given."
    )
    kind = serializers.ChoiceField(LocationKind.choices, required=False)
    country = serializers.ChoiceField(
        [code for code, _ in countries], required=False, allow_blank=True
    )
    priority = serializers.IntegerField(
        min_value=0,
        max_value=_LARGEST_PRIORITY,
        required=False,
        help_text="Goods leave the location of the lowest number first.",
    )
    is_active = serializers.BooleanField(
        required=False, help_text="Stock of an inactive location cannot be bought."
    )


class StockLevelSerializer(ShapedSerializer, serializers.ModelSerializer[StockItem]):
    """How much of a variant lies at a location, and how much of it is promised."""

    expandable: ClassVar = {"location": LocationSerializer}

    variant = serializers.UUIDField(source="variant_id")
    sku = serializers.CharField(source="variant.sku")
    product = serializers.UUIDField(source="variant.product_id")
    product_name = serializers.CharField(source="variant.product.name")
    location = serializers.UUIDField(source="location_id")
    location_code = serializers.CharField(source="location.code")
    available = serializers.IntegerField(help_text="`on_hand − reserved`")
    is_low = serializers.SerializerMethodField(help_text="`available ≤ reorder_point`")

    class Meta:
        model = StockItem
        fields = (
            "id",
            "variant",
            "sku",
            "product",
            "product_name",
            "location",
            "location_code",
            "on_hand",
            "reserved",
            "available",
            "reorder_point",
            "is_low",
            "updated_at",
        )

    def get_is_low(self, item: StockItem) -> bool:
        """Tell whether it is time to order more."""
        return item.available <= item.reorder_point


class StockMovementSerializer(ShapedSerializer, serializers.ModelSerializer[StockMovement]):
    """An entry of the ledger."""

    variant = serializers.UUIDField(source="stock_item.variant_id")
    sku = serializers.CharField(source="stock_item.variant.sku")
    location = serializers.UUIDField(source="stock_item.location_id")
    location_code = serializers.CharField(source="stock_item.location.code")
    actor = serializers.SerializerMethodField(help_text="E-mail address, null for a machine.")

    class Meta:
        model = StockMovement
        fields = (
            "id",
            "variant",
            "sku",
            "location",
            "location_code",
            "delta",
            "reason",
            "reference",
            "note",
            "actor",
            "created_at",
        )

    @extend_schema_field(serializers.EmailField(allow_null=True))
    def get_actor(self, movement: StockMovement) -> str | None:
        return movement.actor.email if movement.actor else None


class AdjustmentSerializer(InputSerializer[dict[str, Any]]):
    """A change of stock at a location: by `delta`, or to exactly `set_to`."""

    variant = serializers.UUIDField()
    location = serializers.UUIDField(
        required=False, help_text="The shop's default location when not given."
    )
    delta = serializers.IntegerField(min_value=-MOST_UNITS, max_value=MOST_UNITS, required=False)
    set_to = serializers.IntegerField(min_value=0, max_value=MOST_UNITS, required=False)
    reason = TextField(
        max_length=200,
        help_text=f"One of `{'`, `'.join(MovementReason.values)}`, or words of your own, which "
        "become the note of an `adjusted` entry.",
    )
    note = TextField(max_length=200, required=False, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = {"delta", "set_to"} & attrs.keys()
        if len(given) != 1:
            raise serializers.ValidationError(
                {"delta": ["Give either delta or set_to."]}, "delta_or_set_to"
            )
        if attrs.get("delta") == 0:
            raise serializers.ValidationError({"delta": ["Must not be 0."]}, "invalid")
        return attrs


class AdjustmentsSerializer(InputSerializer[dict[str, Any]]):
    """Several changes, applied one after another, all or none."""

    items = serializers.ListField(
        child=AdjustmentSerializer(), allow_empty=False, max_length=MOST_ROWS
    )


class StockLevelsSerializer(serializers.Serializer[Any]):
    """The levels after several changes, in their order."""

    items = StockLevelSerializer(many=True)
