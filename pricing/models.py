"""Tax rates by place and product class; price lists; coupons and what became of them."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django_countries.fields import CountryField

from accounts.models import User
from catalog.models import Category, Product, ProductVariant, TaxClass
from core.fields import CurrencyField, MoneyField
from core.models import ALIVE, BaseModel, TimestampedModel


class TaxRate(BaseModel):
    """The tax on a class of products sold to a country, or to one region of it.

    ``rate`` is a fraction: 0.1900 is 19 %. ``is_inclusive`` says that the shop's prices
    already contain it. The region's own rate is preferred to the country's.
    """

    country = CountryField()
    region = models.CharField(max_length=80, blank=True, default="")
    tax_class = models.CharField(max_length=20, choices=TaxClass.choices)
    name = models.CharField(max_length=40)
    rate = models.DecimalField(max_digits=6, decimal_places=5)
    is_inclusive = models.BooleanField(default=False)

    class Meta:
        base_manager_name = "all_objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["country", "region", "tax_class"],
                condition=ALIVE,
                name="one_tax_rate_per_place_and_class",
            ),
            models.CheckConstraint(
                condition=Q(rate__gte=0, rate__lt=1), name="tax_rate_is_a_fraction"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.rate:%}"


class CustomerGroup(BaseModel):
    """Customers who share price lists, such as bookshops."""

    name = models.CharField(max_length=80)
    members = models.ManyToManyField(User, blank=True, related_name="customer_groups")

    class Meta:
        base_manager_name = "all_objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"], condition=ALIVE, name="customer_group_name_is_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name


class PriceList(BaseModel):
    """Prices below those of the catalog: for a group, or without one for everybody.

    For everybody it holds quantity price breaks. Whoever has several prices pays the lowest.
    """

    name = models.CharField(max_length=80)
    group = models.ForeignKey(
        CustomerGroup,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="price_lists",
        help_text="For everybody, unless a group is chosen.",
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        base_manager_name = "all_objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"], condition=ALIVE, name="price_list_name_is_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ListPrice(TimestampedModel):
    """What a unit of a variant costs from so many units on, in the variant's currency."""

    price_list = models.ForeignKey(PriceList, on_delete=models.CASCADE, related_name="prices")
    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="+")
    minimum_quantity = models.PositiveIntegerField(default=1)
    price = MoneyField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["price_list", "variant", "minimum_quantity"],
                name="one_list_price_per_quantity",
            ),
            models.CheckConstraint(
                condition=Q(minimum_quantity__gte=1, price__gt=0),
                name="list_price_and_quantity_are_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.price} from {self.minimum_quantity}"


class CouponKind(models.TextChoices):
    """What a coupon gives."""

    PERCENTAGE = "percentage"
    FIXED_AMOUNT = "fixed_amount"
    FREE_SHIPPING = "free_shipping"


class Coupon(BaseModel):
    """A code that lowers what an order costs.

    ``rate`` is a fraction (0.1000 is 10 %), ``amount`` and ``minimum_subtotal`` are in
    ``currency``. With products or categories (and what is filed below these) it is for such
    goods only: they are what it lowers, and what ``minimum_subtotal`` asks for. ``uses`` counts
    the orders that were not cancelled.
    """

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120, blank=True, default="")
    kind = models.CharField(
        max_length=20, choices=CouponKind.choices, default=CouponKind.PERCENTAGE
    )
    rate = models.DecimalField(max_digits=5, decimal_places=4, null=True, blank=True)
    amount = MoneyField(null=True, blank=True)
    currency = CurrencyField(default="USD")
    minimum_subtotal = MoneyField(null=True, blank=True)
    products = models.ManyToManyField(Product, blank=True, related_name="+")
    categories = models.ManyToManyField(Category, blank=True, related_name="+")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    maximum_uses = models.PositiveIntegerField(null=True, blank=True)
    maximum_uses_per_customer = models.PositiveIntegerField(null=True, blank=True)
    uses = models.PositiveIntegerField(default=0, editable=False)
    is_active = models.BooleanField(default=True)

    # Its reach, from pricing.selectors: whether it is for some goods only, for which of the
    # products asked about, and how often the buyer has used it.
    is_restricted: bool
    covered: list[UUID]
    uses_of_buyer: int

    class Meta:
        base_manager_name = "all_objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code"], condition=ALIVE, name="coupon_code_is_unique"),
            models.CheckConstraint(
                condition=Q(code=Upper("code"), code__regex=r"^[A-Z0-9][A-Z0-9_-]*$"),
                name="coupon_code_of_capitals_and_digits",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind=CouponKind.PERCENTAGE,
                    rate__gt=0,
                    rate__lte=1,
                    rate__isnull=False,
                    amount__isnull=True,
                )
                | Q(
                    kind=CouponKind.FIXED_AMOUNT,
                    amount__gt=0,
                    amount__isnull=False,
                    rate__isnull=True,
                )
                | Q(kind=CouponKind.FREE_SHIPPING, rate__isnull=True, amount__isnull=True),
                name="coupon_value_suits_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(minimum_subtotal__isnull=True) | Q(minimum_subtotal__gt=0),
                name="coupon_minimum_is_positive",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
                name="coupon_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(maximum_uses__isnull=True) | Q(uses__lte=F("maximum_uses")),
                name="coupon_uses_within_maximum",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CouponUse(TimestampedModel):
    """That an order uses a coupon: until ``released_at``, when the order was cancelled.

    ``order_id`` is a plain id, since orders are a floor above. ``holder`` is a keyed digest of
    the buyer's e-mail address, by which a guest's uses are counted.
    """

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="use_rows")
    order_id = models.UUIDField(db_index=True)
    customer = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    holder = models.CharField(max_length=64)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["coupon", "order_id"], name="one_coupon_use_per_order")
        ]
        indexes: ClassVar = [models.Index(fields=["coupon", "holder"], name="coupon_use_by_holder")]

    def __str__(self) -> str:
        return f"{self.coupon_id} for {self.order_id}"
