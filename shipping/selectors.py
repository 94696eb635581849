from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Left, Length

from accounts.postal import official_postal_code
from shipping.models import ShippingMethod, ZoneCountry
from shipping.rates import price_of


@dataclass(frozen=True, slots=True)
class ShippingOption:
    """A method with its price for certain goods, in the method's currency."""

    method: ShippingMethod
    price: Decimal


def served_countries() -> QuerySet[ZoneCountry]:
    return (
        ZoneCountry.objects.filter(
            zone__deleted_at=None, zone__methods__is_active=True, zone__methods__deleted_at=None
        )
        .distinct("country")
        .order_by("country", "id")
    )


def countries() -> list[str]:
    """Return the codes (ISO 3166-1 alpha-2) of all countries that are delivered to."""
    return list(served_countries().values_list("country", flat=True))


def delivers_to(country: str) -> bool:
    """Tell whether any method reaches ``country``."""
    return served_countries().filter(country=country).exists()


def offered_methods() -> QuerySet[ShippingMethod]:
    return ShippingMethod.objects.filter(is_active=True, zone__deleted_at=None)


def methods_to(*, country: str, currency: str, postal_code: str = "") -> QuerySet[ShippingMethod]:
    """Return the methods that reach an address, priced in ``currency``, in the shop's order.

    Where the postal code (as ``normalised_postal_code`` returns it) is in a zone's range, such
    zones alone count, else the one of the whole country. What can be fetched is offered only
    where the location is open.
    """
    there = ZoneCountry.objects.filter(country=country, zone__deleted_at=None)
    ranged = there.filter(
        ~Q(postal_from=""),
        postal_from__lte=postal_code,
        postal_to__gte=Left(Value(postal_code, CharField()), Length("postal_to")),
    )
    whole = there.filter(postal_from="").exclude(Exists(ranged))
    of_zone = OuterRef("zone")
    return (
        offered_methods()
        .filter(
            Exists(ranged.filter(zone=of_zone)) | Exists(whole.filter(zone=of_zone)),
            Q(pickup_location=None)
            | Q(pickup_location__is_active=True, pickup_location__deleted_at=None),
            currency=currency,
        )
        .select_related("pickup_location")
        .order_by("position", "id")
    )


def normalised_postal_code(code: str) -> str:
    """Return a postal code in capitals and digits alone, as ranges are stored."""
    return re.sub("[^A-Z0-9]", "", code.upper())


def comparable_postal_code(country: str, typed: str) -> str:
    """Return a postal code as ranges are stored, however it was typed."""
    official = official_postal_code(country=country, typed=typed)
    return normalised_postal_code(official or typed)


def pickup_country(method_id: UUID) -> str:
    """Return the country of where a method lets goods be fetched; empty for what is delivered."""
    pickups = offered_methods().filter(pk=method_id, pickup_location__isnull=False)
    return str(pickups.values_list("pickup_location__country", flat=True).first() or "")


def options_among(
    methods: Iterable[ShippingMethod], *, subtotal: Decimal, weight_grams: int
) -> list[ShippingOption]:
    """Return those of ``methods`` that take goods of this price and weight."""
    priced = ((m, price_of(m, subtotal=subtotal, weight_grams=weight_grams)) for m in methods)
    return [ShippingOption(method, price) for method, price in priced if price is not None]
