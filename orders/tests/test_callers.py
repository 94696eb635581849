"""Who may do what with an order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from orders.models import Order
from orders.tests.factories import pay, place, place_as_guest, ship

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]
TOKEN: Final = "a-token-that-opened-a-cart"

CALLERS: Final = (
    "anonymous",
    "stranger",
    "owner",
    "Order manager",
    "Support",
    "Catalog manager",
    "Seller",
    "Administrator",
)
# Action: what each of CALLERS is answered, for an order that is ready for it.
TABLE: Final = {
    "list": (401, 200, 200, 200, 200, 200, 200, 200),
    "retrieve": (401, 404, 200, 200, 200, 404, 404, 200),
    "invoice": (401, 404, 200, 200, 200, 404, 404, 200),
    "cancel": (401, 404, 200, 200, 403, 404, 404, 200),
    "ship": (401, 403, 403, 200, 403, 403, 403, 200),
    "deliver": (401, 403, 403, 200, 403, 403, 403, 200),
    "status": (401, 403, 403, 200, 403, 403, 403, 200),
}


def owner_of(order: Order) -> User:
    assert order.customer is not None
    return order.customer


def client_of(caller: str, order: Order, api_for: ApiFor) -> APIClient:
    if caller == "anonymous":
        return APIClient()
    if caller in {"stranger", "owner"}:
        return api_for(owner_of(order) if caller == "owner" else UserFactory.create())
    return api_for(StaffFactory.create(role=caller))


def ready_for(action: str) -> Order:
    order = place(UserFactory.create())
    if action in {"ship", "deliver", "invoice"}:
        pay(order)
    if action == "deliver":
        ship(order)
    order.refresh_from_db()
    return order


def call(client: APIClient, action: str, order: Order) -> Any:
    path = f"/api/v1/orders/{order.pk}/"
    if action == "list":
        return client.get("/api/v1/orders/")
    if action == "retrieve":
        return client.get(path)
    if action == "invoice":
        return client.get(f"{path}invoice/")
    body = {"status": "cancelled"} if action == "status" else {}
    return client.post(f"{path}{action}/", body)


@pytest.mark.parametrize(
    ("action", "caller", "status"),
    [
        (action, caller, status)
        for action, statuses in TABLE.items()
        for caller, status in zip(CALLERS, statuses, strict=True)
    ],
)
def test_each_caller_gets_their_answer(
    api_for: ApiFor, action: str, caller: str, status: int
) -> None:
    order = ready_for(action)
    before = order.status

    answer = call(client_of(caller, order, api_for), action, order)

    assert answer.status_code == status
    if status >= 400:
        order.refresh_from_db()
        assert order.status == before
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path"), [("delete", "/"), ("put", "/"), ("get", "/ship/"), ("get", "/cancel/")]
)
def test_what_is_not_offered_is_not_allowed(api_for: ApiFor, method: str, path: str) -> None:
    order = place(UserFactory.create())

    answer = getattr(api_for(owner_of(order)), method)(f"/api/v1/orders/{order.pk}{path}")

    assert answer.status_code in {403, 405}


def test_people_see_their_own_orders_only(api_for: ApiFor) -> None:
    order, other = place(UserFactory.create()), place(UserFactory.create())

    listed = api_for(owner_of(order)).get("/api/v1/orders/").json()
    everyones = api_for(StaffFactory.create(role="Support")).get("/api/v1/orders/").json()

    assert [found["id"] for found in listed["results"]] == [str(order.pk)]
    assert {found["id"] for found in everyones["results"]} == {str(order.pk), str(other.pk)}


def test_a_guest_follows_and_cancels_by_the_token(api: APIClient) -> None:
    order = place_as_guest(token=TOKEN)
    path, headers = f"/api/v1/orders/{order.pk}/", {"X-Cart-Token": TOKEN}

    seen = api.get(path, headers=headers).json()
    cancelled = api.post(f"{path}cancel/", {}, headers=headers)

    assert seen["allowed_transitions"] == ["cancelled"]
    assert [
        result["id"] for result in api.get("/api/v1/orders/", headers=headers).json()["results"]
    ] == [str(order.pk)]
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")


@pytest.mark.parametrize("token", ["", "another"])
def test_another_token_opens_nothing(api: APIClient, token: str) -> None:
    order = place_as_guest(token=TOKEN)

    answer = api.get(f"/api/v1/orders/{order.pk}/", headers={"X-Cart-Token": token})

    assert answer.status_code == (404 if token else 401)


def test_customers_do_not_see_who_of_the_staff_acted(api_for: ApiFor) -> None:
    order, staff = place(UserFactory.create()), StaffFactory.create(role="Order manager")
    pay(order)
    ship(order, by=staff)

    path = f"/api/v1/orders/{order.pk}/"
    shown = [event["by"] for event in api_for(owner_of(order)).get(path).json()["history"]]
    to_staff = [event["by"] for event in api_for(staff).get(path).json()["history"]]

    assert shown == ["customer", "system", "staff"]
    assert to_staff == [order.email, "system", staff.email]


@pytest.mark.parametrize(
    "key", ["x", "TP-0000-0000", "00000000-0000-0000-0000-000000000000", "a%00b"]
)
def test_what_does_not_exist_is_not_found(api_for: ApiFor, key: str) -> None:
    client = api_for(UserFactory.create())

    assert client.get(f"/api/v1/orders/{key}/").status_code in {400, 404}
