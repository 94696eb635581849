"""What delivery costs, and whether it is possible."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from core.models import new_id
from shipping import selectors, services
from shipping.models import RateKind, ShippingMethod, ZoneCountry
from shipping.rates import lowest_price, price_of
from shipping.services import CountryNotServed, ShippingUnavailable
from shipping.tests.factories import ShippingMethodFactory, ZoneFactory

pytestmark = pytest.mark.django_db

GOODS: dict[str, Any] = {"currency": "USD", "subtotal": Decimal(20), "weight_grams": 500}
TIERS = [{"from": "0", "price": "3.50"}, {"from": "1000", "price": "4.75"}]


def quote(method: ShippingMethod, **more: Any) -> Decimal:
    details = {"country": "DE", **GOODS, **more}
    return services.quote_method(method_id=method.pk, **details).price


def test_a_flat_rate_costs_the_same_for_all() -> None:
    assert quote(ShippingMethodFactory.create(), weight_grams=90_000) == Decimal("4.90")


@pytest.mark.parametrize(("grams", "price"), [(0, "3.50"), (999, "3.50"), (1000, "4.75")])
def test_a_rate_by_weight_follows_its_tiers(grams: int, price: str) -> None:
    method = ShippingMethodFactory.create(kind=RateKind.BY_WEIGHT, tiers=TIERS)

    assert quote(method, weight_grams=grams) == Decimal(price)


@pytest.mark.parametrize(("subtotal", "price"), [("20", "3.50"), ("1000", "4.75")])
def test_a_rate_by_price_follows_its_tiers(subtotal: str, price: str) -> None:
    method = ShippingMethodFactory.create(kind=RateKind.BY_PRICE, tiers=TIERS)

    assert quote(method, subtotal=Decimal(subtotal)) == Decimal(price)


def test_below_the_first_tier_it_is_not_offered() -> None:
    tiers = [{"from": "1000", "price": "4.75"}]
    method = ShippingMethodFactory.create(kind=RateKind.BY_WEIGHT, tiers=tiers)

    with pytest.raises(ShippingUnavailable):
        quote(method, weight_grams=999)


@pytest.mark.parametrize(("subtotal", "price"), [("49.99", "4.90"), ("50", "0")])
def test_is_free_from_a_subtotal_on(subtotal: str, price: str) -> None:
    method = ShippingMethodFactory.create(free_above=Decimal(50))

    assert quote(method, subtotal=Decimal(subtotal)) == Decimal(price)


def test_too_heavy_a_parcel_is_not_offered() -> None:
    method = ShippingMethodFactory.create(maximum_weight_grams=500)

    assert price_of(method, subtotal=Decimal(1), weight_grams=500) == Decimal("4.90")
    assert price_of(method, subtotal=Decimal(1), weight_grams=501) is None


def test_the_price_is_rounded_to_its_currency() -> None:
    method = ShippingMethodFactory.create(price=Decimal("490.5"), currency="JPY")

    assert str(quote(method, currency="JPY")) == "491"


def test_prices_start_from_the_lowest_tier() -> None:
    method = ShippingMethodFactory.build(kind=RateKind.BY_WEIGHT, tiers=TIERS, zone=None)

    assert lowest_price(method) == Decimal("3.50")


@pytest.mark.parametrize("change", [{"is_active": False}, {"currency": "EUR"}])
def test_refuses_a_method_that_is_not_offered(change: dict[str, Any]) -> None:
    zone = ZoneFactory.create()
    ShippingMethodFactory.create(zone=zone)
    method = ShippingMethodFactory.create(zone=zone, **change)

    with pytest.raises(ShippingUnavailable) as refusal:
        quote(method)

    assert refusal.value.pointer == "#/shipping_method"


def test_refuses_an_unknown_method() -> None:
    ShippingMethodFactory.create()

    with pytest.raises(ShippingUnavailable):
        quote(ShippingMethod(pk=new_id()))


def test_refuses_a_method_of_another_zone() -> None:
    ShippingMethodFactory.create()
    method = ShippingMethodFactory.create(zone=ZoneFactory.create(countries=["FR"]))

    with pytest.raises(ShippingUnavailable):
        quote(method)


def test_refuses_a_country_that_is_not_served() -> None:
    method = ShippingMethodFactory.create()

    with pytest.raises(CountryNotServed) as refusal:
        quote(method, country="AQ")

    assert refusal.value.pointer == "#/shipping_address/country"
    assert not selectors.delivers_to("AQ")


def test_lists_the_options_for_a_parcel_in_one_query() -> None:
    zone = ZoneFactory.create()
    ShippingMethodFactory.create(zone=zone, name="Express", price=Decimal(9), position=2)
    ShippingMethodFactory.create(zone=zone, name="Parcel", maximum_weight_grams=100, position=3)
    ShippingMethodFactory.create(zone=zone, position=1)

    with CaptureQueriesContext(connection) as queries:
        options = services.options_to(country="DE", **GOODS)

    found = [(option.method.name, option.price) for option in options]
    assert found == [("Standard", Decimal("4.90")), ("Express", Decimal("9.00"))]
    assert len(queries) == 1


def test_a_deleted_zone_delivers_nowhere() -> None:
    method = ShippingMethodFactory.create()
    method.zone.delete()

    assert selectors.countries() == []
    with pytest.raises(CountryNotServed):
        quote(method)


def test_a_whole_country_belongs_to_one_zone_at_most() -> None:
    ZoneFactory.create(countries=["DE"])

    with pytest.raises(IntegrityError, match="one_zone_per_whole_country"):
        ZoneCountry.objects.create(zone=ZoneFactory.create(countries=[]), country="DE")
