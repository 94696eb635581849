from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.models import Session, User
from accounts.roles import Role
from accounts.tests.factories import PASSWORD, AddressFactory, StaffFactory, UserFactory
from core.models import DomainEvent

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/user/"


@pytest.fixture
def administrator() -> User:
    return StaffFactory.create(role=Role.ADMINISTRATOR)


@pytest.fixture
def desk(client: Client, administrator: User) -> Client:
    client.force_login(administrator)
    return client


def page(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def form_of(user: User, **changes: Any) -> dict[str, Any]:
    form = {
        "email": user.email,
        "is_email_verified": "on",
        "is_active": "on",
        "profile-TOTAL_FORMS": "1",
        "profile-INITIAL_FORMS": "1",
        "profile-0-id": str(user.profile.pk),
        "profile-0-user": str(user.pk),
        "profile-0-first_name": "Ada",
        "profile-0-visibility": "private",
        "addresses-TOTAL_FORMS": "0",
        "addresses-INITIAL_FORMS": "0",
        "activities-TOTAL_FORMS": "0",
        "activities-INITIAL_FORMS": "0",
        "orders-TOTAL_FORMS": "0",
        "orders-INITIAL_FORMS": "0",
        "sessions-TOTAL_FORMS": "0",
        "sessions-INITIAL_FORMS": "0",
    } | changes
    return {name: value for name, value in form.items() if value is not None}


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post("/admin/login/", {"username": email, "password": password, "next": LIST})


def test_staff_signs_in_and_customers_do_not(client: Client, administrator: User) -> None:
    assert sign_in(client, UserFactory.create().email).status_code == 200
    assert sign_in(client, administrator.email.upper()).status_code == 302
    assert client.get(LIST).status_code == 200


def test_guessing_is_limited_as_in_the_api(client: Client, administrator: User) -> None:
    for _ in range(5):
        sign_in(client, administrator.email, "wrong")

    answer = sign_in(client, administrator.email)

    assert b"Too many requests" in answer.content
    assert "_auth_user_id" not in client.session


def test_finds_people(desk: Client) -> None:
    UserFactory.create(email="ada@example.com")
    UserFactory.create(email="grace@example.com")

    answer = desk.get(LIST, {"q": "ada@"})

    assert b"ada@example.com" in answer.content
    assert b"grace@example.com" not in answer.content


def test_one_page_shows_profile_addresses_and_sessions(desk: Client, api_for: Any) -> None:
    user = UserFactory.create()
    AddressFactory.create(user=user, line1="Unter den Linden 7")
    Session.objects.filter(user=api_for(user) and user).update(user_agent="Testfox/1.0")

    content = desk.get(page(user)).content

    assert b"Unter den Linden 7" in content
    assert b"Testfox/1.0" in content


def test_giving_a_role_ends_the_sessions(desk: Client, api_for: Any) -> None:
    user = UserFactory.create()
    theirs = api_for(user)
    group = Group.objects.get(name="Support")

    answer = desk.post(page(user), form_of(user, groups=[str(group.pk)], is_staff="on"))

    assert answer.status_code == 302, answer.context["errors"]
    fresh = User.objects.get(pk=user.pk)
    assert (fresh.roles, fresh.is_staff) == (["Support"], True)
    assert fresh.profile.first_name == "Ada"
    assert theirs.get("/api/v1/users/me/").status_code == 401


def test_nobody_demotes_themselves(desk: Client, administrator: User) -> None:
    answer = desk.post(page(administrator), form_of(administrator, is_staff="on"))

    assert b"You cannot deactivate yourself" in answer.content
    assert User.objects.get(pk=administrator.pk).roles == ["Administrator"]


def test_an_administrator_makes_no_superuser(desk: Client) -> None:
    user = UserFactory.create()

    desk.post(page(user), form_of(user, is_superuser="on"))

    user.refresh_from_db()
    assert user.is_superuser is False


def test_support_looks_but_does_not_touch(client: Client) -> None:
    client.force_login(StaffFactory.create(role=Role.SUPPORT))
    user = UserFactory.create()

    assert client.get(page(user)).status_code == 200
    assert client.post(page(user), form_of(user)).status_code == 403


def test_makes_an_account(desk: Client) -> None:
    form = {"email": "New@Example.com", "password1": PASSWORD, "password2": PASSWORD}

    answer = desk.post("/admin/accounts/user/add/", form | {"usable_password": "true"})

    assert answer.status_code == 302
    assert User.objects.get(email="new@example.com").profile is not None


def test_a_password_set_by_staff_ends_the_sessions(desk: Client, api_for: Any) -> None:
    user = UserFactory.create()
    theirs = api_for(user)
    url = reverse("admin:auth_user_password_change", args=[user.pk])

    form = {"password1": "staple-9-teapots", "password2": "staple-9-teapots"}
    assert desk.post(url, form | {"usable_password": "true"}).status_code == 302

    assert theirs.get("/api/v1/users/me/").status_code == 401


def test_staff_that_changes_its_own_password_stays_signed_in(desk: Client) -> None:
    form = {
        "old_password": PASSWORD,
        "new_password1": "staple-9-tea",
        "new_password2": "staple-9-tea",
    }

    assert desk.post("/admin/password_change/", form).status_code == 302

    assert desk.get(LIST).status_code == 200


@pytest.mark.parametrize("action", ["end_sessions", "deactivate"])
def test_actions_end_sessions(desk: Client, api_for: Any, action: str) -> None:
    user = UserFactory.create()
    theirs = api_for(user)

    desk.post(LIST, {"action": action, "_selected_action": [str(user.pk)]})

    assert theirs.get("/api/v1/users/me/").status_code == 401


def test_sends_a_link_to_set_a_new_password(desk: Client) -> None:
    action = {"action": "send_password_reset", "_selected_action": [str(UserFactory.create().pk)]}

    desk.post(LIST, action)

    assert DomainEvent.objects.filter(name="user.password_reset_requested").exists()


def test_the_cookie_ends_with_the_tokens(desk: Client, administrator: User) -> None:
    User.objects.filter(pk=administrator.pk).update(token_version=99)

    assert desk.get(LIST).status_code == 302


@pytest.mark.parametrize("name", ["accounts_session", "accounts_activity", "auth_group"])
def test_other_lists_open(desk: Client, api_for: Any, name: str) -> None:
    api_for(UserFactory.create())

    assert desk.get(reverse(f"admin:{name}_changelist")).status_code == 200


def test_the_roles_of_the_shop_are_fixed(desk: Client) -> None:
    url = reverse("admin:auth_group_change", args=[Group.objects.get(name="Support").pk])

    assert desk.get(url).status_code == 200
    assert desk.post(url, {"name": "Kings"}).status_code == 403
