"""One test for each of the OWASP API Security Top 10 (2023)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.test import Client
from django.urls import get_resolver
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from config.access_table import callers, routes
from config.tests.callers import access_token_of
from config.tests.openapi import document, operation_of
from config.tests.shop import address_of, furnish
from payments.models import WebhookEvent

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]
V1 = "/api/v1"


def test_api1_what_belongs_to_another_customer_does_not_exist(api_for: ApiFor) -> None:
    shop = furnish(UserFactory.create())
    stranger = api_for(UserFactory.create())

    answers = {
        path: stranger.generic(method, V1 + path, "{}", content_type="application/json")
        for method, path in (
            ("GET", f"/orders/{shop.keys['orders']}/"),
            ("POST", f"/orders/{shop.keys['orders']}/cancel/"),
            ("GET", f"/payments/{shop.keys['payments']}/"),
            ("GET", f"/users/me/addresses/{shop.keys['addresses']}/"),
            ("DELETE", f"/users/me/addresses/{shop.keys['addresses']}/"),
            ("DELETE", f"/cart/items/{shop.keys['items']}/"),
        )
    }

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(
        answers, 404
    )


def test_api2_a_token_without_our_signature_is_nobody_s(api: APIClient) -> None:
    token = access_token_of(UserFactory.create())
    claims = jwt.decode(token, options={"verify_signature": False})
    forged = [
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims, "x" * 64, algorithm="HS256"),
        token[:-4] + "AAAA",
    ]

    statuses = [
        api.get(f"{V1}/users/me/", HTTP_AUTHORIZATION=f"Bearer {forgery}").status_code
        for forgery in forged
    ]

    assert statuses == [401, 401, 401]


def test_api2_passwords_cannot_be_guessed_quickly(api: APIClient) -> None:
    email = UserFactory.create().email

    def guess(password: str) -> int:
        body = {"email": email, "password": password}
        return api.post(f"{V1}/auth/login/", body).status_code

    assert [guess(f"wrong-{number}") for number in range(6)] == [401] * 5 + [429]
    assert guess(PASSWORD) == 429


def test_api3_nobody_writes_what_is_not_theirs_to_write(api_for: ApiFor) -> None:
    user = UserFactory.create(is_email_verified=False)
    wish = {
        "id": "0198f3a2-0000-7000-8000-000000000000",
        "is_staff": True,
        "is_superuser": True,
        "is_email_verified": True,
        "roles": ["Administrator"],
        "token_version": 9,
    }

    api_for(user).patch(f"{V1}/users/me/", wish | {"profile": {"user": wish["id"]}})

    found = User.objects.get(pk=user.pk)
    rights = (found.is_staff, found.is_superuser, found.is_email_verified, *found.roles)
    assert rights == (False, False, False)
    assert found.token_version == user.token_version


def test_api3_nobody_reads_what_goods_cost_the_shop(api_for: ApiFor) -> None:
    owner = UserFactory.create()
    shop = furnish(owner)
    paths = [f"/orders/{shop.keys['orders']}/", f"/products/{shop.keys['products']}/", "/cart/"]

    read = b"".join(api_for(owner).get(V1 + path).content for path in paths)

    assert b"unit_price" in read
    assert b"cost" not in read


def test_api4_a_request_cannot_ask_for_more_than_is_good(api: APIClient) -> None:
    wanted = {"variant": "0198f3a2-0000-7000-8000-000000000000", "quantity": 1}

    statuses = [
        api.get(f"{V1}/products/?page_size=100000").status_code,
        api.post(f"{V1}/cart/quote/", {"items": [wanted] * 5_000}).status_code,
        api.post(f"{V1}/auth/register/", {"email": "x" * 3_000_000}).status_code,
    ]

    assert statuses == [400, 400, 413]


def test_api5_a_customer_calls_none_of_the_staff_s_functions(api_for: ApiFor) -> None:
    customer = next(caller for caller in callers() if caller.name == "customer")
    client = api_for(UserFactory.create())
    closed = [route for route in routes() if not customer.may_call(route)]

    statuses = {
        str(route): client.generic(route.method, address_of(route)).status_code for route in closed
    }

    assert len(closed) > 20
    assert statuses == dict.fromkeys(statuses, 403)


def test_api6_order_numbers_cannot_be_tried_out(api: APIClient) -> None:
    body = {"number": "TP-0000-0000", "email": "guest@example.com"}

    answers = [
        api.post(f"{V1}/orders/lookup/", body, HTTP_X_CART_TOKEN=f"token-{number}")
        for number in range(21)
    ]

    assert [answer.status_code for answer in answers] == [404] * 20 + [429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_api7_no_operation_takes_an_address_that_the_server_would_fetch() -> None:
    foreign = {
        f"{route} {name}"
        for route in routes()
        for name, part in operation_of(route).body_schema.get("properties", {}).items()
        if part.get("format") == "uri" or "url" in name or "callback" in name
    }

    assert foreign == set()


def test_api8_answers_tell_browsers_to_be_careful_and_outsiders_nothing(client: Client) -> None:
    client.raise_request_exception = False

    answer = client.get(f"{V1}/orders/", headers={"Origin": "https://evil.example"})

    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answer
    assert not {"Server", "X-Powered-By", "Set-Cookie"} & set(answer.headers)


def test_api9_every_route_of_the_api_is_documented_and_of_one_version() -> None:
    top = {str(pattern.pattern) for pattern in get_resolver().url_patterns}

    assert {path for path in top if path.startswith("api/")} == {
        "api/v1/",
        "api/schema/",
        "api/docs/",
        "api/docs/errors/",
        "api/docs/errors/<slug:code>/",
        "api/redoc/",
    }
    assert all(path.startswith(f"{V1}/") for path in document()["paths"])


FOREIGN = {
    "HTTP_WEBHOOK_ID": "msg_1",
    "HTTP_WEBHOOK_TIMESTAMP": "1700000000",
    "HTTP_WEBHOOK_SIGNATURE": "v1,bm90IG91cnM=",
}


@pytest.mark.parametrize("headers", [{}, FOREIGN], ids=["unsigned", "signed by another"])
def test_api10_a_provider_s_word_counts_only_with_its_signature(
    api: APIClient, headers: dict[str, Any]
) -> None:
    body = {"type": "charge.succeeded", "reference": "cap_1", "key": "k", "error_code": ""}

    answer = api.post(f"{V1}/payments/webhooks/test/", body, **headers)

    assert answer.status_code == 400
    assert not WebhookEvent.objects.exists()
