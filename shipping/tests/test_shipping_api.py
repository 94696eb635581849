"""countries/ and shipping-methods/."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.roles import Role
from accounts.tests.factories import StaffFactory, UserFactory
from shipping.models import RateKind
from shipping.tests.factories import ShippingMethodFactory, ZoneFactory

pytestmark = pytest.mark.django_db

COUNTRIES = "/api/v1/countries/"
METHODS = "/api/v1/shipping-methods/"


def results(api: APIClient, url: str) -> list[dict[str, Any]]:
    response = api.get(url)
    assert response.status_code == 200, response.content
    rows: list[dict[str, Any]] = response.json()["results"]
    return rows


def test_lists_countries_by_code_with_their_names(api: APIClient) -> None:
    ShippingMethodFactory.create(zone=ZoneFactory.create(countries=["US", "DE"]))

    assert results(api, COUNTRIES) == [
        {"code": "DE", "name": "Germany"},
        {"code": "US", "name": "United States of America"},
    ]


def test_a_country_that_nothing_reaches_is_not_listed(api: APIClient) -> None:
    ZoneFactory.create(countries=["JP"])
    ShippingMethodFactory.create(zone=ZoneFactory.create(countries=["FR"]), is_active=False)

    assert results(api, COUNTRIES) == []


def test_all_countries_are_on_one_page(api: APIClient) -> None:
    codes = ["AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR"]
    codes += ["HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"]
    ShippingMethodFactory.create(zone=ZoneFactory.create(countries=codes))

    assert [row["code"] for row in results(api, COUNTRIES)] == codes


def test_shows_what_a_method_costs_and_takes(api: APIClient) -> None:
    method = ShippingMethodFactory.create(free_above=Decimal(50))

    assert results(api, f"{METHODS}?country=DE") == [
        {
            "id": str(method.pk),
            "name": "Standard",
            "kind": "flat",
            "is_pickup": False,
            "price": "4.90",
            "currency": "USD",
            "free_above": "50.00",
            "maximum_weight_grams": None,
            "minimum_days": 2,
            "maximum_days": 4,
        }
    ]


def test_shows_the_price_that_tiers_start_from(api: APIClient) -> None:
    tiers = [{"from": "0", "price": "350"}, {"from": "1000", "price": "475"}]
    ShippingMethodFactory.create(kind=RateKind.BY_WEIGHT, tiers=tiers, currency="JPY")

    assert results(api, METHODS)[0]["price"] == "350"


@pytest.mark.parametrize(("country", "found"), [("DE", 1), ("de", 1), ("FR", 0)])
def test_filters_by_country(api: APIClient, country: str, found: int) -> None:
    ShippingMethodFactory.create()

    assert len(results(api, f"{METHODS}?country={country}")) == found


@pytest.mark.parametrize("query", ["country=XX", "country=Germany", "country=%00", "nonsense=1"])
def test_refuses_what_is_no_country_or_no_filter(api: APIClient, query: str) -> None:
    response = api.get(f"{METHODS}?{query}")

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_offers_methods_in_the_shops_order(api: APIClient) -> None:
    zone = ZoneFactory.create()
    for name, position in (("Express", 2), ("Standard", 1)):
        ShippingMethodFactory.create(zone=zone, name=name, position=position)

    assert [row["name"] for row in results(api, METHODS)] == ["Standard", "Express"]


@pytest.mark.parametrize("url", [COUNTRIES, METHODS])
def test_answers_may_be_kept_by_caches(api: APIClient, url: str) -> None:
    first = api.get(url)
    second = api.get(url, HTTP_IF_NONE_MATCH=first["ETag"])

    assert first["Cache-Control"] == "public, max-age=60"
    assert second.status_code == 304


@pytest.mark.parametrize("url", [COUNTRIES, METHODS])
@pytest.mark.parametrize("caller", ["anonymous", "customer", *Role])
def test_anyone_may_read(url: str, caller: str, api_for: Callable[[User], APIClient]) -> None:
    makers = {"anonymous": APIClient, "customer": lambda: api_for(UserFactory.create())}
    make = makers.get(caller, lambda: api_for(StaffFactory.create(role=caller)))
    client = make()

    assert client.get(url).status_code == 200
    assert client.post(url, {}).status_code in {401, 403, 405}


@pytest.mark.parametrize("url", [COUNTRIES, METHODS])
def test_costs_the_same_for_one_row_and_for_thirty(api: APIClient, url: str) -> None:
    costs = []
    for count in (1, 30):
        for _ in range(count):
            ShippingMethodFactory.create(zone=ZoneFactory.create(countries=[]))
        with CaptureQueriesContext(connection) as queries:
            api.get(url)
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 2
