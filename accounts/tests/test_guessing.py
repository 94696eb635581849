"""Wrong guesses make the guesser wait, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Session, User
from accounts.services import credentials
from accounts.tests.factories import PASSWORD, UserFactory
from core.rate_limits import Limit

pytestmark = pytest.mark.django_db

NEW = "staple-9-teapots"


def sign_in(
    user: User, password: str = PASSWORD, *, at: str, client: APIClient | None = None
) -> Any:
    body = {"email": user.email, "password": password}
    return (client or APIClient()).post("/api/v1/auth/login/", body, REMOTE_ADDR=at)


def guess(user: User, *, at: str, times: int = 6) -> list[int]:
    return [sign_in(user, "wrong", at=at).status_code for _ in range(times)]


def test_a_stranger_who_guesses_does_not_lock_the_owner_out(user: User) -> None:
    assert guess(user, at="203.0.113.7") == [401] * 5 + [429]

    assert sign_in(user, at="198.51.100.2").status_code == 200
    assert sign_in(user, at="203.0.113.7").status_code == 429


def test_a_device_that_signed_in_before_is_counted_by_itself(user: User) -> None:
    mine = APIClient()
    sign_in(user, at="203.0.113.7", client=mine)

    assert guess(user, at="203.0.113.7") == [401] * 5 + [429]

    assert sign_in(user, at="203.0.113.7", client=mine).status_code == 200
    wrong = [sign_in(user, "wrong", at="203.0.113.7", client=mine) for _ in range(6)]
    assert [answer.status_code for answer in wrong] == [401] * 5 + [429]


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "\x00"])
def test_a_token_that_is_not_of_this_account_helps_nobody(user: User, token: str) -> None:
    theirs = APIClient()
    sign_in(UserFactory.create(), at="203.0.113.7", client=theirs)
    for _ in range(5):
        sign_in(user, "wrong", at="203.0.113.7", client=theirs)

    assert sign_in(user, at="203.0.113.7", client=theirs).status_code == 429
    theirs.cookies["device"] = token
    assert sign_in(user, at="203.0.113.7", client=theirs).status_code == 429


def test_all_addresses_of_an_ipv6_network_count_as_one(user: User) -> None:
    statuses = [
        sign_in(user, "wrong", at=f"2001:db8:1:2::{number}").status_code for number in range(1, 7)
    ]

    assert statuses == [401] * 5 + [429]


def test_guesses_from_many_addresses_stop_where_nobody_signed_in_before(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "ACCOUNT_LIMIT", Limit("sign-in-account-anywhere", 3, 60))
    sign_in(user, at="198.51.100.2")
    for number in range(4):
        sign_in(user, "wrong", at=f"203.0.113.{number}")

    assert sign_in(user, at="203.0.113.99").status_code == 429
    assert sign_in(user, at="198.51.100.2").status_code == 200


def test_who_is_signed_in_changes_the_password_whatever_strangers_guess(
    user: User, api_for: Callable[[User], APIClient]
) -> None:
    guess(user, at="127.0.0.1")

    body = {"current_password": PASSWORD, "new_password": NEW}
    assert api_for(user).post("/api/v1/auth/password/change/", body).status_code == 200
    assert User.objects.get(pk=user.pk).check_password(NEW)


def test_a_refused_guess_begins_no_session(user: User) -> None:
    guess(user, at="203.0.113.7")
    sign_in(user, at="203.0.113.7")

    assert not Session.objects.exists()
