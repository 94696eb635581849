"""Every write refuses a member that it does not know, with a pointer to it and the nearest name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import getitem
from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import AddressFactory, UserFactory
from config.access_table import Route, routes
from config.tests.callers import client_for, client_of
from config.tests.openapi import operation_of, resolved
from config.tests.shop import address_of, furnish, furnished
from core.api.bodies import unknown_members
from core.api.problems import pointer

pytestmark = pytest.mark.django_db

# Bodies of others, whose members are theirs.
FOREIGN = {"/api/v1/payments/webhooks/{provider}/"}
WRITES = [
    route
    for route in routes()
    if route.method in {"POST", "PUT", "PATCH", "DELETE"} and route.path not in FOREIGN
]
MISSPELT = "quantityy"


def _errors(response: Any) -> dict[str, dict[str, str]]:
    return {error["pointer"]: error for error in response.json()["errors"]}


@pytest.fixture
def owner() -> User:
    return UserFactory.create(is_staff=True, is_superuser=True)


@pytest.mark.parametrize("route", WRITES, ids=str)
def test_every_write_refuses_an_unknown_member(route: Route, owner: User) -> None:
    shop = furnish(owner)
    operation = operation_of(route)
    body = furnished(operation.body_example, shop) | {MISSPELT: "1"}

    send = getattr(client_of(owner), route.method.lower())
    response = send(address_of(route, shop), body)
    if response.status_code == 415:
        response = send(address_of(route, shop), body, format="multipart")

    assert response.status_code == 400, response.content
    assert _errors(response)[f"#/{MISSPELT}"]["code"] == "unknown_field"


def _nested(schema: dict[str, Any], example: Any) -> Iterator[tuple[str | int, ...]]:
    """Return the ways to the objects in an example."""
    for name, part in resolved(schema).get("properties", {}).items():
        value = example.get(name)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield name, 0
        elif isinstance(value, dict) and "additionalProperties" not in resolved(part):
            yield (name,)


NESTED = [
    pytest.param(route, way, id=f"{route} {'/'.join(map(str, way))}")
    for route in WRITES
    for way in _nested(operation_of(route).body_schema, operation_of(route).body_example)
]


@pytest.mark.parametrize(("route", "way"), NESTED)
def test_nested_objects_refuse_an_unknown_member(
    route: Route, way: tuple[str | int, ...], owner: User
) -> None:
    shop = furnish(owner)
    body = furnished(operation_of(route).body_example, shop)
    reduce(getitem, way, body)[MISSPELT] = "1"
    place = f"#/{'/'.join(map(str, way))}"

    response = getattr(client_of(owner), route.method.lower())(address_of(route, shop), body)

    assert response.status_code == 400, response.content
    assert _errors(response)[f"{place}/{MISSPELT}"]["code"] == "unknown_field"


def test_the_nearest_name_is_told(owner: User) -> None:
    shop = furnish(owner)

    response = client_of(owner).post(
        "/api/v1/orders/", {"coupon": ["SUMMER"], "items": [{"varaint": shop.values["variant"]}]}
    )

    errors = _errors(response)
    assert errors["#/coupon"]["detail"] == "Unknown: coupon. Did you mean coupons?"
    assert errors["#/items/0/varaint"]["detail"] == "Unknown: varaint. Did you mean variant?"


def test_a_misspelt_price_changes_nothing(owner: User) -> None:
    shop = furnish(owner)
    address = f"/api/v1/products/{shop.keys['products']}/"
    client = client_of(owner)
    before = client.get(address).json()

    refused = client.patch(address, {"prise": "1.00", "name": "Cheap"})

    assert refused.status_code == 400
    assert _errors(refused)["#/prise"]["detail"] == "Unknown: prise. Did you mean price?"
    assert client.get(address).json() == before


@pytest.mark.parametrize("collection", ["addresses", "brands", "categories", "locations"])
def test_what_was_read_can_be_sent_back(collection: str, owner: User) -> None:
    shop = furnish(owner)
    prefix = "users/me/" if collection == "addresses" else ""
    address = f"/api/v1/{prefix}{collection}/{shop.keys[collection]}/"
    client = client_of(owner)
    read = client.get(address).json()

    assert client.put(address, read).status_code == 200
    refused = client.put(address, read | {"colour": "red"})

    assert list(_errors(refused)) == ["#/colour"]


def test_my_account_can_be_sent_back_as_it_was_read(owner: User) -> None:
    client = client_of(owner)
    read = client.get("/api/v1/users/me/").json()

    replaced = client.put("/api/v1/users/me/", read)

    assert replaced.status_code == 200, replaced.content
    refused = client.put("/api/v1/users/me/", read | {"profile": {"frist_name": "Ada"}})
    assert _errors(refused)["#/profile/frist_name"]["code"] == "unknown_field"


def test_a_part_names_only_what_can_be_changed() -> None:
    user = UserFactory.create()
    address = AddressFactory.create(user=user)

    refused = client_of(user).patch(
        f"/api/v1/users/me/addresses/{address.pk}/", {"created_at": "2026-01-01T00:00:00Z"}
    )

    assert _errors(refused)["#/created_at"]["code"] == "unknown_field"


def test_free_members_take_any_name(owner: User) -> None:
    body = {"name": "Emma", "price": "9.90", "attributes": {"binding": "linen", "a.b/c": "1"}}

    created = client_of(owner).post("/api/v1/products/", body)

    assert created.status_code == 201, created.content
    assert created.json()["attributes"] == body["attributes"]


def test_of_many_unknown_members_the_first_are_told() -> None:
    told = unknown_members([f"{number}{'x' * 5000}" for number in range(1000)], ["name"])

    assert len(told) == 20
    assert max(len(name) for name in told) == 100


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.b", "#/a.b"), ("a/b", "#/a~1b"), ("a~b", "#/a~0b"), ("", "#/"), ("é\u200b", "#/é\u200b")],
)
def test_a_pointer_names_the_member_as_it_was_sent(name: str, expected: str) -> None:
    refused = client_for("superuser").post("/api/v1/brands/", {"name": "Penguin", name: 1})

    assert expected in _errors(refused)
    assert pointer("items.0.quantity") == "#/items/0/quantity"
