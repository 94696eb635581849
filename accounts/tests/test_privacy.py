import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import activities
from accounts.tests.factories import AddressFactory, UserFactory
from accounts.tests.test_sign_in import bearer, sign_in
from core.privacy import export_personal_data

pytestmark = pytest.mark.django_db

URL = "/api/v1/users/me/export/"


def export(client: APIClient) -> Any:
    return json.loads(client.get(URL).getvalue())


def test_exports_everything_held_on_the_person(api: APIClient, user: User) -> None:
    AddressFactory.create(user=user, line1="Unter den Linden 1")
    AddressFactory.create(user=user, line1="Removed 1").delete()
    client = bearer(sign_in(api, user).json()["access"])
    activities.flush_activities()

    document = export(client)

    assert document["account"][0]["email"] == user.email
    assert {row["line1"] for row in document["addresses"]} == {"Unter den Linden 1", "Removed 1"}
    assert document["sessions"][0]["ip_address"] == "127.0.0.1"
    assert document["activities"][0]["action"] == "account.signed_in"
    assert set(document) >= {"generated_at", *(name for name, _ in export_personal_data(user.pk))}


def test_exports_nothing_of_others(api_for: Callable[[User], APIClient], user: User) -> None:
    AddressFactory.create(user=UserFactory.create())

    assert export(api_for(user))["addresses"] == []


def test_exports_no_secret(api: APIClient, user: User) -> None:
    tokens = sign_in(api, user).json()

    text = json.dumps(export(bearer(tokens["access"])))

    assert user.password not in text
    assert "refresh_jti" not in text


def test_is_itself_logged(api_for: Callable[[User], APIClient], user: User) -> None:
    client = api_for(user)
    export(client)
    activities.flush_activities()

    assert export(client)["activities"][0]["action"] == "account.exported"


def test_asks_who_is_calling(api: APIClient) -> None:
    assert api.get(URL).status_code == 401
