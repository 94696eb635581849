from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import Address, Session, User
from accounts.roles import Role
from accounts.tests.factories import PASSWORD, AddressFactory, StaffFactory, UserFactory
from accounts.tests.test_sign_in import sign_in
from core.models import DomainEvent

pytestmark = pytest.mark.django_db

ME = "/api/v1/users/me/"
ApiFor = Callable[[User], APIClient]


def test_leaving_removes_the_person_and_keeps_the_row(api: APIClient, api_for: ApiFor) -> None:
    user = UserFactory.create(email="ada@example.com")
    AddressFactory.create(user=user, full_name="Ada Lovelace").delete()
    client = api_for(user)
    client.patch(ME, {"profile": {"first_name": "Ada", "phone_number": "+4930901820"}})

    assert client.delete(ME, {"current_password": PASSWORD}).status_code == 204

    user = User.objects.get(pk=user.pk)
    assert user.email == f"{user.pk}@erased.invalid"
    assert user.anonymised_at is not None
    assert (user.is_active, user.has_usable_password()) == (False, False)
    assert (user.profile.first_name, user.profile.phone_number) == ("", "")
    assert not Address.all_objects.exists()
    assert Session.objects.get().user_agent == ""
    assert client.get(ME).status_code == 401
    assert DomainEvent.objects.filter(name="user.erased").count() == 1


def test_the_address_can_be_registered_again(api: APIClient, api_for: ApiFor) -> None:
    user = UserFactory.create(email="ada@example.com")
    api_for(user).delete(ME, {"current_password": PASSWORD})

    assert sign_in(api, user).status_code == 401
    again = api.post("/api/v1/auth/register/", {"email": "ada@example.com", "password": PASSWORD})
    assert again.status_code == 201
    assert again.json()["user"]["id"] != str(user.pk)


@pytest.mark.parametrize("body", [{}, {"current_password": "wrong"}, {"current_password": ""}])
def test_leaving_asks_for_the_password(api_for: ApiFor, user: User, body: dict[str, str]) -> None:
    assert api_for(user).delete(ME, body).status_code == 400

    user.refresh_from_db()
    assert user.anonymised_at is None


def test_administrators_stay(api_for: ApiFor) -> None:
    user = StaffFactory.create(role=Role.ADMINISTRATOR)

    answer = api_for(user).delete(ME, {"current_password": PASSWORD})

    assert (answer.status_code, answer.json()["code"]) == (409, "own_access")
