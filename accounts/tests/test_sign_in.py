from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import override_settings
from rest_framework.test import APIClient

from accounts.models import Profile, Session, User
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

NEWCOMER = {"email": "Ada@Example.com", "password": PASSWORD}


def sign_in(api: APIClient, user: User, password: str = PASSWORD) -> Any:
    return api.post("/api/v1/auth/login/", {"email": user.email, "password": password})


def bearer(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def test_registers_signs_in_and_makes_the_profile(api: APIClient) -> None:
    answer = api.post("/api/v1/auth/register/", NEWCOMER | {"first_name": "Ada"})

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert body["user"]["email"] == "ada@example.com"
    assert body["user"]["is_email_verified"] is False
    assert body["user"]["roles"] == []
    assert body["user"]["profile"]["first_name"] == "Ada"
    assert bearer(body["access"]).get("/api/v1/users/me/").json() == body["user"]
    assert Profile.objects.get().user.email == "ada@example.com"


def test_refuses_an_address_that_is_taken_whatever_its_case(api: APIClient) -> None:
    UserFactory.create(email="ada@example.com")

    answer = api.post("/api/v1/auth/register/", NEWCOMER | {"email": "ADA@example.com"})

    assert answer.status_code == 400
    assert answer.json()["code"] == "email_taken"
    assert answer.json()["errors"][0]["pointer"] == "#/email"
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "email", ["", "ada", "ada@", "@example.com", "a b@example.com", "İ@example.com", "a@b\r\nc.de"]
)
def test_refuses_what_is_no_address(api: APIClient, email: str) -> None:
    answer = api.post("/api/v1/auth/register/", NEWCOMER | {"email": email})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/email"


@pytest.mark.parametrize("password", ["short", "password123", "12345678901", "ada@example.com"])
def test_refuses_a_weak_password(api: APIClient, password: str) -> None:
    answer = api.post("/api/v1/auth/register/", NEWCOMER | {"password": password})

    assert (answer.status_code, answer.json()["code"]) == (400, "weak_password")
    assert not User.objects.exists()


def test_nobody_gives_themselves_rights_by_registering(api: APIClient) -> None:
    claims = {"is_staff": True, "is_superuser": True, "roles": ["Administrator"], "id": "1"}

    answer = api.post("/api/v1/auth/register/", NEWCOMER | claims | {"is_email_verified": True})

    assert answer.status_code == 400
    assert {error["code"] for error in answer.json()["errors"]} == {"unknown_field"}
    assert not User.objects.exists()


def test_signs_in_whatever_the_case_of_the_address(api: APIClient) -> None:
    user = UserFactory.create(email="ada@example.com")

    answer = api.post("/api/v1/auth/login/", {"email": " ADA@example.com", "password": PASSWORD})

    assert answer.status_code == 200
    assert answer.json()["user"]["id"] == str(user.pk)
    assert set(answer.json()) == {"user", "access", "refresh"}


def test_answers_a_wrong_password_and_a_wrong_address_alike(api: APIClient) -> None:
    user = UserFactory.create()
    disabled = UserFactory.create(is_active=False)

    answers = [
        sign_in(api, user, "wrong"),
        sign_in(api, User(email="nobody@example.com")),
        sign_in(api, disabled),
    ]

    assert {answer.status_code for answer in answers} == {401}
    bodies = [answer.json() | {"request_id": ""} for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]
    assert bodies[0]["code"] == "wrong_credentials"
    assert answers[0]["WWW-Authenticate"].startswith("Bearer")


def test_signing_in_costs_at_most_eight_queries(
    api: APIClient, django_assert_max_num_queries: Any
) -> None:
    user = UserFactory.create()

    with django_assert_max_num_queries(8):
        assert sign_in(api, user).status_code == 200


def test_an_authenticated_request_adds_one_query(
    api: APIClient, django_assert_num_queries: Any
) -> None:
    client = bearer(sign_in(api, UserFactory.create()).json()["access"])

    with django_assert_num_queries(2):  # the user, the profile
        client.get("/api/v1/users/me/")


@override_settings(
    PASSWORD_HASHERS=[
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
)
def test_renews_an_old_hash_at_sign_in(api: APIClient) -> None:
    user = UserFactory.create(password="md5$salt$" + "0" * 32)
    user.set_password(PASSWORD)
    assert user.password.startswith("argon2")
    User.objects.filter(pk=user.pk).update(password=_md5(PASSWORD))

    assert sign_in(api, user).status_code == 200

    user.refresh_from_db()
    assert user.password.startswith("argon2")


def _md5(password: str) -> str:
    return MD5PasswordHasher().encode(password, "saltsaltsalt")


def test_five_wrong_passwords_close_the_account_for_a_while(api: APIClient) -> None:
    user = UserFactory.create()

    statuses = [sign_in(api, user, "wrong").status_code for _ in range(6)]

    assert statuses == [401] * 5 + [429]
    refused = sign_in(api, user)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert int(refused["Retry-After"]) <= 60
    assert not Session.objects.exists()


def test_tells_the_limit_on_signing_in(api: APIClient) -> None:
    for answer in (sign_in(api, UserFactory.create()), sign_in(api, User(email="no@example.com"))):
        assert answer["RateLimit-Policy"] == '"sign-in";q=300;w=300'
        assert answer["RateLimit"].startswith('"sign-in";r=')


def test_signing_in_often_is_no_offence(api: APIClient) -> None:
    user = UserFactory.create()

    assert {sign_in(api, user).status_code for _ in range(12)} == {200}
