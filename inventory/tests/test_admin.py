"""Stock in the backoffice."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import StaffFactory
from catalog.models import ProductVariant
from catalog.tests.factories import VariantFactory
from inventory.models import Location, StockItem, StockMovement
from inventory.tests.factories import LocationFactory, promise, stock

pytestmark = pytest.mark.django_db

PAGES = ("location", "stockitem", "stockmovement", "reservation")


@pytest.fixture
def staff() -> User:
    return StaffFactory.create(role="Catalog manager")


@pytest.fixture
def backoffice(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


@pytest.fixture
def tea() -> ProductVariant:
    return VariantFactory.create(sku="TEA")


def listing(page: str) -> str:
    return reverse(f"admin:inventory_{page}_changelist")


def page_of(item: Any) -> str:
    return reverse(f"admin:inventory_{item._meta.model_name}_change", args=[item.pk])


def adjustment(item: StockItem, **more: Any) -> dict[str, Any]:
    ledger = {"movements-TOTAL_FORMS": 0, "movements-INITIAL_FORMS": 0}
    return {"reorder_point": item.reorder_point, "reason": "counted", **ledger, **more}


@pytest.mark.parametrize("page", PAGES)
def test_every_list_shows(backoffice: Client, tea: ProductVariant, page: str) -> None:
    stock(tea, 5)
    promise((tea, 2))

    response = backoffice.get(listing(page), {"q": "a"})

    assert response.status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_a_list_costs_the_same_for_one_row_and_for_thirty(backoffice: Client, page: str) -> None:
    costs = []
    for count in (1, 30):
        for _ in range(count):
            variant = VariantFactory.create()
            stock(variant, 5, LocationFactory.create())
            promise((variant, 1))
        with CaptureQueriesContext(connection) as queries:
            backoffice.get(listing(page))
        costs.append(len(queries))

    assert costs[0] == costs[1]


@pytest.mark.parametrize(("level", "found"), [("low", ["CUP", "TEA"]), ("none", ["CUP"]), ("", 3)])
def test_finds_what_runs_short(
    backoffice: Client, tea: ProductVariant, level: str, found: list[str] | int
) -> None:
    item = stock(tea, 2)
    StockItem.objects.filter(pk=item.pk).update(reorder_point=2)
    cup = VariantFactory.create(sku="CUP")
    stock(cup, 1)
    promise((cup, 1))
    stock(VariantFactory.create(sku="POT"), 9)

    rows = backoffice.get(listing("stockitem"), {"level": level}).context["cl"].result_list

    skus = [row.variant.sku for row in rows]
    assert found in (skus, len(skus))


def test_adjusts_with_a_reason(backoffice: Client, staff: User, tea: ProductVariant) -> None:
    item = stock(tea, 5)

    backoffice.post(page_of(item), adjustment(item, set_to=3, note="Yearly count"))

    item.refresh_from_db()
    entry = StockMovement.objects.get(delta=-2)
    assert item.on_hand == 3
    assert (entry.reason, entry.note, entry.actor) == ("counted", "Yearly count", staff)


def test_keeps_the_reorder_point(backoffice: Client, tea: ProductVariant) -> None:
    item = stock(tea, 5)

    backoffice.post(page_of(item), adjustment(item, reorder_point=4))

    item.refresh_from_db()
    assert (item.reorder_point, item.on_hand) == (4, 5)
    assert StockMovement.objects.count() == 1


def test_shows_why_promised_units_cannot_be_taken(backoffice: Client, tea: ProductVariant) -> None:
    item = stock(tea, 5)
    promise((tea, 4))

    response = backoffice.post(page_of(item), adjustment(item, delta=-2), follow=True)

    item.refresh_from_db()
    assert "Only 1 available" in response.content.decode()
    assert item.on_hand == 5


def test_asks_for_one_way_to_say_how_much(backoffice: Client, tea: ProductVariant) -> None:
    item = stock(tea, 5)

    response = backoffice.post(page_of(item), adjustment(item, delta=1, set_to=6))

    assert "Give one of the two." in response.content.decode()


def test_puts_first_units_at_a_location(backoffice: Client, tea: ProductVariant) -> None:
    shop = LocationFactory.create()
    body = {
        "sku": "tea",
        "location": shop.pk,
        "reorder_point": 1,
        "set_to": 5,
        "reason": "received",
    }

    backoffice.post(reverse("admin:inventory_stockitem_add"), body)

    item = StockItem.objects.get()
    assert (item.variant, item.on_hand, item.reorder_point) == (tea, 5, 1)


def test_tells_that_no_variant_has_the_sku(backoffice: Client) -> None:
    shop = LocationFactory.create()
    body = {"sku": "?", "location": shop.pk, "reorder_point": 1, "set_to": 5, "reason": "received"}

    response = backoffice.post(reverse("admin:inventory_stockitem_add"), body)

    assert "No variant has this SKU." in response.content.decode()


@pytest.mark.parametrize("page", ["stockmovement", "reservation"])
def test_history_is_read_only(backoffice: Client, tea: ProductVariant, page: str) -> None:
    item = stock(tea, 5)
    promise((tea, 2))
    row = item.movements.get() if page == "stockmovement" else item.reservations.get()

    assert backoffice.get(page_of(row)).status_code == 200
    assert backoffice.post(page_of(row), {}).status_code == 403
    assert backoffice.get(reverse(f"admin:inventory_{page}_add")).status_code == 403
    assert backoffice.post(f"{page_of(row).replace('change', 'delete')}").status_code == 403


def test_opens_changes_and_closes_a_location(backoffice: Client) -> None:
    fields = {"name": "Shop", "code": "shop", "kind": "shop", "country": "DE", "priority": 5}
    backoffice.post(reverse("admin:inventory_location_add"), {**fields, "is_active": "on"})
    shop = Location.objects.get()

    backoffice.post(page_of(shop), {**fields, "name": "Old shop"})
    shop.refresh_from_db()
    changed = (shop.name, shop.is_active)
    backoffice.post(reverse("admin:inventory_location_delete", args=[shop.pk]), {"post": "yes"})

    assert changed == ("Old shop", False)
    assert not Location.objects.exists()
    assert Location.all_objects.exists()


def test_shows_why_a_location_cannot_be_closed(backoffice: Client, tea: ProductVariant) -> None:
    shop = LocationFactory.create()
    stock(tea, 5, shop)

    url = reverse("admin:inventory_location_delete", args=[shop.pk])
    response = backoffice.post(url, {"post": "yes"}, follow=True)

    assert "still holds stock" in response.content.decode()
    assert Location.objects.get() == shop


def test_closes_a_location_that_once_held_stock(backoffice: Client, tea: ProductVariant) -> None:
    shop = LocationFactory.create()
    stock(tea, 5, shop)
    stock(tea, -5, shop)

    url = reverse("admin:inventory_location_delete", args=[shop.pk])
    backoffice.post(url, {"post": "yes"})

    assert not Location.objects.exists()


def test_support_looks_and_changes_nothing(client: Client, tea: ProductVariant) -> None:
    client.force_login(StaffFactory.create(role="Support"))
    item = stock(tea, 5)

    assert client.get(page_of(item)).status_code == 200
    assert client.post(page_of(item), adjustment(item, set_to=0)).status_code == 403
    item.refresh_from_db()
    assert item.on_hand == 5
