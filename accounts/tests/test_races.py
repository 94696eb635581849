from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Address, Session, SessionEnd, User
from accounts.services import links
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.links import parameters_of
from accounts.tests.races import at_once
from accounts.tests.test_sign_in import sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_of_six_refreshes_with_one_token_one_succeeds(api: APIClient) -> None:
    tokens = sign_in(api, UserFactory.create()).json()

    def refresh() -> int:
        body = {"refresh": tokens["refresh"]}
        return int(APIClient().post("/api/v1/auth/refresh/", body).status_code)

    assert Counter(at_once(6, refresh)) == {200: 1, 401: 5}
    assert Session.objects.get().end_reason == SessionEnd.REPLAYED


def test_refreshing_locks_the_session(api: APIClient) -> None:
    tokens = sign_in(api, UserFactory.create()).json()

    with CaptureQueriesContext(connection) as queries:
        api.post("/api/v1/auth/refresh/", {"refresh": tokens["refresh"]})

    assert any("FOR UPDATE" in query["sql"] for query in queries)


def test_of_twenty_guesses_at_one_password_five_are_looked_at() -> None:
    user = UserFactory.create()

    def guess() -> int:
        body = {"email": user.email, "password": "wrong"}
        return int(APIClient().post("/api/v1/auth/login/", body).status_code)

    assert Counter(at_once(20, guess)) == {401: 5, 429: 15}


def test_the_right_password_among_many_guesses_is_no_way_around_the_limit() -> None:
    user = UserFactory.create()
    guesses = iter(["wrong"] * 15 + [PASSWORD] * 5)

    def guess() -> int:
        body = {"email": user.email, "password": next(guesses)}
        return int(APIClient().post("/api/v1/auth/login/", body).status_code)

    statuses = Counter(at_once(20, guess))
    assert statuses[401] + statuses[200] >= 1
    assert statuses[401] <= 5


def test_of_ten_registrations_with_one_address_one_succeeds() -> None:
    def register() -> int:
        body = {"email": "ada@example.com", "password": PASSWORD}
        return int(APIClient().post("/api/v1/auth/register/", body).status_code)

    assert Counter(at_once(10, register)) == {201: 1, 400: 9}
    assert User.objects.count() == 1


def test_ten_new_defaults_at_once_leave_one() -> None:
    user = UserFactory.create()
    body = {
        "full_name": "Ada",
        "line1": "Unter den Linden 1",
        "city": "Berlin",
        "postal_code": "10117",
        "country": "DE",
        "is_default_shipping": True,
    }
    token = sign_in(APIClient(), user).json()["access"]

    def add() -> int:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return int(client.post("/api/v1/users/me/addresses/", body).status_code)

    assert Counter(at_once(10, add)) == {201: 10}
    assert Address.objects.filter(is_default_shipping=True).count() == 1


def test_of_ten_uses_of_one_reset_link_one_succeeds() -> None:
    user = UserFactory.create()
    body = {**parameters_of(links.reset_link(user=user)), "new_password": "staple-9-teapots"}

    def reset() -> int:
        client = APIClient()
        return int(client.post("/api/v1/auth/password/reset/confirm/", body).status_code)

    assert Counter(at_once(10, reset)) == {204: 1, 400: 9}
