"""Zones that reach a part of a country, by its postal codes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from cart.tests.factories import fill_guest_cart, sellable
from inventory.tests.factories import LocationFactory
from shipping import selectors, services
from shipping.models import ShippingMethod, ZoneCountry
from shipping.tests.factories import ShippingMethodFactory, ZoneFactory

pytestmark = pytest.mark.django_db

GOODS: dict[str, Any] = {"currency": "USD", "subtotal": Decimal(20), "weight_grams": 500}


def method(name: str, *ranges: tuple[str, str, str], **more: Any) -> ShippingMethod:
    """Make a method of a new zone, which has these ranges (country, first, last)."""
    zone = ZoneFactory.create(countries=[])
    for country, first, last in ranges:
        ZoneCountry.objects.create(zone=zone, country=country, postal_from=first, postal_to=last)
    return ShippingMethodFactory.create(zone=zone, name=name, **more)


def names(country: str, postal_code: str = "") -> list[str]:
    options = services.options_to(country=country, postal_code=postal_code, **GOODS)
    return [option.method.name for option in options]


@pytest.mark.parametrize(
    ("postal_code", "found"),
    [
        ("10115", ["Berlin"]),
        ("10000", ["Berlin"]),
        ("14199", ["Berlin"]),
        ("14200", ["Germany"]),
        ("09999", ["Germany"]),
        ("", ["Germany"]),
    ],
)
def test_a_range_is_preferred_to_the_whole_country(postal_code: str, found: list[str]) -> None:
    method("Germany", ("DE", "", ""))
    method("Berlin", ("DE", "10", "141"))

    assert names("DE", postal_code) == found


@pytest.mark.parametrize("postal_code", ["BT1 1AA", "bt93 8ad", "BT-9 5AB"])
def test_codes_are_compared_in_capitals_and_digits_alone(postal_code: str) -> None:
    method("Britain", ("GB", "", ""))
    method("Northern Ireland", ("GB", "BT", "BT"))

    assert names("GB", postal_code) == ["Northern Ireland"]
    assert names("GB", "B1 1AA") == ["Britain"]


def test_a_zone_has_several_ranges_and_countries() -> None:
    method("Islands", ("ES", "07", "07"), ("ES", "35", "38"), ("PT", "9", "9"))

    assert [names("ES", "07001"), names("ES", "38999"), names("PT", "9000")] == [["Islands"]] * 3
    assert names("ES", "28001") == []
    assert selectors.countries() == ["ES", "PT"]


def test_a_method_is_not_available_outside_of_its_range() -> None:
    method("Germany", ("DE", "", ""))
    berlin = method("Berlin", ("DE", "10", "14"))
    where = {"method_id": berlin.pk, "country": "DE", **GOODS}

    found = services.quote_method(**where, postal_code="10115")
    assert found.method == berlin
    with pytest.raises(services.ShippingUnavailable):
        services.quote_method(**where, postal_code="20095")


def test_asking_costs_one_query_however_many_ranges() -> None:
    for number in range(10):
        method(f"Part {number}", ("DE", f"{number}0", f"{number}9"))

    with CaptureQueriesContext(connection) as captured:
        assert names("DE", "55116") == ["Part 5"]

    assert len(captured) == 1


@pytest.mark.parametrize(
    ("first", "last", "constraint"),
    [
        ("10", "", "postal_codes_are_a_range"),
        ("", "10", "postal_codes_are_a_range"),
        ("20", "10", "postal_codes_are_a_range"),
        ("1 0", "20", "postal_codes_are_a_range"),
        ("", "", "one_zone_per_whole_country"),
    ],
)
def test_the_database_refuses_nonsense(first: str, last: str, constraint: str) -> None:
    method("Germany", ("DE", "", ""))

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        method("Other", ("DE", first, last))


def test_the_cart_is_offered_what_reaches_its_postal_code() -> None:
    method("Germany", ("DE", "", ""))
    method("Berlin", ("DE", "10", "14"), price=Decimal("2.90"))
    token = fill_guest_cart((sellable(), 1)).token

    answer = APIClient().get(
        "/api/v1/cart/shipping-methods/",
        {"country": "DE", "postal_code": "10115"},
        headers={"X-Cart-Token": token},
    )

    (found,) = answer.json()["results"]
    assert (found["name"], found["price"], found["pickup_location"]) == ("Berlin", "2.90", None)


def test_goods_are_fetched_where_the_location_is_open() -> None:
    shop = LocationFactory.create(name="Shop in Berlin", country="DE")
    fetch = method("Fetch", ("DE", "", ""), pickup_location=shop, price=Decimal(0))
    token = fill_guest_cart((sellable(), 1)).token
    client = APIClient(headers={"X-Cart-Token": token})

    (found,) = client.get("/api/v1/cart/shipping-methods/?country=DE").json()["results"]
    listed = APIClient().get("/api/v1/shipping-methods/?country=de").json()["results"]
    shop.is_active = False
    shop.save(update_fields=["is_active"])

    assert (found["id"], found["pickup_location"]) == (str(fetch.pk), "Shop in Berlin")
    assert [offered["is_pickup"] for offered in listed] == [True]
    assert names("DE") == []
