from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Session, SessionEnd, User
from accounts.roles import Role
from accounts.tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

USERS = "/api/v1/users/"
ApiFor = Callable[[User], APIClient]


@pytest.fixture
def admin() -> User:
    return StaffFactory.create(role=Role.ADMINISTRATOR)


def url(user: User) -> str:
    return f"{USERS}{user.pk}/"


def test_staff_finds_users_by_words_role_and_state(api_for: ApiFor, admin: User) -> None:
    ada = UserFactory.create(email="ada@example.com")
    ada.profile.last_name = "Lovelace"
    ada.profile.save()
    closed = UserFactory.create(is_active=False)
    client = api_for(admin)

    def found(**query: Any) -> list[str]:
        return [row["id"] for row in client.get(USERS, query).json()["results"]]

    assert found(search="love ADA@") == [str(ada.pk)]
    assert found(role="Administrator") == [str(admin.pk)]
    assert found(is_active="false") == [str(closed.pk)]
    assert found(ordering="email", is_active="true") == [str(ada.pk), str(admin.pk)]
    assert client.get(USERS, {"nonsense": "1"}).status_code == 400
    assert client.get(USERS, {"is_active": "maybe"}).status_code == 400


def test_giving_a_role_takes_effect_and_ends_the_sessions(api_for: ApiFor, admin: User) -> None:
    user = UserFactory.create()
    theirs = api_for(user)

    answer = api_for(admin).patch(url(user), {"roles": ["Support"]})

    assert (answer.status_code, answer.json()["roles"]) == (200, ["Support"])
    assert theirs.get("/api/v1/users/me/").status_code == 401
    assert Session.objects.get(user=user).end_reason == SessionEnd.ACCOUNT_CHANGED
    assert api_for(User.objects.get(pk=user.pk)).get(USERS).status_code == 200


def test_deactivating_ends_every_session_and_can_be_undone(api_for: ApiFor, admin: User) -> None:
    user = UserFactory.create()
    theirs, client = api_for(user), api_for(admin)

    assert client.delete(url(user)).status_code == 204
    assert theirs.get("/api/v1/users/me/").status_code == 401
    assert client.get(url(user)).json()["is_active"] is False

    assert client.patch(url(user), {"is_active": True}).json()["is_active"] is True


@pytest.mark.parametrize("change", [{"is_active": False}, {"roles": []}, {"roles": ["Support"]}])
def test_nobody_deactivates_or_demotes_themselves(
    api_for: ApiFor, admin: User, change: dict[str, Any]
) -> None:
    client = api_for(admin)

    answer = client.patch(url(admin), change)

    assert (answer.status_code, answer.json()["code"]) == (409, "own_access")
    assert client.delete(url(admin)).status_code == 409
    fresh = User.objects.get(pk=admin.pk)
    assert (fresh.is_active, fresh.roles) == (True, ["Administrator"])


def test_only_superusers_change_superusers(api_for: ApiFor, admin: User) -> None:
    superuser = User.objects.create_superuser("root@example.com", "x")

    for change in ({"is_active": False}, {"roles": ["Support"]}):
        assert api_for(admin).patch(url(superuser), change).status_code == 403

    superuser.refresh_from_db()
    assert superuser.is_active


def test_staff_rights_cannot_be_set_through_the_api(api_for: ApiFor, admin: User) -> None:
    user = UserFactory.create()
    claims = {"is_staff": True, "is_superuser": True, "email": "x@example.com", "id": "1"}

    assert api_for(admin).patch(url(user), claims).status_code == 400

    fresh = User.objects.get(pk=user.pk)
    assert (fresh.is_staff, fresh.is_superuser, fresh.email) == (False, False, user.email)


@pytest.mark.parametrize("roles", [["King"], "Support", [1, {}], None])
def test_refuses_roles_that_do_not_exist(api_for: ApiFor, admin: User, roles: Any) -> None:
    answer = api_for(admin).patch(url(UserFactory.create()), {"roles": roles})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith("#/roles")


@pytest.mark.parametrize(
    ("visibility", "guest", "member"),
    [("private", 404, 404), ("members", 404, 200), ("public", 200, 200)],
)
def test_a_profile_shows_to_whom_it_is_visible(
    api: APIClient, api_for: ApiFor, visibility: str, guest: int, member: int
) -> None:
    user = UserFactory.create()
    user.profile.visibility = visibility
    user.profile.save()

    assert api.get(url(user)).status_code == guest
    answer = api_for(UserFactory.create()).get(url(user))
    assert answer.status_code == member
    if member == 200:
        assert set(answer.json()) == {"id", "first_name", "last_name", "avatar", "created_at"}


@pytest.mark.parametrize("count", [1, 30])
def test_listing_costs_the_same_for_any_number(
    api_for: ApiFor, admin: User, count: int, django_assert_num_queries: Any
) -> None:
    UserFactory.create_batch(count)
    client = api_for(admin)

    with django_assert_num_queries(3):  # the caller, the count, the page
        client.get(USERS, {"page_size": 100})


def test_a_user_that_does_not_exist_is_not_found(api_for: ApiFor, admin: User) -> None:
    client = api_for(admin)
    nobody = f"{USERS}{User().pk}/"

    assert client.get(nobody).status_code == 404
    assert client.patch(nobody, {"is_active": True}).status_code == 404
    assert client.delete(nobody).status_code == 404
    assert client.get(f"{USERS}me2/").status_code == 404
