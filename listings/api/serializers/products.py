"""What comes in and goes out about products.

The answers themselves are written by PostgreSQL (``listings.selectors.documents``); the output
serializers describe them for OpenAPI, and a test holds both to the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from catalog.models import (
    Brand,
    Category,
    Product,
    ProductImage,
    ProductVariant,
    TaxClass,
    Vendor,
)
from catalog.selectors.prices import lowest_price_before
from core.api.bodies import InputSerializer
from core.api.fields import CurrencyField, LongTextField, MoneyField, SlugField, TextField
from core.api.shaping import ShapedSerializer
from inventory.services.stock import MOST_UNITS
from listings.api.fields import KeyField, PriceField
from listings.api.serializers.categories import CategorySerializer

_LARGEST_INTEGER = 2_147_483_647
_LARGEST_SMALL_INTEGER = 32_767
_AMOUNT = {"type": "string", "format": "decimal", "example": "19.90"}
_SIZES = ("small", "medium", "large")


class CategoryLinkSerializer(serializers.ModelSerializer[Category]):
    """A category, named."""

    class Meta:
        model = Category
        fields = ("id", "name", "slug")


class BrandLinkSerializer(serializers.ModelSerializer[Brand]):
    """A brand, named."""

    class Meta:
        model = Brand
        fields = ("id", "name", "slug")


class VendorLinkSerializer(serializers.ModelSerializer[Vendor]):
    """A vendor, named."""

    class Meta:
        model = Vendor
        fields = ("id", "name", "slug")


class ThumbnailsSerializer(serializers.Serializer[Any]):
    """Smaller renditions; the original's address until they are made."""

    small = serializers.URLField()
    medium = serializers.URLField()
    large = serializers.URLField()


class ImageSerializer(serializers.ModelSerializer[ProductImage]):
    """A picture of a product."""

    url = serializers.SerializerMethodField()
    thumbnails = serializers.SerializerMethodField()

    class Meta:
        model = ProductImage
        fields = ("id", "url", "thumbnails", "alt", "position")

    @extend_schema_field(serializers.URLField())
    def get_url(self, image: ProductImage) -> str:
        """Return the address of the original."""
        return f"{self.context['media']}{image.image.name}"

    @extend_schema_field(ThumbnailsSerializer)
    def get_thumbnails(self, image: ProductImage) -> dict[str, str]:
        """Return the addresses of the smaller renditions."""
        return {
            size: f"{self.context['media']}{image.thumbnails.get(size, image.image.name)}"
            for size in _SIZES
        }


class VariantSerializer(serializers.ModelSerializer[ProductVariant]):
    """What can be bought of a product."""

    price = MoneyField(read_only=True)
    compare_at_price = MoneyField(read_only=True, allow_null=True)
    options = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = ProductVariant
        fields: tuple[str, ...] = (
            "id",
            "sku",
            "name",
            "options",
            "price",
            "compare_at_price",
            "currency",
            "in_stock",
            "stock_quantity",
            "barcode",
            "weight_grams",
            "is_digital",
        )


class PagedVariantSerializer(VariantSerializer):
    """A variant on its product's page; `lowest_price_30_days` where its price is reduced."""

    lowest_price_30_days = serializers.SerializerMethodField()

    class Meta(VariantSerializer.Meta):
        fields = (
            *VariantSerializer.Meta.fields[:6],
            "lowest_price_30_days",
            *VariantSerializer.Meta.fields[6:],
        )

    @extend_schema_field({**_AMOUNT, "type": ["string", "null"]})
    def get_lowest_price_30_days(self, variant: ProductVariant) -> str | None:
        """Return the lowest price of the 30 days before the present one, if that is reduced."""
        return lowest_price_before(variant)


_SUMMARY_FIELDS: tuple[str, ...] = (
    "id",
    "name",
    "slug",
    "category",
    "brand",
    "vendor",
    "price",
    "compare_at_price",
    "currency",
    "is_active",
    "is_featured",
    "in_stock",
    "stock_quantity",
    "rating_average",
    "review_count",
    "images",
    "attributes",
    "created_at",
    "updated_at",
)


class ExpandedCategorySerializer(CategorySerializer):
    """The whole category of a product, by `expand`."""

    class Meta(CategorySerializer.Meta):
        fields = CategorySerializer.Meta.fields[:-1]


class ExpandedBrandSerializer(serializers.ModelSerializer[Brand]):
    """The whole brand of a product, by `expand`."""

    class Meta:
        model = Brand
        fields = ("id", "name", "slug", "description")


_EXPANDED: dict[str, Callable[..., serializers.Field[Any, Any, Any, Any]]] = {
    "category": ExpandedCategorySerializer,
    "brand": ExpandedBrandSerializer,
}


class ProductSummarySerializer(ShapedSerializer, serializers.ModelSerializer[Product]):
    """A product in a list, with its first image; `variants` by `expand`."""

    # What `listings.selectors.documents` expands.
    expandable: ClassVar = {
        **_EXPANDED,
        "images": partial(ImageSerializer, many=True),
        "variants": partial(VariantSerializer, many=True),
        "snippet": partial(serializers.CharField, allow_null=True),
    }

    category = CategoryLinkSerializer()
    brand = BrandLinkSerializer(allow_null=True)
    vendor = VendorLinkSerializer(allow_null=True)
    price = MoneyField(read_only=True)
    compare_at_price = MoneyField(read_only=True, allow_null=True)
    rating_average = serializers.FloatField(read_only=True)
    attributes = serializers.DictField(child=serializers.JSONField())
    images = ImageSerializer(many=True)

    class Meta:
        model = Product
        fields = _SUMMARY_FIELDS


class ProductSerializer(ProductSummarySerializer):
    """A product's own page, with exact stock."""

    expandable: ClassVar = _EXPANDED
    variants = PagedVariantSerializer(many=True)
    lowest_price_30_days = serializers.SerializerMethodField()

    class Meta(ProductSummarySerializer.Meta):
        fields = (
            *_SUMMARY_FIELDS[:3],
            "description",
            *_SUMMARY_FIELDS[3:8],
            "lowest_price_30_days",
            *_SUMMARY_FIELDS[8:],
            "publish_at",
            "unpublish_at",
            "variants",
        )

    @extend_schema_field({**_AMOUNT, "type": ["string", "null"]})
    def get_lowest_price_30_days(self, product: Product) -> str | None:
        """Return that of the cheapest variant, whose price the product shows."""
        cheapest = min(product.variants.all(), key=lambda one: (one.price, one.position, one.id))
        return lowest_price_before(cheapest)


class VariantFieldsSerializer(InputSerializer[dict[str, Any]]):
    """What can be said of a variant; nothing is required."""

    sku = TextField(max_length=64, required=False)
    price = PriceField(required=False)
    compare_at_price = PriceField(required=False, allow_null=True)
    cost_price = PriceField(required=False, allow_null=True)
    currency = CurrencyField(required=False)
    barcode = TextField(max_length=64, required=False, allow_blank=True)
    weight_grams = serializers.IntegerField(min_value=0, max_value=_LARGEST_INTEGER, required=False)
    is_digital = serializers.BooleanField(required=False)


class ChangeVariantSerializer(VariantFieldsSerializer):
    """A part of a variant to change."""

    name = TextField(max_length=120, required=False, allow_blank=True)
    options = serializers.DictField(child=TextField(max_length=120), required=False)
    position = serializers.IntegerField(
        min_value=0, max_value=_LARGEST_SMALL_INTEGER, required=False
    )


class AddVariantSerializer(ChangeVariantSerializer):
    """A variant to add; without a SKU it gets one."""

    price = PriceField()


def _stock_quantity() -> serializers.IntegerField:
    return serializers.IntegerField(
        min_value=0,
        max_value=MOST_UNITS,
        required=False,
        help_text="Units that can be bought, over all locations; the default one takes the "
        "difference.",
    )


class ChangeStockedVariantSerializer(ChangeVariantSerializer):
    """A part of a variant to change, its stock included."""

    stock_quantity = _stock_quantity()


class AddStockedVariantSerializer(AddVariantSerializer):
    """A variant to add, with its stock."""

    stock_quantity = _stock_quantity()


@extend_schema_serializer(component_name="UpdateStockedProduct")
class UpdateProductSerializer(VariantFieldsSerializer):
    """A part of a product to change, its stock included."""

    stock_quantity = _stock_quantity()

    name = TextField(max_length=255, required=False)
    slug = SlugField(max_length=280, required=False)
    description = LongTextField(max_length=100_000, required=False, allow_blank=True)
    category = KeyField(Category.objects.all, required=False, allow_null=True)
    brand = KeyField(Brand.objects.all, required=False, allow_null=True)
    vendor = KeyField(
        Vendor.objects.all,
        required=False,
        allow_null=True,
        help_text="Id or slug. A seller who sells for one vendor need not name it.",
    )
    tax_class = serializers.ChoiceField(TaxClass.choices, required=False)
    attributes = serializers.DictField(child=serializers.JSONField(), required=False)
    is_active = serializers.BooleanField(required=False)
    is_featured = serializers.BooleanField(required=False)
    publish_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Inactive until then."
    )
    unpublish_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Inactive from then on."
    )


@extend_schema_serializer(component_name="CreateStockedProduct")
class CreateProductSerializer(UpdateProductSerializer):
    """A product to make, with its stock."""

    name = TextField(max_length=255)
    price = PriceField(required=False)
    variants = AddStockedVariantSerializer(many=True, required=False, allow_empty=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for a price, one way or the other."""
        if "variants" not in attrs and "price" not in attrs:
            raise serializers.ValidationError({"price": ["This field is required."]}, "required")
        return attrs


@extend_schema_serializer(component_name="ReplaceStockedProduct")
class ReplaceProductSerializer(UpdateProductSerializer):
    """A whole product; stock stays as it is when not sent."""

    shown_as = ProductSerializer

    name = TextField(max_length=255)
    description = LongTextField(max_length=100_000, default="", allow_blank=True)
    brand = KeyField(Brand.objects.all, default=None, allow_null=True)
    attributes = serializers.DictField(child=serializers.JSONField(), default=dict)


class ChangeImageSerializer(InputSerializer[dict[str, Any]]):
    """A picture's alternative text and place."""

    alt = TextField(max_length=255, required=False, allow_blank=True)
    position = serializers.IntegerField(
        min_value=0, max_value=_LARGEST_SMALL_INTEGER, required=False
    )


class UploadImagesSerializer(InputSerializer[dict[str, Any]]):
    """Pictures to add: JPEG, PNG, WebP or AVIF, each with its text at the same place."""

    images = serializers.ListField(child=serializers.FileField(allow_empty_file=True))
    alt = serializers.ListField(child=TextField(allow_blank=True), required=False)


class SuggestionsSerializer(serializers.Serializer[Any]):
    """What could be meant by the beginning of a word."""

    products = CategoryLinkSerializer(many=True)
    categories = CategoryLinkSerializer(many=True)
    brands = BrandLinkSerializer(many=True)


class PurchaseSerializer(InputSerializer[dict[str, Any]]):
    """What was sold elsewhere."""

    quantity = serializers.IntegerField(min_value=1, max_value=1_000_000)
    variant = serializers.UUIDField(
        required=False, help_text="The product's first variant when not given."
    )
