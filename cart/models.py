"""What a customer or guest intends to buy."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import User
from catalog.models import ProductVariant
from core.fields import CurrencyField, MoneyField
from core.models import TimestampedModel

MAXIMUM_QUANTITY = 10_000


class CartStatus(models.TextChoices):
    """A cart is open until an order is made from it, or it is joined with another."""

    OPEN = "open"
    ORDERED = "ordered"
    MERGED = "merged"


class Cart(TimestampedModel):
    """A customer's cart, or a guest's who holds its token (stored as a SHA-256 digest)."""

    customer = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="carts"
    )
    token_digest = models.CharField(max_length=64, blank=True, default="", db_index=True)
    currency = CurrencyField()
    status = models.CharField(max_length=10, choices=CartStatus.choices, default=CartStatus.OPEN)
    # The codes that were put in, checked at each read: no keys, since most carts have none.
    coupons = ArrayField(models.CharField(max_length=40), default=list, db_default=[], blank=True)
    # When it was last announced that nobody came back; a later touch makes it count again.
    abandoned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(status=CartStatus.OPEN, customer__isnull=False),
                name="one_open_cart_per_customer",
            ),
            models.UniqueConstraint(
                fields=["token_digest"],
                condition=Q(status=CartStatus.OPEN) & ~Q(token_digest=""),
                name="one_open_cart_per_token",
            ),
            models.CheckConstraint(
                condition=Q(customer__isnull=False) | ~Q(token_digest=""), name="cart_has_an_owner"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "updated_at"])]

    def __str__(self) -> str:
        return str(self.id)


class CartItem(TimestampedModel):
    """A variant in a cart; ``unit_price_seen`` is what the customer last saw."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="items")
    variant = models.ForeignKey(ProductVariant, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    unit_price_seen = MoneyField()

    # From cart.selectors.lines_of: the path of the product's first picture, the price breaks
    # that the cart's owner enjoys, and how many units the stock could give.
    image: str | None
    breaks: Sequence[Sequence[Decimal]]
    units: int

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cart", "variant"], name="one_item_per_variant"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=MAXIMUM_QUANTITY),
                name="cart_item_quantity_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"


class SavedItem(TimestampedModel):
    """Units of a variant that were put aside for later: by a customer, or a guest with a token.

    It belongs to the person, not to the cart, so that it is still there after an order.
    ``unit_price_seen`` is what they last saw.
    """

    customer = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="saved_items"
    )
    token_digest = models.CharField(max_length=64, blank=True, default="")
    variant = models.ForeignKey(ProductVariant, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    unit_price_seen = MoneyField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "variant"],
                condition=Q(customer__isnull=False),
                name="one_saved_item_per_customer",
            ),
            models.UniqueConstraint(
                fields=["token_digest", "variant"],
                condition=Q(customer=None),
                name="one_saved_item_per_token",
            ),
            models.CheckConstraint(
                condition=Q(customer__isnull=False, token_digest="")
                | (Q(customer=None) & ~Q(token_digest="")),
                name="saved_item_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=MAXIMUM_QUANTITY),
                name="saved_item_quantity_in_range",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["updated_at"], name="saved_item_by_age")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"


def columns_of(model: type[models.Model], *names: str) -> str:
    """Return the columns of a model's fields, as a list in SQL."""
    columns = {field.name: str(field.column) for field in model._meta.concrete_fields}
    return ", ".join(columns[name] for name in names)
