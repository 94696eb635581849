"""One address is one account, however its domain is written."""

from __future__ import annotations

import importlib
import logging

import pytest
from django.apps import apps
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from core.logging import hide_secrets

pytestmark = pytest.mark.django_db

LETTERS, DNS = "ada@bücher.example", "ada@xn--bcher-kva.example"
REGISTER, LOGIN = "/api/v1/auth/register/", "/api/v1/auth/login/"


@pytest.mark.parametrize("first", [LETTERS, DNS])
@pytest.mark.parametrize("second", [LETTERS, DNS, "ada@BÜCHER.example", "ada@bu\u0308cher.example"])
def test_twins_are_one_account(api: APIClient, first: str, second: str) -> None:
    assert api.post(REGISTER, {"email": first, "password": PASSWORD}).status_code == 201

    again = api.post(REGISTER, {"email": second, "password": PASSWORD})

    assert (again.status_code, again.json()["code"]) == (400, "email_taken")
    assert api.post(LOGIN, {"email": second, "password": PASSWORD}).status_code == 200
    assert User.objects.get().email == DNS


@pytest.mark.parametrize(
    "domain",
    ["İ", "ǅ", "ẞ", "ﬁ", "Ⅷ", "Ꟁa", "Ⱶ", "℀", "☃", "\u1e9e\u0345", "Ა", "Ꭰ", "𞤀"],
)
def test_rare_letters_in_a_domain_are_taken_or_refused(api: APIClient, domain: str) -> None:
    body = {"email": f"ada@{domain}.example", "password": PASSWORD}

    answer = api.post(REGISTER, body)

    assert answer.status_code in {201, 400}, answer.content
    known = 200 if answer.status_code == 201 else 401
    assert api.post(LOGIN, body).status_code == known


def test_accounts_from_before_are_rewritten_unless_there_is_a_twin() -> None:
    twin, alone = UserFactory.create(email=DNS), UserFactory.create()
    old = UserFactory.create()
    User.objects.filter(pk=old.pk).update(email=LETTERS)
    User.objects.filter(pk=alone.pk).update(email="bob@bücher.example")

    importlib.import_module("accounts.migrations.0006_domains_as_the_dns_writes_them").rewrite(
        apps, None
    )

    emails = dict(User.objects.values_list("pk", "email"))
    assert emails == {twin.pk: DNS, old.pk: LETTERS, alone.pk: "bob@xn--bcher-kva.example"}


def test_a_log_line_does_not_quote_the_row() -> None:
    text = (
        "duplicate key\nDETAIL:  Failing row contains (ada@example.com, argon2$salt).\nCONTEXT: x"
    )

    event = hide_secrets(logging.getLogger(), "error", {"exception": text})

    assert event["exception"] == "duplicate key\nDETAIL:[hidden]\nCONTEXT: x"
