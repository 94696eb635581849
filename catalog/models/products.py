"""Products, their variants and pictures."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Upper
from mptt.models import TreeForeignKey

from catalog.models.tree import Brand, Category
from catalog.models.vendors import Vendor
from core.fields import CurrencyField, MoneyField
from core.models import ALIVE, BaseModel, TimestampedModel


class IsShaped(models.Func):
    """Whether a JSON path that ends in a test holds of a document."""

    template = "(%(expressions)s::jsonpath)"
    arg_joiner = " @@ "
    output_field = models.BooleanField()


_MEMBERS = '$.type() == "object"'
_TEXTS = 'strict $.type() == "object" && !exists($.* ? (@.type() != "string"))'


def sku_key(sku: Combinable) -> Upper:
    """Return what two spellings of one SKU have in common, whatever their case and form."""
    form = "%(function)s(%(expressions)s, NFKC)"
    return Upper(models.Func(sku, function="normalize", template=form))


class TaxClass(models.TextChoices):
    """How a product is taxed; ``pricing`` holds the rates."""

    STANDARD = "standard"
    REDUCED = "reduced"
    ZERO = "zero"


# What the public lists show; every index that serves a list states it.
LISTED = Q(deleted_at=None, is_active=True)


class Product(BaseModel):
    """What a customer finds; what they buy is one of its variants.

    ``price``, ``compare_at_price``, ``currency``, ``in_stock``, ``stock_quantity``,
    ``rating_average``, ``review_count`` and ``units_sold`` are copies for lists to sort and
    filter by. Each has one owner in ``catalog.services.listing`` that follows its source.
    """

    name = models.CharField(max_length=255)
    slug = models.SlugField(max_length=280, db_index=False)
    description = models.TextField(blank=True, default="")
    category = TreeForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, null=True, blank=True, related_name="products"
    )
    vendor = models.ForeignKey(
        Vendor, on_delete=models.PROTECT, null=True, blank=True, related_name="products"
    )
    tax_class = models.CharField(max_length=20, choices=TaxClass.choices, default=TaxClass.STANDARD)
    attributes = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    is_featured = models.BooleanField(default=False)
    # Pending only: a job makes the product active or inactive then, and clears them.
    publish_at = models.DateTimeField(null=True, blank=True)
    unpublish_at = models.DateTimeField(null=True, blank=True)

    price = MoneyField(editable=False, default=0)
    compare_at_price = MoneyField(editable=False, null=True)
    currency = CurrencyField(editable=False, default="USD")
    in_stock = models.BooleanField(editable=False, default=False)
    stock_quantity = models.PositiveIntegerField(editable=False, default=0)
    rating_average = models.DecimalField(max_digits=3, decimal_places=2, editable=False, default=0)
    review_count = models.PositiveIntegerField(editable=False, default=0)
    units_sold = models.PositiveIntegerField(editable=False, default=0)
    # Kept by triggers, see ``catalog/database``: the words to search, and the name without accents,
    # case and punctuation.
    search_document = SearchVectorField(null=True, editable=False)
    search_name = models.TextField(editable=False, default="")

    class Meta:
        base_manager_name = "all_objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["slug"], condition=ALIVE, name="product_slug_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(IsShaped(F("attributes"), Value(_MEMBERS))),
                name="product_attributes_are_members",
                violation_error_message="Attributes are values by name.",
            ),
            models.CheckConstraint(condition=Q(price__gte=0), name="product_price_not_negative"),
            models.CheckConstraint(
                condition=Q(rating_average__gte=0, rating_average__lte=5),
                name="product_rating_average_in_range",
            ),
            models.CheckConstraint(
                condition=Q(publish_at=None) | Q(is_active=False),
                name="product_to_be_published_is_inactive",
            ),
            models.CheckConstraint(
                condition=Q(publish_at=None)
                | Q(unpublish_at=None)
                | Q(unpublish_at__gt=F("publish_at")),
                name="product_is_published_before_unpublished",
                violation_error_message="It would be taken off before it is published.",
            ),
        ]
        indexes: ClassVar = [
            *(
                models.Index(fields=[column, "id"], condition=LISTED, name=f"product_by_{name}")
                for name, column in (
                    ("newest", "created_at"),
                    ("price", "price"),
                    ("name", "search_name"),
                    ("rating", "rating_average"),
                    ("popularity", "units_sold"),
                    ("stock", "stock_quantity"),
                )
            ),
            models.Index(
                OpClass("search_name", "text_pattern_ops"),
                condition=LISTED,
                name="product_by_beginning",
            ),
            models.Index(
                fields=["publish_at"],
                condition=Q(publish_at__isnull=False),
                name="product_to_publish",
            ),
            models.Index(
                fields=["unpublish_at"],
                condition=Q(unpublish_at__isnull=False),
                name="product_to_unpublish",
            ),
            GinIndex(fields=["search_document"], name="product_search"),
            GinIndex(
                fields=["attributes"], opclasses=["jsonb_path_ops"], name="product_attributes"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProductVariant(BaseModel):
    """What can be bought: one SKU with its own price, stock and options."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=120, blank=True, default="")
    options = models.JSONField(default=dict, blank=True)
    price = MoneyField()
    compare_at_price = MoneyField(null=True, blank=True)
    cost_price = MoneyField(null=True, blank=True)
    currency = CurrencyField(default="USD")
    barcode = models.CharField(max_length=64, blank=True, default="", db_index=True)
    weight_grams = models.PositiveIntegerField(default=0)
    is_digital = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    in_stock = models.BooleanField(editable=False, default=False)
    stock_quantity = models.PositiveIntegerField(editable=False, default=0)

    class Meta:
        base_manager_name = "all_objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sku"], condition=ALIVE, name="variant_sku_is_unique"),
            # One expression for all look-ups: ``catalog.selectors.variants.variants_by_sku``.
            models.UniqueConstraint(
                sku_key(F("sku")), condition=ALIVE, name="variant_sku_is_unique_in_any_form"
            ),
            models.UniqueConstraint(
                fields=["product", "options"], condition=ALIVE, name="variant_options_are_unique"
            ),
            models.CheckConstraint(
                condition=Q(IsShaped(F("options"), Value(_TEXTS))),
                name="variant_options_are_texts_by_name",
                violation_error_message="Options are texts by name.",
            ),
            models.CheckConstraint(condition=Q(price__gt=0), name="variant_price_is_positive"),
            models.CheckConstraint(
                condition=Q(compare_at_price=None) | Q(compare_at_price__gt=F("price")),
                name="variant_compare_at_price_above_price",
            ),
            models.CheckConstraint(
                condition=Q(cost_price=None) | Q(cost_price__gte=0),
                name="variant_cost_price_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="variant_currency_is_a_code"
            ),
        ]
        indexes: ClassVar = [
            GinIndex(fields=["options"], opclasses=["jsonb_path_ops"], name="variant_options"),
            models.Index(
                fields=["product"], condition=ALIVE & ~Q(options={}), name="variants_with_options"
            ),
        ]

    def __str__(self) -> str:
        return self.sku


class ProductImage(BaseModel):
    """A picture of a product and its smaller renditions."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    image = models.ImageField(upload_to="products/")
    width = models.PositiveIntegerField(editable=False, default=0)
    height = models.PositiveIntegerField(editable=False, default=0)
    thumbnails = models.JSONField(default=dict, editable=False)
    alt = models.CharField(max_length=255, blank=True, default="")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        base_manager_name = "all_objects"

    def __str__(self) -> str:
        return self.alt or str(self.id)


class ImageDownload(TimestampedModel):
    """A picture that an import named by its address, and what became of fetching it."""

    PENDING, FETCHED, REFUSED = "pending", "fetched", "refused"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="image_downloads")
    url = models.CharField(max_length=2000)
    position = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=20, default=PENDING)
    detail = models.CharField(max_length=255, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "url"], name="one_download_per_address")
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(status="pending"), name="image_download_due")
        ]

    def __str__(self) -> str:
        return self.url
