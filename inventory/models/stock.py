"""What is where: locations, stock, its ledger, and what is promised to orders."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django_countries.fields import CountryField

from accounts.models import User
from catalog.models import ProductVariant
from core.models import ALIVE, BaseModel, TimestampedModel, new_id


class LocationKind(models.TextChoices):
    WAREHOUSE = "warehouse"
    SHOP = "shop"


class Location(BaseModel):
    """A warehouse or shop that holds stock; goods leave the lowest ``priority`` first."""

    name = models.CharField(max_length=120)
    code = models.SlugField(max_length=40)
    kind = models.CharField(
        max_length=20, choices=LocationKind.choices, default=LocationKind.WAREHOUSE
    )
    country = CountryField(blank=True, default="")
    priority = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)

    class Meta:
        base_manager_name = "all_objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["code"], condition=ALIVE, name="location_code_is_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name


class StockItem(TimestampedModel):
    """How many of a variant lie at a location, and how many of these are promised.

    ``is_listed`` is false while the catalog's copies of the stock figure still have to
    follow; ``inventory.tasks.refresh_listings`` makes them. ``is_low`` is what was last announced:
    that no more than ``reorder_point`` are available; ``inventory.tasks.announce_low_stock``
    follows.
    """

    variant = models.ForeignKey(
        ProductVariant, on_delete=models.PROTECT, related_name="stock_items"
    )
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="stock_items")
    on_hand = models.PositiveIntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0)
    reorder_point = models.PositiveIntegerField(default=0)
    is_listed = models.BooleanField(default=False, editable=False)
    is_low = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["variant", "location"], name="one_stock_item_per_variant_and_location"
            ),
            models.CheckConstraint(
                condition=Q(on_hand__gte=F("reserved")), name="stock_reserved_within_on_hand"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(is_listed=False), name="stock_item_unlisted"),
            models.Index(
                fields=["id"],
                condition=Q(is_low=True) | Q(reorder_point__gt=0),
                name="stock_item_watched",
            ),
        ]
        permissions: ClassVar = [("sell_stockitem", "Can take stock for a sale made elsewhere")]

    def __str__(self) -> str:
        return f"{self.variant_id} at {self.location_id}"

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class MovementReason(models.TextChoices):
    """Why stock came or went."""

    RECEIVED = "received"
    ADJUSTED = "adjusted"
    COUNTED = "counted"
    DAMAGED = "damaged"
    SHIPPED = "shipped"
    SOLD = "sold"
    RETURNED = "returned"
    TRANSFERRED = "transferred"
    IMPORTED = "imported"


class StockMovement(models.Model):
    """An entry of the append-only ledger; ``on_hand`` is the sum of its deltas.

    A trigger refuses to change or delete entries. ``reference`` names what caused it, such as
    the id of an order.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    stock_item = models.ForeignKey(StockItem, on_delete=models.PROTECT, related_name="movements")
    delta = models.IntegerField()
    reason = models.CharField(max_length=20, choices=MovementReason.choices)
    reference = models.CharField(max_length=80, blank=True, default="", db_index=True)
    note = models.CharField(max_length=255, blank=True, default="")
    actor = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(delta=0), name="stock_movement_moves_something")
        ]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="stock_movement_newest_first")
        ]

    def __str__(self) -> str:
        return f"{self.delta:+d} {self.reason}"


class Reservation(TimestampedModel):
    """Units promised to one line of an order: open until fulfilled or released.

    ``order_id`` and ``line_id`` are plain ids, since orders are a floor above.
    """

    stock_item = models.ForeignKey(StockItem, on_delete=models.PROTECT, related_name="reservations")
    order_id = models.UUIDField(db_index=True)
    line_id = models.UUIDField()
    quantity = models.PositiveIntegerField()
    fulfilled = models.PositiveIntegerField(default=0)
    released = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["line_id", "stock_item"], name="one_reservation_per_line_and_stock_item"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="reservation_quantity_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("fulfilled") + F("released")),
                name="reservation_spent_within_quantity",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} for {self.order_id}"

    @property
    def open(self) -> int:
        return self.quantity - self.fulfilled - self.released
