import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.conf import settings
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from accounts.tests.test_sign_in import bearer, sign_in

pytestmark = pytest.mark.django_db

ME = "/api/v1/users/me/"


@pytest.fixture
def access(api: APIClient) -> str:
    return str(sign_in(api, UserFactory.create()).json()["access"])


def claims_of(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


def signed(claims: dict[str, Any], key: str = settings.JWT_SIGNING_KEY, how: str = "HS256") -> str:
    return jwt.encode(claims, key, algorithm=how)


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_carries_what_the_contract_says(access: str) -> None:
    claims = claims_of(access)

    assert set(claims) == {"token_type", "exp", "iat", "jti", "iss", "sub", "sid", "ver", "roles"}
    assert claims["exp"] - claims["iat"] == 15 * 60
    assert claims["roles"] == []


def test_is_refused_once_expired_however_often_it_was_good(access: str) -> None:
    assert bearer(access).get(ME).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1)):
        answer = bearer(access).get(ME)

    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_unsigned_tokens_are_refused(access: str) -> None:
    unsigned = f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims_of(access))}."

    assert bearer(unsigned).get(ME).status_code == 401


@pytest.mark.parametrize("how", ["HS384", "HS512"])
def test_other_algorithms_are_refused(access: str, how: str) -> None:
    assert bearer(signed(claims_of(access), how=how)).get(ME).status_code == 401


def test_another_key_is_refused(access: str) -> None:
    assert bearer(signed(claims_of(access), key="k" * 64)).get(ME).status_code == 401
    assert bearer(signed(claims_of(access), key=settings.SECRET_KEY)).get(ME).status_code == 401


def test_an_altered_claim_is_refused(access: str) -> None:
    header, _, signature = access.split(".")
    altered = part(claims_of(access) | {"sub": str(UserFactory.create().pk)})

    assert bearer(f"{header}.{altered}.{signature}").get(ME).status_code == 401


@pytest.mark.parametrize("missing", ["exp", "sub", "sid", "ver", "jti", "token_type", "iss"])
def test_a_token_that_lacks_a_claim_is_refused(access: str, missing: str) -> None:
    claims = claims_of(access)
    del claims[missing]

    assert bearer(signed(claims)).get(ME).status_code == 401


def test_a_former_key_still_verifies_but_signs_no_more(access: str, settings: Settings) -> None:
    settings.JWT_PREVIOUS_SIGNING_KEYS = [settings.JWT_SIGNING_KEY]
    settings.JWT_SIGNING_KEY = "n" * 64

    assert bearer(access).get(ME).status_code == 200

    settings.JWT_PREVIOUS_SIGNING_KEYS = []
    assert bearer(access).get(ME).status_code == 401


def test_a_former_key_verifies_no_expired_token(access: str, settings: Settings) -> None:
    settings.JWT_PREVIOUS_SIGNING_KEYS = [settings.JWT_SIGNING_KEY]
    settings.JWT_SIGNING_KEY = "n" * 64

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert bearer(access).get(ME).json()["code"] == "token_expired"


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a b", "Bearer x", "Bearer ÿ.ÿ.ÿ"])
def test_a_malformed_header_is_refused(api: APIClient, header: str) -> None:
    answer = api.get(ME, HTTP_AUTHORIZATION=header)

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_the_scheme_is_read_whatever_its_case(api: APIClient, access: str) -> None:
    assert api.get(ME, HTTP_AUTHORIZATION=f"bearer {access}").status_code == 200


def test_a_bad_token_does_not_keep_anyone_from_signing_in(api: APIClient) -> None:
    user = UserFactory.create()
    api.credentials(HTTP_AUTHORIZATION="Bearer expired")

    assert sign_in(api, user).status_code == 200
