"""The demo shop's shipping zones and tax rates: settings of a shop, which no service writes."""

from collections.abc import Sequence

from django.db import transaction

from catalog.models import TaxClass
from demo.seeding.step import Step
from demo.shipping import TAXES, ZONES, DemoMethod, DemoTax, DemoZone
from pricing.models import TaxRate
from shipping.models import ShippingMethod, ShippingZone, ZoneCountry


def missing_zones() -> Sequence[DemoZone]:
    known = set(ShippingZone.all_objects.values_list("name", flat=True))
    return [zone for zone in ZONES if zone.name not in known]


@transaction.atomic
def make_zone(demo: DemoZone) -> None:
    """Make a zone with its methods, of the countries that no other zone has."""
    zone = ShippingZone.objects.create(name=demo.name)
    taken = set(ZoneCountry.objects.values_list("country", flat=True))
    ZoneCountry.objects.bulk_create(
        ZoneCountry(zone=zone, country=country)
        for country in demo.countries
        if country not in taken
    )
    ShippingMethod.objects.bulk_create(
        _method(zone, method, position) for position, method in enumerate(demo.methods)
    )


def _method(zone: ShippingZone, demo: DemoMethod, position: int) -> ShippingMethod:
    return ShippingMethod(
        zone=zone,
        name=demo.name,
        kind=demo.kind,
        price=demo.price,
        tiers=[{"from": grams, "price": str(price)} for grams, price in demo.tiers],
        free_above=demo.free_above,
        minimum_days=demo.days[0],
        maximum_days=demo.days[1],
        position=position,
    )


def missing_taxes() -> Sequence[DemoTax]:
    known = set(TaxRate.all_objects.filter(region="").values_list("country", flat=True))
    return [tax for tax in TAXES if tax.country not in known]


def make_tax(tax: DemoTax) -> None:
    TaxRate.objects.bulk_create(
        TaxRate(
            country=tax.country,
            tax_class=tax_class,
            name=tax.name,
            rate=rate,
            is_inclusive=tax.is_inclusive,
        )
        for tax_class, rate in ((TaxClass.STANDARD, tax.standard), (TaxClass.REDUCED, tax.books))
    )


STEPS = (
    Step("Shipping zones", missing_zones, make_zone),
    Step("Tax rates", missing_taxes, make_tax),
)
