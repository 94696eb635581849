from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

ME = "/api/v1/users/me/"
ApiFor = Callable[[User], APIClient]


@pytest.fixture
def mine(user: User, api_for: ApiFor) -> APIClient:
    return api_for(user)


def test_shows_exactly_what_the_contract_names(mine: APIClient, user: User) -> None:
    body = mine.get(ME).json()

    assert body.pop("created_at").endswith("Z")
    assert body == {
        "id": str(user.pk),
        "email": user.email,
        "is_email_verified": True,
        "pending_email": None,
        "roles": [],
        "profile": {
            "first_name": "",
            "last_name": "",
            "phone_number": "",
            "avatar": None,
            "visibility": "private",
        },
    }


def test_changes_what_is_sent_and_nothing_else(mine: APIClient) -> None:
    mine.patch(ME, {"profile": {"first_name": "Ada", "visibility": "public"}})

    answer = mine.patch(ME, {"profile": {"phone_number": "+49 30 901820"}})

    assert answer.status_code == 200
    profile = answer.json()["profile"]
    assert (profile["first_name"], profile["visibility"]) == ("Ada", "public")
    assert profile["phone_number"] == "+4930901820"
    assert mine.get(ME).json() == answer.json()


def test_replacing_empties_what_is_not_sent(mine: APIClient, user: User) -> None:
    mine.patch(ME, {"profile": {"first_name": "Ada", "last_name": "Lovelace"}})

    answer = mine.put(ME, {"email": user.email, "profile": {"first_name": "Ada"}})

    assert answer.status_code == 200
    assert answer.json()["profile"]["last_name"] == ""


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"phone_number": "abc"}, "#/profile/phone_number"),
        ({"visibility": "everyone"}, "#/profile/visibility"),
        ({"first_name": "x" * 151}, "#/profile/first_name"),
        ({"first_name": None}, "#/profile/first_name"),
    ],
)
def test_refuses_a_profile_that_cannot_be(
    mine: APIClient, change: dict[str, Any], pointer: str
) -> None:
    answer = mine.patch(ME, {"profile": change})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("body", [[], [1], "x", {"profile": []}, {"profile": "x"}])
def test_refuses_a_body_of_another_shape(mine: APIClient, body: Any) -> None:
    assert mine.patch(ME, body).status_code == 400


def test_nobody_gives_themselves_rights(mine: APIClient, user: User) -> None:
    other = UserFactory.create()
    claims: dict[str, Any] = {
        "id": str(other.pk),
        "is_staff": True,
        "is_superuser": True,
        "is_active": False,
        "is_email_verified": False,
        "roles": ["Administrator"],
        "groups": [1],
        "user_permissions": [1],
        "token_version": 9,
        "profile": {"user": str(other.pk), "id": str(other.pk), "avatar": "../../etc/passwd"},
    }

    answer = mine.patch(ME, claims)

    assert answer.status_code == 400
    assert {"#/is_staff", "#/profile/user"} <= {e["pointer"] for e in answer.json()["errors"]}
    fresh = User.objects.get(pk=user.pk)
    assert (fresh.is_staff, fresh.is_superuser, fresh.is_active) == (False, False, True)
    assert (fresh.is_email_verified, fresh.token_version) == (True, 1)
    assert fresh.roles == []
    assert fresh.profile == user.profile
    assert not fresh.profile.avatar


def test_refuses_a_change_of_what_was_changed_meanwhile(mine: APIClient) -> None:
    etag = mine.get(ME)["ETag"]
    change = {"profile": {"first_name": "Ada"}}

    assert mine.patch(ME, change, headers={"If-Match": etag}).status_code == 200
    assert mine.patch(ME, change, headers={"If-Match": etag}).status_code == 412


def test_private_answers_are_kept_by_nobody(mine: APIClient) -> None:
    assert "no-store" in mine.get(ME)["Cache-Control"]
