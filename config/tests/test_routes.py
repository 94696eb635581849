"""Finding views, and letting pages of other sites call them."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import Resolver404, resolve

FRONTEND = "https://www.example.com"
PROVIDERS = "/api/v1/payments/providers/"
WITH_CORS = [*settings.MIDDLEWARE, settings.CORS_MIDDLEWARE]


def test_a_path_leads_where_it_led_before_and_its_parameters_are_its_own() -> None:
    first, second, other = (
        resolve(f"/api/v1/categories/{key}/") for key in ("books", "books", "tea")
    )

    assert first.func is second.func is other.func
    first.kwargs["key"] = "changed"
    assert (second.kwargs, other.kwargs) == ({"key": "books"}, {"key": "tea"})
    assert resolve("/api/v1/categories/books/").kwargs == {"key": "books"}


def test_a_path_that_leads_nowhere_does_so_each_time() -> None:
    for _ in range(2):
        with pytest.raises(Resolver404):
            resolve("/api/v1/nowhere/")


@pytest.mark.django_db
def test_a_page_of_another_site_may_call_the_api_when_it_is_named() -> None:
    with override_settings(MIDDLEWARE=WITH_CORS, CORS_ALLOWED_ORIGINS=[FRONTEND]):
        client = Client()
        named = client.get(PROVIDERS, headers={"Origin": FRONTEND})
        other = client.get(PROVIDERS, headers={"Origin": "https://evil.example"})
        asked = {"Origin": FRONTEND, "Access-Control-Request-Method": "POST"}
        preflight = client.options("/api/v1/orders/", headers=asked)

    assert named["Access-Control-Allow-Origin"] == FRONTEND
    assert "Access-Control-Allow-Origin" not in other
    assert "idempotency-key" in preflight["Access-Control-Allow-Headers"]
