"""Where the shop delivers to, how, and for how much."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django_countries.fields import CountryField

from catalog.models import TaxClass
from catalog.models.products import IsShaped
from core.fields import CurrencyField, MoneyField
from core.models import ALIVE, BaseModel
from inventory.models import Location

POSTAL_PATTERN = "^[A-Z0-9]+$"
# A strict path does not look into lists within the list; a lax one bears members that are missing.
_OBJECTS = 'strict $.type() == "array" && !exists($[*] ? (@.type() != "object"))'
_TIERS = "!exists($[*] ? (!exists(@.from) || !exists(@.price)))"


class ShippingZone(BaseModel):
    name = models.CharField(max_length=120)

    class Meta:
        base_manager_name = "all_objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name"], condition=ALIVE, name="zone_name_is_unique")
        ]

    def __str__(self) -> str:
        return self.name


class ZoneCountry(models.Model):
    """That a zone delivers to a country, or to some of its postal codes.

    A whole country belongs to at most one zone; its other zones have ranges of postal codes,
    and where a range fits, the country's own zone does not count. Ranges are compared as text,
    in capitals and digits alone, and include all that begins like ``postal_to``: ``10`` to
    ``19`` holds 10115 and 19999, ``BT`` to ``BT`` all of Northern Ireland.
    """

    zone = models.ForeignKey(ShippingZone, on_delete=models.CASCADE, related_name="zone_countries")
    country = CountryField(db_index=True)
    postal_from = models.CharField(max_length=12, blank=True, default="", db_default="")
    postal_to = models.CharField(max_length=12, blank=True, default="", db_default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["country"],
                condition=Q(postal_from=""),
                name="one_zone_per_whole_country",
                violation_error_message="This country is in another zone: give postal codes.",
            ),
            models.UniqueConstraint(
                fields=["zone", "country", "postal_from"], name="one_row_per_range_of_a_zone"
            ),
            models.CheckConstraint(
                condition=Q(postal_from="", postal_to="")
                | Q(
                    postal_from__regex=POSTAL_PATTERN,
                    postal_to__regex=POSTAL_PATTERN,
                    postal_to__gte=models.F("postal_from"),
                ),
                name="postal_codes_are_a_range",
                violation_error_message="Give the first and the last postal code, or none.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} in {self.zone_id}"


class RateKind(models.TextChoices):
    """What a method's price depends on."""

    FLAT = "flat"
    BY_WEIGHT = "by_weight"
    BY_PRICE = "by_price"


class ShippingMethod(BaseModel):
    """A way of delivery in a zone, with its price.

    ``tiers`` (for ``by_weight`` and ``by_price``) is a list of ``{"from": …, "price": …}``
    in ascending order, from in grams or in money; below the first tier the method is not
    offered. ``free_above`` makes it free from that subtotal on. With ``pickup_location`` the
    customer comes and fetches the goods there, and needs no address.
    """

    zone = models.ForeignKey(ShippingZone, on_delete=models.PROTECT, related_name="methods")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=RateKind.choices, default=RateKind.FLAT)
    price = MoneyField(default=0)
    tiers = models.JSONField(default=list, blank=True)
    currency = CurrencyField(default="USD")
    free_above = MoneyField(null=True, blank=True)
    maximum_weight_grams = models.PositiveIntegerField(null=True, blank=True)
    minimum_days = models.PositiveSmallIntegerField()
    maximum_days = models.PositiveSmallIntegerField()
    tax_class = models.CharField(max_length=20, choices=TaxClass.choices, default=TaxClass.STANDARD)
    pickup_location = models.ForeignKey(
        Location,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Where customers fetch their goods; empty for what is delivered.",
    )
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        base_manager_name = "all_objects"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(price__gte=0), name="shipping_price_not_negative"),
            models.CheckConstraint(
                condition=Q(currency__regex="^[A-Z]{3}$"),
                name="shipping_currency_is_a_code",
                violation_error_message="A currency is three capital letters, such as EUR.",
            ),
            models.CheckConstraint(
                condition=Q(IsShaped(models.F("tiers"), models.Value(_OBJECTS)))
                & Q(IsShaped(models.F("tiers"), models.Value(_TIERS))),
                name="shipping_tiers_are_a_list",
                violation_error_message="Tiers are a list of what they begin with and cost.",
            ),
            models.CheckConstraint(
                condition=Q(maximum_days__gte=models.F("minimum_days")),
                name="shipping_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_pickup(self) -> bool:
        return self.pickup_location_id is not None
