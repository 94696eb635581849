from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cart.api.serializers import CouponCodesField, RequestedItemSerializer
from cart.models import MAXIMUM_QUANTITY
from cart.services.items import MAXIMUM_LINES
from core.api.bodies import InputSerializer, parse
from core.api.fields import LongTextField, MoneyField, TextField
from orders.models import OrderStatus
from orders.services.addresses import AddressChoice

_ADDRESS_LENGTHS = {
    "full_name": 200,
    "line1": 200,
    "line2": 200,
    "city": 120,
    "region": 120,
    "postal_code": 20,
    "country": 2,
    "phone_number": 40,
}
_ALWAYS_NEEDED = ("full_name", "line1", "country")


class PostalAddressSerializer(InputSerializer[dict[str, Any]]):
    """An address in full; its country decides what else must be there."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            name: TextField(
                max_length=length,
                required=name in _ALWAYS_NEEDED,
                allow_blank=name not in _ALWAYS_NEEDED,
            )
            for name, length in _ADDRESS_LENGTHS.items()
        }


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "format": "uuid", "description": "From the address book."},
            {
                "type": "object",
                "required": list(_ALWAYS_NEEDED),
                "properties": {
                    name: {"type": "string", "maxLength": length}
                    for name, length in _ADDRESS_LENGTHS.items()
                },
            },
        ]
    }
)
class AddressChoiceField(serializers.Field[Any, Any, Any, Any]):
    """An address in full, or the id of one in the address book."""

    default_error_messages: ClassVar = {
        "invalid": "Send an address, or the id of one in the address book."
    }

    def to_internal_value(self, data: Any) -> AddressChoice:
        if isinstance(data, dict):
            return parse(PostalAddressSerializer, data)
        try:
            return UUID(data)
        except (TypeError, ValueError, AttributeError):
            self.fail("invalid")


class PlaceOrderSerializer(InputSerializer[dict[str, Any]]):
    """Place an order from the cart, or from `items`."""

    customer = serializers.UUIDField(
        required=False,
        help_text="For whom order staff enter it; ids of addresses are from their book.",
    )
    email = serializers.EmailField(
        required=False,
        max_length=254,
        help_text="A guest's, also of whom order staff enter it for; a customer's own is taken.",
    )
    items: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=RequestedItemSerializer(), required=False, allow_empty=False, max_length=MAXIMUM_LINES
    )
    shipping_address = AddressChoiceField(
        required=False, allow_null=True, help_text="Needed unless everything is digital."
    )
    billing_address = AddressChoiceField(
        required=False, allow_null=True, help_text="The shipping address unless given."
    )
    shipping_method = serializers.UUIDField(
        required=False, allow_null=True, help_text="Needed unless everything is digital."
    )
    coupons = CouponCodesField(help_text="Beside those in the cart.")
    customer_note = LongTextField(required=False, allow_blank=True, max_length=2000)
    expected_total = MoneyField(
        required=False, allow_null=True, help_text="What the customer agreed to pay."
    )
    draft = serializers.BooleanField(
        required=False, help_text="By order staff: to be sent to the customer with a payment link."
    )
    hold_stock = serializers.BooleanField(
        required=False, help_text="Of a draft: whether it keeps its goods for the customer already."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what only a draft can choose."""
        if "hold_stock" in attrs and not attrs.get("draft"):
            raise serializers.ValidationError(
                {"hold_stock": "An order that is no draft always holds its goods."}
            )
        return attrs


class ChangedItemSerializer(InputSerializer[dict[str, Any]]):
    """How many units of one of the order's lines there shall be."""

    item = serializers.UUIDField(required=False, help_text="The line's `id`; or:")
    variant = serializers.UUIDField(
        required=False, help_text="What was ordered, or is to be added."
    )
    quantity = serializers.IntegerField(
        min_value=0, max_value=MAXIMUM_QUANTITY, help_text="0 takes the line out."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Take the line by its id or by its variant."""
        if ("item" in attrs) == ("variant" in attrs):
            raise serializers.ValidationError("Name either the item or the variant.")
        return attrs


class EditOrderSerializer(InputSerializer[dict[str, Any]]):
    """Change an order that is not paid; what is left out stays as it is."""

    items: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=ChangedItemSerializer(),
        required=False,
        allow_empty=False,
        max_length=MAXIMUM_LINES,
        help_text="Lines that are not named keep their quantity.",
    )
    shipping_address = AddressChoiceField(required=False)
    billing_address = AddressChoiceField(
        required=False,
        help_text="Follows the shipping address while the two are the same, unless given.",
    )
    shipping_method = serializers.UUIDField(required=False)
    expected_total = MoneyField(
        required=False, allow_null=True, help_text="What the customer agreed to pay now."
    )

    def validate_items(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Refuse a line that is named twice."""
        if len({line_key(item) for item in items}) < len(items):
            raise serializers.ValidationError("Name each line once.", code="repeated")
        return items


def line_key(item: Mapping[str, Any]) -> UUID:
    """Return what names the line: its own id, or its variant's."""
    return UUID(str(item.get("item") or item["variant"]))


class CancelOrderSerializer(InputSerializer[dict[str, Any]]):
    """Call an order off."""

    note = LongTextField(required=False, allow_blank=True, max_length=2000)


class CancelRestSerializer(CancelOrderSerializer):
    """Call off what has not left of a partly shipped order."""

    restock = serializers.BooleanField(
        default=True,
        help_text="Whether its units can be sold to others; else they are written off.",
    )


class ParcelItemSerializer(InputSerializer[dict[str, Any]]):
    """Units of an order's line."""

    item = serializers.UUIDField()
    quantity = serializers.IntegerField(min_value=1, max_value=MAXIMUM_QUANTITY)


class ShipOrderSerializer(InputSerializer[dict[str, Any]]):
    """Send a parcel."""

    carrier = TextField(required=False, allow_blank=True, max_length=80, default="")
    tracking_number = TextField(required=False, allow_blank=True, max_length=120, default="")
    items: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=ParcelItemSerializer(),
        required=False,
        allow_empty=False,
        max_length=MAXIMUM_LINES,
        help_text="All that is left, unless given.",
    )
    note = LongTextField(required=False, allow_blank=True, max_length=2000, default="")

    def validate_items(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Refuse a line that is named twice."""
        if len({item["item"] for item in items}) < len(items):
            raise serializers.ValidationError("Name each line once.", code="repeated")
        return items


class RequestReturnSerializer(InputSerializer[dict[str, Any]]):
    """Ask to send goods back."""

    items: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=ParcelItemSerializer(), allow_empty=False, max_length=MAXIMUM_LINES
    )
    reason = LongTextField(max_length=2000)

    def validate_items(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Refuse a line that is named twice."""
        if len({item["item"] for item in items}) < len(items):
            raise serializers.ValidationError("Name each line once.", code="repeated")
        return items


class ReturnStepSerializer(InputSerializer[dict[str, Any]]):
    """Approve or reject a return."""

    note = LongTextField(
        required=False, allow_blank=True, max_length=2000, default="", help_text="The customer's."
    )


class ReceiveReturnSerializer(ReturnStepSerializer):
    """Note that returned goods have arrived."""

    restock = serializers.BooleanField(default=True, help_text="Whether they can be sold again.")


class SetStatusSerializer(InputSerializer[dict[str, Any]]):
    """Set what an order is now."""

    status = serializers.ChoiceField(choices=OrderStatus.choices)
    note = LongTextField(required=False, allow_blank=True, max_length=2000, default="")


class LookUpOrderSerializer(InputSerializer[dict[str, Any]]):
    """What a guest knows about their order."""

    number = TextField(max_length=20)
    email = serializers.EmailField(max_length=254)
