"""Whatever hands out an ETag honours ``If-Match``, and what has none refuses it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from rest_framework.response import Response
from rest_framework.test import APIClient

from accounts.api.examples import ADDRESS_SENT
from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.races import at_once
from cart.tests.factories import sellable
from config.access_table import Route, routes
from config.tests.callers import client_for, client_of
from config.tests.openapi import JSON, operation_of
from config.tests.shop import NOWHERE, Shop, address_of, furnish, furnished
from config.tests.undone import undone
from orders.tests.factories import place

pytestmark = pytest.mark.django_db

WRITES = [route for route in routes() if route.method not in {"GET", "HEAD", "OPTIONS"}]
READABLE = {route.path for route in routes() if route.method == "GET"}
CHANGES = [
    route
    for route in WRITES
    if route.path in READABLE and route.method in {"PUT", "PATCH", "DELETE"}
]
RACES = [route for route in CHANGES if route.method != "DELETE" or route.section == "cart"]
OTHERS = [route for route in WRITES if route not in CHANGES]
BILLING_ADDRESS = {
    name: value for name, value in ADDRESS_SENT.items() if not name.startswith("is_default")
}
STALE = '"0123456789abcdef0123456789abcdef"'


def _body(route: Route, shop: Shop, person: User) -> Any:
    """Return what is sent: the documented example, or what suits the furnished shop better."""
    suitable = {
        "DELETE users/me/": {"current_password": PASSWORD},
        "PATCH orders/{key}/": {"billing_address": BILLING_ADDRESS},
        "PATCH products/{key}/": {"is_featured": True},
        "PATCH users/{pk}/": {"is_active": False},
        "PUT categories/{key}/": {"name": "Another"},
        "PUT locations/{pk}/": {"name": "Another"},
        "PUT products/{key}/": {"name": "Another"},
        "PUT users/me/": {"email": person.email, "profile": {"first_name": "Ada"}},
    }
    return suitable.get(str(route)) or furnished(operation_of(route).body_example, shop)


def _send(client: APIClient, route: Route, address: str, body: Any, tag: str) -> Response:
    sent = orjson.dumps(body).decode() if body else ""
    with undone():
        answer: Response = client.generic(
            route.method, address, sent, content_type=JSON, HTTP_IF_MATCH=tag
        )
    return answer


def _scene(route: Route) -> tuple[APIClient, str, Any]:
    """Return who may call the route, for what, and with which body."""
    is_own = route.path.startswith("/api/v1/users/me/")
    person = UserFactory.create(is_staff=not is_own, is_superuser=not is_own)
    shop = furnish(person)
    unpaid = place(person, [(sellable(stocked=9), 1)])
    shop = Shop({**shop.keys, "orders": unpaid.number}, shop.values)
    return client_of(person), address_of(route, shop), _body(route, shop, person)


@pytest.mark.parametrize("route", CHANGES, ids=str)
def test_what_hands_out_a_tag_is_changed_only_by_who_knows_its_state(route: Route) -> None:
    client, address, body = _scene(route)
    tag = client.get(address)["ETag"]

    answers = {
        sent: _send(client, route, address, body, sent).status_code
        for sent in (STALE, f"W/{tag}", tag.strip('"'), tag, f"{STALE}, {tag}", "*")
    }

    refused = {sent for sent, status in answers.items() if status == 412}
    assert refused == {STALE, f"W/{tag}", tag.strip('"')}
    # What is in use is refused for that: its state was known.
    assert answers[tag] == answers["*"] == answers[f"{STALE}, {tag}"]
    assert answers[tag] in ({200, 204, 409} if route.method == "DELETE" else {200})


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("route", RACES, ids=str)
def test_of_two_at_once_with_one_tag_the_second_is_told(route: Route) -> None:
    client, address, body = _scene(route)
    tag, sent = client.get(address)["ETag"], orjson.dumps(body).decode()

    def write() -> int:
        answer = client.generic(route.method, address, sent, content_type=JSON, HTTP_IF_MATCH=tag)
        return int(answer.status_code)

    answers = at_once(2, write)

    assert sorted(answers) in ([200, 412], [204, 412])


def test_no_state_matches_what_hands_out_no_tag() -> None:
    client = client_for("superuser")

    answers = {
        str(route): _send(client, route, address_of(route, NOWHERE), {}, STALE).status_code
        for route in OTHERS
    }

    assert {route: status for route, status in answers.items() if status != 412} == {}
