"""Groups and their price lists in the backoffice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import StaffFactory, UserFactory
from catalog.models import ProductVariant
from catalog.tests.factories import ProductFactory
from pricing.models import CustomerGroup, ListPrice, PriceList
from pricing.tests.factories import list_price

pytestmark = pytest.mark.django_db

ADD = "admin:pricing_pricelist_add"


@pytest.fixture
def backoffice(client: Client) -> Client:
    client.force_login(StaffFactory.create(role="Catalog manager"))
    return client


@pytest.fixture
def tea() -> ProductVariant:
    variant: ProductVariant = ProductFactory.create().variants.get()
    return variant


def prices(*rows: tuple[str, str, str]) -> dict[str, Any]:
    form: dict[str, Any] = {
        "name": "Spring",
        "is_active": "on",
        "prices-TOTAL_FORMS": len(rows),
        "prices-INITIAL_FORMS": 0,
    }
    for number, (sku, units, price) in enumerate(rows):
        form |= {
            f"prices-{number}-sku": sku,
            f"prices-{number}-minimum_quantity": units,
            f"prices-{number}-price": price,
        }
    return form


def test_makes_a_list_with_prices_by_sku(backoffice: Client, tea: ProductVariant) -> None:
    backoffice.post(reverse(ADD), prices((tea.sku.lower(), "1", "9"), (tea.sku, "5", "8")))

    listed = ListPrice.objects.order_by("minimum_quantity")
    assert [(price.variant, price.price) for price in listed] == [
        (tea, Decimal(9)),
        (tea, Decimal(8)),
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("nothing", "1", "9"), "No variant has this SKU."),
        (("TEA", "0", "9"), "list_price_and_quantity_are_positive"),
        (("TEA", "1", "0"), "list_price_and_quantity_are_positive"),
        (("TEA", "1", "nine"), "Enter a number."),
    ],
)
def test_refuses_what_is_no_price(
    backoffice: Client, tea: ProductVariant, row: tuple[str, str, str], message: str
) -> None:
    ProductVariant.objects.update(sku="TEA")

    page = backoffice.post(reverse(ADD), prices(row)).content.decode()

    assert message in page
    assert not PriceList.objects.exists()


def test_refuses_one_quantity_priced_twice(backoffice: Client, tea: ProductVariant) -> None:
    listed = list_price(tea, "9")
    form = prices((tea.sku, "1", "8"))

    page = backoffice.post(
        reverse("admin:pricing_pricelist_change", args=[listed.price_list_id]), form
    ).content.decode()

    assert "already exists" in page
    assert ListPrice.objects.get().price == 9


def test_shows_lists_and_groups(backoffice: Client, tea: ProductVariant) -> None:
    listed = list_price(tea, "9", members=[UserFactory.create(), UserFactory.create()])

    lists = backoffice.get(reverse("admin:pricing_pricelist_changelist")).content.decode()
    groups = backoffice.get(reverse("admin:pricing_customergroup_changelist")).content.decode()
    page = backoffice.get(
        reverse("admin:pricing_pricelist_change", args=[listed.price_list_id])
    ).content.decode()

    group = CustomerGroup.objects.get()
    assert listed.price_list.name in lists
    assert group.name in lists
    assert group.name in groups
    assert tea.sku in page
