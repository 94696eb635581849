"""What comes in and goes out about carts."""

from __future__ import annotations

from typing import Any

from django.core.files.storage import default_storage
from rest_framework import serializers

from cart.basket import BasketLine, CouponDiscount
from cart.models import MAXIMUM_QUANTITY
from cart.services import RequestedItem
from cart.services.coupons import MAXIMUM_COUPONS
from cart.services.items import MAXIMUM_LINES
from core.api.addresses import absolute
from core.api.bodies import InputSerializer
from core.api.fields import CurrencyField, MoneyField, TextField
from pricing.models import CouponKind
from shipping.selectors import ShippingOption

MAXIMUM_CODE = 40


class CartProductSerializer(serializers.Serializer[BasketLine]):
    """The product of a line."""

    id = serializers.UUIDField(source="variant.product_id")
    name = serializers.CharField(source="variant.product.name")
    slug = serializers.SlugField(source="variant.product.slug")
    image = serializers.SerializerMethodField(help_text="The address of its first picture.")

    def get_image(self, line: BasketLine) -> str | None:
        """Return the address of the product's first picture, in full."""
        if not line.image:
            return None
        address: str = default_storage.url(line.image)
        request = self.context.get("request")
        return absolute(request, address) if request else address


class CartVariantSerializer(serializers.Serializer[Any]):
    """The variant of a line."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    name = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())


class QuoteLineSerializer(serializers.Serializer[BasketLine]):
    """Units of a variant at a present price."""

    product = CartProductSerializer(source="*")
    variant = CartVariantSerializer()
    quantity = serializers.IntegerField()
    unit_price = MoneyField(currency_source="variant.currency")
    line_total = MoneyField(currency_source="variant.currency")
    available = serializers.IntegerField(
        help_text="How many units could be bought now; 0 when it is not for sale any more."
    )


class StoredSerializer(serializers.Serializer[Any]):
    """Something that is kept here."""

    id = serializers.UUIDField()


class CartItemSerializer(StoredSerializer, QuoteLineSerializer):
    """A line of a cart."""

    price_changed = serializers.BooleanField(
        help_text="Whether the price is another one than when the item was last put in or changed."
    )


class SavedItemSerializer(CartItemSerializer):
    """What was put aside, at present prices."""

    currency = CurrencyField(source="variant.currency")


class SavedItemsSerializer(serializers.Serializer[Any]):
    """All that was put aside, on one page."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = SavedItemSerializer(many=True)


class CartContentsSerializer(serializers.Serializer[Any]):
    """A cart without its totals."""

    id = serializers.UUIDField(allow_null=True)
    token = serializers.SerializerMethodField(help_text="A guest's key to the cart.")
    currency = CurrencyField()
    items = CartItemSerializer(many=True, source="basket.lines")

    def get_token(self, cart: Any) -> str | None:
        """Return the guest's token."""
        return cart.token or None


class QuoteContentsSerializer(serializers.Serializer[Any]):
    """A quote without its totals."""

    currency = CurrencyField()
    items = QuoteLineSerializer(many=True, source="basket.lines")


class CouponProblemSerializer(serializers.Serializer[Any]):
    """Why a code gives nothing now."""

    code = serializers.CharField(help_text="As in an error: `coupon_expired`, …")
    detail = serializers.CharField()


class DiscountSerializer(serializers.Serializer[CouponDiscount]):
    """A code and what it takes off."""

    code = serializers.CharField(source="offer.code")
    name = serializers.CharField(source="offer.coupon.name", default="")
    kind = serializers.ChoiceField(
        choices=CouponKind.choices, source="offer.coupon.kind", default=None, allow_null=True
    )
    amount = MoneyField(help_text="What it takes off the goods, or off the price of delivery.")
    problem = CouponProblemSerializer(
        source="offer.problem", allow_null=True, help_text="Why it gives nothing; else `null`."
    )


class TotalsSerializer(serializers.Serializer[Any]):
    """What a cart or quote costs; `null` is not known yet."""

    coupons = serializers.ListField(
        child=serializers.CharField(), help_text="The codes that count now."
    )
    discounts = DiscountSerializer(
        many=True, help_text="Every code that was put in, with what it takes off."
    )
    subtotal = MoneyField(source="totals.subtotal")
    discount_total = MoneyField(source="totals.discount_total")
    shipping_total = MoneyField(allow_null=True)
    tax_total = MoneyField(allow_null=True)
    total = MoneyField(source="totals.total")
    item_count = serializers.IntegerField(source="basket.item_count")


class CartSerializer(CartContentsSerializer, TotalsSerializer):
    """A cart at present prices. `id` is `null` while nothing was ever put in."""

    updated_at = serializers.DateTimeField(allow_null=True)


class ShortfallSerializer(serializers.Serializer[Any]):
    """A variant of which fewer units joined than were asked for."""

    variant = serializers.UUIDField(source="variant_id")
    requested = serializers.IntegerField()
    quantity = serializers.IntegerField(help_text="What the cart now holds.")


class MergedCartSerializer(CartSerializer):
    """The customer's cart after a guest's has joined it."""

    shortfalls = ShortfallSerializer(many=True)


class QuoteSerializer(QuoteContentsSerializer, TotalsSerializer):
    """What a cart that is kept by the client would cost now."""


class RequestedItemSerializer(InputSerializer[dict[str, Any]]):
    """Units of a variant, or of a product's first variant."""

    product = serializers.UUIDField(required=False)
    variant = serializers.UUIDField(required=False)
    quantity = serializers.IntegerField(min_value=1, max_value=MAXIMUM_QUANTITY)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not {"product", "variant"} & attrs.keys():
            raise serializers.ValidationError(
                {"product": ["Name a product or a variant."]}, code="required"
            )
        return attrs


class AddItemSerializer(RequestedItemSerializer):
    """Put units into the cart."""

    quantity = serializers.IntegerField(min_value=1, max_value=MAXIMUM_QUANTITY, default=1)


class ChangeQuantitySerializer(InputSerializer[dict[str, Any]]):
    """Set how many units there shall be; 0 removes the item."""

    quantity = serializers.IntegerField(min_value=0, max_value=MAXIMUM_QUANTITY)


class MergeSerializer(InputSerializer[dict[str, Any]]):
    """A guest's cart: its lines, or the token of one kept here."""

    items: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=RequestedItemSerializer(), required=False, max_length=MAXIMUM_LINES
    )
    cart_token = TextField(required=False, max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not {"items", "cart_token"} & attrs.keys():
            raise serializers.ValidationError(
                {"items": ["Send items or a cart_token."]}, code="required"
            )
        return attrs


class CouponCodesField(serializers.ListField):
    """Codes of coupons, in capitals or not."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"required": False, "max_length": MAXIMUM_COUPONS, **kwargs}
        super().__init__(child=TextField(max_length=MAXIMUM_CODE), **kwargs)


class ApplyCouponSerializer(InputSerializer[dict[str, Any]]):
    """Put a coupon into the cart."""

    code = TextField(max_length=MAXIMUM_CODE, help_text="In capitals or not.")


class QuoteRequestSerializer(InputSerializer[dict[str, Any]]):
    """What is asked for and, as far as it is known, where to and how it is to be sent."""

    items: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=RequestedItemSerializer(), max_length=MAXIMUM_LINES
    )
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False, help_text="ISO 3166-1 alpha-2")
    region = TextField(required=False, allow_blank=True, max_length=80)
    postal_code = TextField(required=False, allow_blank=True, max_length=20)
    coupons = CouponCodesField()
    shipping_method = serializers.UUIDField(required=False, allow_null=True)


class DestinationSerializer(serializers.Serializer[Any]):
    """Where a cart is to be sent, from the query."""

    country = serializers.RegexField(r"^[A-Z]{2}$", help_text="ISO 3166-1 alpha-2")
    postal_code = TextField(required=False, allow_blank=True, max_length=20)


class ShippingOptionSerializer(serializers.Serializer[ShippingOption]):
    """A way of delivery with its price for a cart."""

    id = serializers.UUIDField(source="method.id")
    name = serializers.CharField(source="method.name")
    price = MoneyField(currency_source="method.currency")
    currency = CurrencyField(source="method.currency")
    pickup_location = serializers.CharField(
        source="method.pickup_location.name",
        default=None,
        allow_null=True,
        help_text="Where the goods are fetched; `null` when they are delivered.",
    )
    minimum_days = serializers.IntegerField(source="method.minimum_days")
    maximum_days = serializers.IntegerField(source="method.maximum_days")


class ShippingOptionsSerializer(serializers.Serializer[Any]):
    """All ways of delivery, on one page."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ShippingOptionSerializer(many=True)


def requested_item_of(item: dict[str, Any], pointer: str = "#") -> RequestedItem:
    return RequestedItem(
        quantity=item["quantity"],
        product_id=item.get("product"),
        variant_id=item.get("variant"),
        pointer=pointer,
    )


def requested_items_of(items: list[dict[str, Any]]) -> list[RequestedItem]:
    return [requested_item_of(item, f"#/items/{index}") for index, item in enumerate(items)]
