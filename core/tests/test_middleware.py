"""Pages are protected as pages are, the API as an API is."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db

SIGN_IN = "/admin/login/"


def test_nothing_is_missing_of_what_the_silenced_checks_look_for() -> None:
    assert {
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    } <= set(settings.PAGE_MIDDLEWARE)


def test_a_page_may_not_be_framed_and_loads_from_us_only() -> None:
    answer = Client().get(SIGN_IN, follow=True)

    assert answer.status_code == 200
    assert answer["X-Frame-Options"] == "DENY"
    assert "default-src 'self'" in answer["Content-Security-Policy"]


def test_a_form_needs_its_token() -> None:
    client = Client(enforce_csrf_checks=True)
    form = {"username": "a@example.com", "password": "wrong"}
    page = client.get(SIGN_IN, follow=True)

    without = client.post(SIGN_IN, form)
    token = page.context["csrf_token"]
    given = client.post(SIGN_IN, form | {"csrfmiddlewaretoken": str(token)})

    assert without.status_code == 403
    assert given.status_code == 200


def test_the_api_sets_no_cookie_and_may_not_be_framed() -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["sessionid"] = "someone-elses"

    answer = client.post("/api/v1/auth/login/", {}, content_type="application/json")

    assert answer.status_code == 400
    assert not answer.cookies
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
