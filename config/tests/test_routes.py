"""Every route is reached, and pages of other sites may call them."""

from __future__ import annotations

from collections import Counter

import pytest
from django.conf import settings
from django.test import Client, override_settings

from config.access_table import patterns

FRONTEND = "https://www.example.com"
PROVIDERS = "/api/v1/payments/providers/"
WITH_CORS = [*settings.MIDDLEWARE, settings.CORS_MIDDLEWARE]


def test_no_route_is_hidden_by_another_with_its_address() -> None:
    """The first of two with one address and method answers; the other is dead."""
    addresses: Counter[tuple[str, str]] = Counter()
    for pattern_path, pattern in patterns():
        for method in getattr(pattern.callback, "actions", {"get": ""}):
            addresses[pattern_path, method] += 1

    assert [address for address, times in addresses.items() if times > 1] == []


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
