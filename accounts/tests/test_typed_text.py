"""Names, addresses and passwords as people type them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

ADDRESS: dict[str, Any] = {
    "full_name": "Ada Lovelace",
    "line1": "Unter den Linden 1",
    "city": "Berlin",
    "postal_code": "10117",
    "country": "DE",
}
ApiFor = Callable[[User], APIClient]


def test_an_address_is_kept_without_line_breaks(api_for: ApiFor) -> None:
    sent = ADDRESS | {"line1": "1 Street\nBcc: x@example.com", "full_name": "Ada\u200b Lovelace"}

    answer = api_for(UserFactory.create()).post("/api/v1/users/me/addresses/", sent)

    assert answer.status_code == 201, answer.json()
    assert answer.json()["line1"] == "1 Street Bcc: x@example.com"
    assert answer.json()["full_name"] == "Ada Lovelace"


def test_a_name_of_invisible_characters_is_refused(api_for: ApiFor) -> None:
    sent = ADDRESS | {"full_name": "\u200b\ufeff"}

    answer = api_for(UserFactory.create()).post("/api/v1/users/me/addresses/", sent)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/full_name")


def test_a_password_typed_on_another_keyboard_signs_in() -> None:
    user = UserFactory.create()
    user.set_password("cafe\u0301-ｐａｓｓ-ﬁne")

    assert user.check_password("café-pass-fine")
    assert user.check_password("cafe\u0301-ｐａｓｓ-ﬁne")
    assert not user.check_password("cafe-pass-fine")


def test_a_hash_of_before_still_verifies() -> None:
    user = UserFactory.create()
    user.password = make_password("cafe\u0301-ｐａｓｓ")

    assert user.check_password("cafe\u0301-ｐａｓｓ")
    assert not user.check_password("other")
