"""Transfers, stock-taking, the grid and adjustments by CSV in the backoffice."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import StaffFactory
from catalog.models import ProductVariant
from catalog.tests.factories import VariantFactory
from inventory import services
from inventory.models import Location, StockCount, StockItem, StockMovement, Transfer
from inventory.tests.factories import LocationFactory, promise, stock

pytestmark = pytest.mark.django_db

TRANSFERS = "admin:inventory_transfer"
COUNTS = "admin:inventory_stockcount"
GRID = "admin:inventory_stockitem_changelist"


@pytest.fixture
def staff() -> User:
    found: User = StaffFactory.create(role="Catalog manager")
    return found


@pytest.fixture
def backoffice(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


@pytest.fixture
def warehouse() -> Location:
    return LocationFactory.create(code="warehouse")


@pytest.fixture
def shop(warehouse: Location) -> Location:
    return LocationFactory.create(code="shop")


@pytest.fixture
def tea(warehouse: Location) -> ProductVariant:
    variant: ProductVariant = VariantFactory.create(sku="TEA")
    stock(variant, 10, warehouse)
    return variant


def on_hand(variant: ProductVariant, location: Location) -> int:
    item = StockItem.objects.filter(variant=variant, location=location).first()
    return item.on_hand if item else 0


def act(client: Client, page: str, row: Any, action: str) -> str:
    """Press a button of a page, answer its dialog, and return the page as it is then."""
    urls = {
        "receive": "admin:inventory_transfer_receive",
        "cancel": "admin:inventory_transfer_cancel",
        "confirm": "admin:inventory_stockcount_confirm",
        "discard": "admin:inventory_stockcount_discard",
    }
    client.post(reverse(urls[action], args=[row.pk]), {"_form_submitted": "True"})
    return client.get(reverse(f"{page}_change", args=[row.pk])).content.decode()


def transfer(source: Location, destination: Location, lines: str, **more: Any) -> dict[str, Any]:
    ends = {"source": source.pk, "destination": destination.pk}
    return {**ends, "lines": lines, "note": "Monday's van", **more}


def test_sends_and_receives_a_transfer(
    backoffice: Client, staff: User, warehouse: Location, shop: Location, tea: ProductVariant
) -> None:
    backoffice.post(reverse(f"{TRANSFERS}_add"), transfer(warehouse, shop, "tea 3\nTEA;1\n"))
    sent = Transfer.objects.get()
    assert (sent.created_by, on_hand(tea, warehouse), on_hand(tea, shop)) == (staff, 6, 0)

    page = act(backoffice, TRANSFERS, sent, "receive")

    assert on_hand(tea, shop) == 4
    assert "TEA" in page
    assert "Monday" in page
    assert "transfer is finished" in act(backoffice, TRANSFERS, sent, "cancel")


def test_moves_at_once_what_has_arrived_already(
    backoffice: Client, warehouse: Location, shop: Location, tea: ProductVariant
) -> None:
    form = transfer(warehouse, shop, "TEA 4", is_immediate="on")

    backoffice.post(reverse(f"{TRANSFERS}_add"), form)

    assert (on_hand(tea, warehouse), on_hand(tea, shop)) == (6, 4)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("TEA", "No SKU and number"),
        ("COFFEE 1", "No variant has this SKU"),
        ("TEA 11", "Only 10 available"),
        ("TEA 0", "moves goods"),
        ("TEA 9999999999", "Too many units"),
        ("", "required"),
    ],
)
def test_says_why_nothing_is_sent(
    backoffice: Client,
    warehouse: Location,
    shop: Location,
    tea: ProductVariant,
    lines: str,
    message: str,
) -> None:
    form = transfer(warehouse, shop, lines)

    answer = backoffice.post(reverse(f"{TRANSFERS}_add"), form, follow=True)

    assert message in answer.content.decode()
    assert not Transfer.objects.exists()


def test_refuses_to_send_goods_where_they_are(
    backoffice: Client, warehouse: Location, tea: ProductVariant
) -> None:
    form = transfer(warehouse, warehouse, "TEA 1")

    assert "another location" in backoffice.post(reverse(f"{TRANSFERS}_add"), form).content.decode()


def test_counts_shows_the_difference_and_confirms(
    backoffice: Client, warehouse: Location, tea: ProductVariant
) -> None:
    add = {"location": warehouse.pk, "note": "Inventory 2026", "lines": "TEA 8"}
    backoffice.post(reverse(f"{COUNTS}_add"), add)
    count = StockCount.objects.get()
    change = reverse(f"{COUNTS}_change", args=[count.pk])
    assert "-2" in backoffice.get(change).content.decode()

    lines = {"lines-TOTAL_FORMS": 0, "lines-INITIAL_FORMS": 0}
    backoffice.post(change, {"lines": "TEA 9", **lines})
    assert on_hand(tea, warehouse) == 10
    act(backoffice, COUNTS, count, "confirm")

    assert on_hand(tea, warehouse) == 9
    assert "count is finished" in act(backoffice, COUNTS, count, "discard")


def test_lists_of_transfers_and_counts_show(
    backoffice: Client, warehouse: Location, shop: Location, tea: ProductVariant
) -> None:
    backoffice.post(reverse(f"{TRANSFERS}_add"), transfer(warehouse, shop, "TEA 4"))
    services.start_count(location_id=shop.pk, actor=None)

    for page in (TRANSFERS, COUNTS):
        answer = backoffice.get(reverse(f"{page}_changelist"), {"q": ""})
        assert shop.name in answer.content.decode()


def test_only_those_who_keep_stock_move_it(
    client: Client, warehouse: Location, shop: Location, tea: ProductVariant
) -> None:
    client.force_login(StaffFactory.create(role="Support"))

    answer = client.post(reverse(f"{TRANSFERS}_add"), transfer(warehouse, shop, "TEA 4"))

    assert answer.status_code == 403
    assert not Transfer.objects.exists()


def grid(item: StockItem, shown: int, now: int, **more: Any) -> dict[str, Any]:
    return {
        "form-TOTAL_FORMS": 1,
        "form-INITIAL_FORMS": 1,
        "form-0-id": item.pk,
        "form-0-on_hand": now,
        "initial-form-0-on_hand": shown,
        "form-0-reorder_point": 2,
        "initial-form-0-reorder_point": 0,
        "_save": "Save",
        **more,
    }


def test_the_grid_is_edited_in_place(
    backoffice: Client, staff: User, warehouse: Location, tea: ProductVariant
) -> None:
    item = StockItem.objects.get(variant=tea)

    backoffice.post(reverse(GRID), grid(item, 10, 12))

    item.refresh_from_db()
    assert (item.on_hand, item.reorder_point) == (12, 2)
    entry = StockMovement.objects.order_by("id").last()
    assert entry is not None
    assert (entry.delta, entry.reason, entry.actor) == (2, "counted", staff)


def test_the_grid_respects_what_was_sold_since_it_was_shown(
    backoffice: Client, tea: ProductVariant
) -> None:
    item = StockItem.objects.get(variant=tea)
    services.sell(variant=tea, quantity=4, actor=None)

    backoffice.post(reverse(GRID), grid(item, 10, 10))
    assert StockItem.objects.get().on_hand == 6
    backoffice.post(reverse(GRID), grid(item, 10, 11))

    assert StockItem.objects.get().on_hand == 7


def test_the_grid_says_what_is_refused(backoffice: Client, tea: ProductVariant) -> None:
    promise((tea, 8))
    item = StockItem.objects.get(variant=tea)

    answer = backoffice.post(reverse(GRID), grid(item, 10, 5), follow=True)

    assert "Only 2 available" in answer.content.decode()
    item.refresh_from_db()
    assert (item.on_hand, item.reorder_point) == (10, 0)


def adjust(client: Client, text: str) -> str:
    url = reverse("admin:inventory_stockitem_adjust_from_csv")
    answer = client.post(url, {"rows": text, "_form_submitted": "True"})
    return answer.content.decode() + client.get(reverse(GRID)).content.decode()


def test_adjusts_many_levels_from_csv(
    backoffice: Client, warehouse: Location, shop: Location, tea: ProductVariant
) -> None:
    page = adjust(
        backoffice,
        "sku,location,delta,set_to,reason,note\n"
        "TEA,warehouse,-3,,damaged,wet\n"
        'tea,shop,,7,counted,"a, b"\n',
    )

    assert "2 lines adjusted" in page
    assert (on_hand(tea, warehouse), on_hand(tea, shop)) == (7, 7)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("TEA,warehouse,-16,,,", "Only 15 available"),
        ("TEA,warehouse,1,1,,", "delta or set_to"),
        ("TEA,warehouse,,-1,,", "no number of units"),
        ("TEA,warehouse,1e3,,,", "no number of units"),
        ("TEA,moon,1,,,", "no location"),
        ("TEA,warehouse,1,,stolen,", "no reason"),
        ("COFFEE,warehouse,1,,,", "No variant has this SKU"),
    ],
)
def test_adjusts_nothing_when_a_line_is_wrong(
    backoffice: Client, warehouse: Location, tea: ProductVariant, line: str, message: str
) -> None:
    head = "sku,location,delta,set_to,reason,note\nTEA,warehouse,5,,,\n"

    assert message in adjust(backoffice, head + line)
    assert on_hand(tea, warehouse) == 10


@pytest.mark.parametrize("text", ["sku,place\nTEA,1", "sku\nTEA", "TEA,warehouse,1"])
def test_asks_for_columns_it_knows(backoffice: Client, tea: ProductVariant, text: str) -> None:
    assert "first line names columns" in adjust(backoffice, text)
