"""Back-orders in the backoffice."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import StaffFactory
from catalog.models import ProductVariant
from catalog.tests.factories import VariantFactory
from inventory import services
from inventory.models import BackorderRule
from inventory.tests.factories import promise, stock

pytestmark = pytest.mark.django_db

PAGE = "admin:inventory_backorderrule"
NONE_WAIT = {"backorders-TOTAL_FORMS": 0, "backorders-INITIAL_FORMS": 0}


@pytest.fixture
def backoffice(client: Client) -> Client:
    client.force_login(StaffFactory.create(role="Catalog manager"))
    return client


@pytest.fixture
def tea() -> ProductVariant:
    variant: ProductVariant = VariantFactory.create(sku="TEA")
    stock(variant, 1)
    return variant


def rule(**more: Any) -> dict[str, Any]:
    return {"sku": "tea", "maximum": "5", "expected_on": "2027-03-01", **NONE_WAIT, **more}


def test_allows_to_sell_what_is_not_there(backoffice: Client, tea: ProductVariant) -> None:
    backoffice.post(reverse(f"{PAGE}_add"), rule())

    made = BackorderRule.objects.get(variant=tea)
    assert (made.maximum, str(made.expected_on)) == (5, "2027-03-01")


@pytest.mark.parametrize("change", [{"sku": "none"}, {"maximum": "-1"}, {"maximum": ""}])
def test_refuses_what_is_no_rule(
    backoffice: Client, tea: ProductVariant, change: dict[str, str]
) -> None:
    assert backoffice.post(reverse(f"{PAGE}_add"), rule(**change)).status_code == 200
    assert not BackorderRule.objects.exists()


def test_shows_who_waits_and_keeps_the_maximum_above(
    backoffice: Client, tea: ProductVariant
) -> None:
    services.allow_backorders(variant_id=tea.pk, maximum=5)
    order = promise((tea, 4))
    made = BackorderRule.objects.get()
    page = reverse(f"{PAGE}_change", args=[made.pk])

    listed = backoffice.get(reverse(f"{PAGE}_changelist"), {"awaited": "yes"}).content.decode()
    shown = backoffice.get(page).content.decode()
    refused = backoffice.post(page, rule(maximum="1"), follow=True).content.decode()

    assert "TEA" in listed
    assert str(order) in shown
    assert "awaited already" in refused
    made.refresh_from_db()
    assert made.maximum == 5
