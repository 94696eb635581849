"""How long a refusal takes tells nothing about the account."""

from statistics import median
from time import process_time

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TRIES = 3


def seconds(api: APIClient, email: str) -> float:
    started = process_time()  # the processor's, of all threads: what else runs does not count
    api.post("/api/v1/auth/login/", {"email": email, "password": "wrong"})
    return process_time() - started


def test_a_wrong_address_takes_as_long_as_a_wrong_password(
    api: APIClient, settings: Settings
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    settings.THROTTLE_SCALE = 1000
    user = UserFactory.create()
    user.set_password(PASSWORD)
    user.save()
    closed = UserFactory.create(is_active=False, password=user.password)

    turns = [
        [seconds(api, email) for email in (user.email, "nobody@example.com", closed.email)]
        for _ in range(TRIES)
    ]

    known, unknown, inactive = (median(times) for times in zip(*turns, strict=True))
    assert known / 2 < unknown < known * 2
    assert known / 2 < inactive < known * 2
