from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import tasks
from accounts.models import Session, SessionEnd
from accounts.tests.factories import UserFactory
from accounts.tests.test_sign_in import bearer, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def tokens(api: APIClient) -> dict[str, str]:
    return dict(sign_in(api, UserFactory.create()).json())


def refresh(api: APIClient, token: str) -> Any:
    return api.post("/api/v1/auth/refresh/", {"refresh": token})


def me(token: str) -> int:
    return int(bearer(token).get("/api/v1/users/me/").status_code)


def test_a_refresh_token_buys_new_tokens(api: APIClient, tokens: dict[str, str]) -> None:
    answer = refresh(api, tokens["refresh"])

    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh"}
    assert me(answer.json()["access"]) == 200
    assert refresh(api, answer.json()["refresh"]).status_code == 200


def test_a_used_refresh_token_ends_its_whole_session(
    api: APIClient, tokens: dict[str, str]
) -> None:
    newer = refresh(api, tokens["refresh"]).json()

    replay = refresh(api, tokens["refresh"])

    assert (replay.status_code, replay.json()["code"]) == (401, "refresh_token_invalid")
    assert refresh(api, newer["refresh"]).status_code == 401
    assert me(newer["access"]) == 401
    assert Session.objects.get().end_reason == SessionEnd.REPLAYED


def test_a_replay_leaves_other_sessions_alone(api: APIClient, tokens: dict[str, str]) -> None:
    other = sign_in(api, Session.objects.get().user).json()
    refresh(api, tokens["refresh"])
    refresh(api, tokens["refresh"])

    assert me(other["access"]) == 200
    assert refresh(api, other["refresh"]).status_code == 200


def test_signing_out_ends_the_session(api: APIClient, tokens: dict[str, str]) -> None:
    answer = api.post("/api/v1/auth/logout/", {"refresh": tokens["refresh"]})

    assert answer.status_code == 204
    assert refresh(api, tokens["refresh"]).status_code == 401
    assert me(tokens["access"]) == 401


def test_signing_out_everywhere_ends_every_session(api: APIClient, tokens: dict[str, str]) -> None:
    other = sign_in(api, Session.objects.get().user).json()

    assert bearer(other["access"]).post("/api/v1/auth/logout-all/").status_code == 204

    for pair in (tokens, other):
        assert me(pair["access"]) == 401
        assert refresh(api, pair["refresh"]).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", 5, None, ["x"], {"a": 1}, "x" * 5000])
def test_refuses_what_is_no_refresh_token(api: APIClient, token: Any) -> None:
    assert refresh(api, token).status_code in {400, 401}


def test_an_access_token_is_no_refresh_token_and_the_other_way_round(
    api: APIClient, tokens: dict[str, str]
) -> None:
    assert refresh(api, tokens["access"]).status_code == 401
    assert me(tokens["refresh"]) == 401


def test_an_inactive_user_is_refused_everywhere(api: APIClient, tokens: dict[str, str]) -> None:
    user = Session.objects.get().user
    user.is_active = False
    user.save(update_fields=["is_active"])

    assert me(tokens["access"]) == 401
    assert refresh(api, tokens["refresh"]).status_code == 401


def test_a_session_lasts_thirty_days_from_its_last_use(
    api: APIClient, tokens: dict[str, str]
) -> None:
    now = timezone.now()
    with time_machine.travel(now + timedelta(days=29)):
        newer = refresh(api, tokens["refresh"]).json()
    with time_machine.travel(now + timedelta(days=31)):
        assert refresh(api, tokens["refresh"]).status_code == 401
        newest = refresh(api, newer["refresh"])
    assert newest.status_code == 200
    with time_machine.travel(now + timedelta(days=62)):
        assert refresh(api, newest.json()["refresh"]).status_code == 401


def test_sessions_are_forgotten_three_months_after_they_expired(tokens: dict[str, str]) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=119)):
        tasks.purge(0)
        assert Session.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=121)):
        tasks.purge(0)
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("forwarded", "kept"),
    [("203.0.113.7", "203.0.113.7"), ("2001:db8::1", "2001:db8::1"), ("x", None)],
)
def test_a_session_knows_the_address_behind_a_trusted_proxy(
    api: APIClient, settings: Settings, forwarded: str, kept: str | None
) -> None:
    settings.TRUSTED_PROXIES = 1
    api.credentials(HTTP_X_FORWARDED_FOR=f"10.9.9.9, {forwarded}")

    sign_in(api, UserFactory.create())

    assert Session.objects.get().ip_address == kept
