"""Zones and methods for tests."""

from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from shipping.models import ShippingMethod, ShippingZone, ZoneCountry


def _deliver_to(zone: ShippingZone, create: bool, codes: list[str] | None, **_: Any) -> None:
    if create:
        ZoneCountry.objects.bulk_create(
            ZoneCountry(zone=zone, country=code) for code in (["DE"] if codes is None else codes)
        )


class ZoneFactory(DjangoModelFactory[ShippingZone]):
    """A zone; ``countries=["DE", "FR"]`` are delivered to (Germany when not given)."""

    class Meta:
        model = ShippingZone
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Zone {n}")

    countries = factory.PostGeneration(_deliver_to)


class ShippingMethodFactory(DjangoModelFactory[ShippingMethod]):
    """A flat rate of 4.90 USD, in two to four days."""

    class Meta:
        model = ShippingMethod

    zone = factory.SubFactory(ZoneFactory)
    name = "Standard"
    price = Decimal("4.90")
    currency = "USD"
    minimum_days = 2
    maximum_days = 4
