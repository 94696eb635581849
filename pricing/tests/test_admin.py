"""Tax rates in the backoffice."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import StaffFactory
from pricing.models import TaxRate
from pricing.tests.factories import TaxRateFactory

pytestmark = pytest.mark.django_db

ADD = "admin:pricing_taxrate_add"
LIST = "admin:pricing_taxrate_changelist"


@pytest.fixture
def backoffice(client: Client) -> Client:
    client.force_login(StaffFactory.create(role="Administrator"))
    return client


def rate(**more: Any) -> dict[str, Any]:
    return {
        "country": "DE",
        "region": "",
        "tax_class": "reduced",
        "name": "VAT",
        "rate": "0.07",
        "is_inclusive": "on",
        **more,
    }


def test_adds_a_rate(backoffice: Client) -> None:
    TaxRateFactory.create()

    backoffice.post(reverse(ADD), rate())

    assert TaxRate.objects.count() == 2
    assert "7 %" in backoffice.get(reverse(LIST)).content.decode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"is_inclusive": ""}, "prices contain all taxes or none"),
        ({"tax_class": "standard"}, "one_tax_rate_per_place_and_class"),
        ({"rate": "7"}, "tax_rate_is_a_fraction"),
    ],
)
def test_refuses_what_contradicts(backoffice: Client, change: dict[str, Any], message: str) -> None:
    TaxRateFactory.create()

    response = backoffice.post(reverse(ADD), rate(**change))

    assert message in response.content.decode()
    assert TaxRate.objects.count() == 1


def test_deletes_chosen_rates_softly(backoffice: Client) -> None:
    chosen = TaxRateFactory.create()
    body = {"action": "delete_selected", "_selected_action": [chosen.pk], "post": "yes"}

    backoffice.post(reverse(LIST), body)

    assert not TaxRate.objects.exists()
    assert TaxRate.all_objects.get() == chosen
