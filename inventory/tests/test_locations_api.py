"""locations/: warehouses and shops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory
from catalog.tests.factories import VariantFactory
from inventory.models import Location
from inventory.tests.factories import LocationFactory, stock

pytestmark = pytest.mark.django_db

LOCATIONS = "/api/v1/locations/"


@pytest.fixture
def client(api_for: Callable[[User], APIClient]) -> APIClient:
    return api_for(StaffFactory.create(role="Catalog manager"))


def path(location: Location) -> str:
    return f"{LOCATIONS}{location.pk}/"


def test_opens_a_location(client: APIClient) -> None:
    body = {"name": "Berlin shop", "kind": "shop", "country": "DE", "priority": 5}

    response = client.post(LOCATIONS, body)

    shop = Location.objects.get()
    answer = response.json()
    assert response.status_code == 201
    assert response["Location"] == path(shop)
    assert {name: answer[name] for name in body} == body
    assert (answer["code"], answer["is_active"]) == ("berlin-shop", True)


def test_makes_another_code_for_the_same_name(client: APIClient) -> None:
    codes = [client.post(LOCATIONS, {"name": "Shop"}).json()["code"] for _ in range(2)]

    assert codes == ["shop", "shop-2"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/name"),
        ({"name": "A", "kind": "ship"}, "#/kind"),
        ({"name": "A", "country": "Germany"}, "#/country"),
        ({"name": "A", "priority": 10**6}, "#/priority"),
        ({"name": "A", "code": "shop"}, "#/code"),
    ],
)
def test_tells_what_is_wrong(client: APIClient, body: dict[str, Any], pointer: str) -> None:
    LocationFactory.create(code="shop")

    response = client.post(LOCATIONS, body)

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == pointer


def test_lists_what_goods_leave_first(client: APIClient) -> None:
    LocationFactory.create(code="far", priority=9)
    LocationFactory.create(code="near", priority=1, is_active=False)

    codes = [row["code"] for row in client.get(LOCATIONS).json()["results"]]
    active = client.get(f"{LOCATIONS}?is_active=true").json()["results"]

    assert codes == ["near", "far"]
    assert [row["code"] for row in active] == ["far"]


def test_has_one_address(client: APIClient) -> None:
    LocationFactory.create(code="shop")

    assert client.get("/api/v1/inventory/locations/").status_code == 404


def test_changes_what_is_sent(client: APIClient) -> None:
    shop = LocationFactory.create(name="Shop")

    response = client.patch(path(shop), {"priority": 3})

    shop.refresh_from_db()
    assert response.json()["name"] == "Shop"
    assert shop.priority == 3


def test_replaces_a_location(client: APIClient) -> None:
    shop = LocationFactory.create(name="Shop")

    response = client.put(path(shop), {"name": "Old shop", "is_active": False})

    assert response.status_code == 200
    assert (response.json()["name"], response.json()["is_active"]) == ("Old shop", False)


def test_refuses_a_change_of_what_has_changed_meanwhile(client: APIClient) -> None:
    shop = LocationFactory.create(name="Shop")
    etag = client.get(path(shop))["ETag"]
    client.patch(path(shop), {"name": "New shop"}, HTTP_IF_MATCH=etag)

    response = client.patch(path(shop), {"name": "Newer shop"}, HTTP_IF_MATCH=etag)

    shop.refresh_from_db()
    assert (response.status_code, shop.name) == (412, "New shop")


@pytest.mark.parametrize("is_active", [True, False])
def test_stock_can_be_bought_while_its_location_is_active(
    client: APIClient, *, is_active: bool
) -> None:
    tea, shop = VariantFactory.create(), LocationFactory.create(is_active=not is_active)
    stock(tea, 5, shop)

    client.patch(path(shop), {"is_active": is_active})

    tea.refresh_from_db()
    tea.product.refresh_from_db()
    assert (tea.in_stock, tea.product.in_stock) == (is_active, is_active)


def test_closes_an_empty_location(client: APIClient) -> None:
    shop = LocationFactory.create(code="shop")

    response = client.delete(path(shop))

    assert response.status_code == 204
    assert client.get(path(shop)).status_code == 404
    assert client.post(LOCATIONS, {"name": "Shop", "code": "shop"}).status_code == 201


def test_keeps_a_location_that_holds_stock(client: APIClient) -> None:
    shop = LocationFactory.create()
    stock(VariantFactory.create(), 5, shop)

    response = client.delete(path(shop))

    assert (response.status_code, response.json()["code"]) == (409, "location_not_empty")
    assert Location.objects.get() == shop


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
@pytest.mark.parametrize("key", ["01a1fd5b-8896-7410-8db5-f392f64254ef", "x"])
def test_an_unknown_location_is_not_found(client: APIClient, method: str, key: str) -> None:
    body = {"name": "A"} if method in {"put", "patch"} else {}

    response = getattr(client, method)(f"{LOCATIONS}{key}/", body)

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_two_living_locations_have_different_codes() -> None:
    LocationFactory.create(code="shop")

    with pytest.raises(IntegrityError, match="location_code_is_unique"):
        LocationFactory.create(code="shop")
