"""inventory/: levels, adjustments and the ledger over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory
from catalog.models import ProductVariant
from catalog.tests.factories import ProductFactory, VariantFactory
from core.models import new_id
from inventory.models import Location, StockItem, StockMovement
from inventory.tests.factories import LocationFactory, promise, stock

pytestmark = pytest.mark.django_db

LEVELS = "/api/v1/inventory/"
ADJUST = "/api/v1/inventory/adjust/"
MOVEMENTS = "/api/v1/inventory/movements/"


@pytest.fixture
def staff() -> User:
    return StaffFactory.create(role="Catalog manager")


@pytest.fixture
def client(staff: User, api_for: Callable[[User], APIClient]) -> APIClient:
    return api_for(staff)


@pytest.fixture
def tea() -> ProductVariant:
    return VariantFactory.create(sku="TEA")


@pytest.fixture
def shop() -> Location:
    return LocationFactory.create(code="shop")


def results(client: APIClient, url: str) -> list[dict[str, Any]]:
    response = client.get(url)
    assert response.status_code == 200, response.content
    rows: list[dict[str, Any]] = response.json()["results"]
    return rows


def test_shows_levels(client: APIClient, tea: ProductVariant, shop: Location) -> None:
    item = stock(tea, 5, shop)
    promise((tea, 2))

    row = results(client, LEVELS)[0]

    assert row.pop("updated_at")
    assert row == {
        "id": str(item.pk),
        "variant": str(tea.pk),
        "sku": "TEA",
        "product": str(tea.product_id),
        "product_name": tea.product.name,
        "location": str(shop.pk),
        "location_code": "shop",
        "on_hand": 5,
        "reserved": 2,
        "available": 3,
        "reorder_point": 0,
        "is_low": False,
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sku=tea", ["TEA"]),
        ("location=shop", ["TEA"]),
        ("low=true", ["CUP"]),
        ("low=false", ["TEA"]),
        ("search=te", ["TEA"]),
        ("ordering=-available", ["TEA", "CUP"]),
        ("ordering=sku", ["CUP", "TEA"]),
        ("fields=sku&ordering=sku", ["CUP", "TEA"]),
    ],
)
def test_finds_levels(
    client: APIClient, tea: ProductVariant, shop: Location, query: str, found: list[str]
) -> None:
    stock(tea, 5, shop)
    stock(VariantFactory.create(sku="CUP"), 3, LocationFactory.create(code="depot"))
    StockItem.objects.filter(variant__sku="CUP").update(reorder_point=3)

    assert [row["sku"] for row in results(client, f"{LEVELS}?{query}")] == found


@pytest.mark.parametrize("key", ["pk", "code"])
def test_finds_levels_by_variant_and_location(
    client: APIClient, tea: ProductVariant, shop: Location, key: str
) -> None:
    stock(tea, 5, shop)
    stock(tea, 1, LocationFactory.create())

    found = results(client, f"{LEVELS}?variant={tea.pk}&location={getattr(shop, key)}")

    assert [row["on_hand"] for row in found] == [5]


def test_expands_the_location(client: APIClient, tea: ProductVariant, shop: Location) -> None:
    stock(tea, 5, shop)

    assert results(client, f"{LEVELS}?expand=location")[0]["location"]["code"] == "shop"


@pytest.mark.parametrize("query", ["colour=red", "ordering=colour", "variant=x", "low=maybe"])
def test_refuses_an_unknown_filter(client: APIClient, query: str) -> None:
    assert client.get(f"{LEVELS}?{query}").status_code == 400


@pytest.mark.parametrize("url", [LEVELS, MOVEMENTS, f"{LEVELS}?cursor=", f"{MOVEMENTS}?cursor="])
def test_a_list_costs_the_same_for_one_row_and_for_thirty(client: APIClient, url: str) -> None:
    costs = []
    for count in (1, 30):
        for _ in range(count):
            stock(VariantFactory.create(), 1)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 4


def test_adjusts_by_delta(client: APIClient, tea: ProductVariant, shop: Location) -> None:
    body = {"variant": tea.pk, "location": shop.pk, "delta": 5, "reason": "received"}

    response = client.post(ADJUST, body)

    assert response.status_code == 200
    assert (response.json()["sku"], response.json()["available"]) == ("TEA", 5)
    assert StockItem.objects.get().on_hand == 5


def test_sets_several_at_once(client: APIClient, tea: ProductVariant, shop: Location) -> None:
    cup = VariantFactory.create()
    rows = [
        {"variant": variant.pk, "location": shop.pk, "set_to": units, "reason": "counted"}
        for variant, units in ((tea, 4), (cup, 6))
    ]

    response = client.post(ADJUST, {"items": rows})

    assert [row["on_hand"] for row in response.json()["items"]] == [4, 6]


def test_uses_the_default_location_when_none_is_named(
    client: APIClient, tea: ProductVariant
) -> None:
    response = client.post(ADJUST, {"variant": tea.pk, "delta": 5, "reason": "received"})

    assert response.json()["location_code"] == "main"


def test_keeps_a_reason_in_words_of_ones_own(client: APIClient, tea: ProductVariant) -> None:
    client.post(ADJUST, {"variant": tea.pk, "delta": 5, "reason": "found behind the shelf"})

    entry = StockMovement.objects.get()
    assert (entry.reason, entry.note) == ("adjusted", "found behind the shelf")


def test_takes_nothing_that_is_promised(
    client: APIClient, tea: ProductVariant, shop: Location
) -> None:
    stock(tea, 5, shop)
    promise((tea, 3))

    response = client.post(
        ADJUST, {"variant": tea.pk, "location": shop.pk, "delta": -3, "reason": "damaged"}
    )

    assert (response.status_code, response.json()["code"]) == (409, "insufficient_stock")
    assert response.json()["available"] == 2
    assert StockItem.objects.get().on_hand == 5


def test_the_same_key_adjusts_once(client: APIClient, tea: ProductVariant) -> None:
    body = {"variant": tea.pk, "delta": 5, "reason": "received"}

    first, second = (client.post(ADJUST, body, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2))

    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert StockItem.objects.get().on_hand == 5


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"delta": None}, "#/delta"),
        ({"set_to": 3}, "#/delta"),
        ({"delta": 0}, "#/delta"),
        ({"delta": 10**18}, "#/delta"),
        ({"reason": ""}, "#/reason"),
        ({"variant": str(new_id())}, "#/variant"),
        ({"location": str(new_id())}, "#/location"),
        ({"variant": "x"}, "#/variant"),
    ],
)
def test_tells_what_is_wrong(
    client: APIClient, tea: ProductVariant, shop: Location, change: dict[str, Any], pointer: str
) -> None:
    body = {"variant": str(tea.pk), "location": str(shop.pk), "delta": 5, "reason": "received"}

    response = client.post(ADJUST, body | change)

    assert response.status_code == 400, response.content
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert not StockMovement.objects.exists()


def test_tells_which_row_is_wrong(client: APIClient, tea: ProductVariant, shop: Location) -> None:
    row = {"variant": str(tea.pk), "location": str(shop.pk), "delta": 5, "reason": "received"}

    response = client.post(ADJUST, {"items": [row, row | {"variant": str(new_id())}]})

    assert response.json()["errors"][0]["pointer"] == "#/items/1/variant"
    assert not StockItem.objects.exists()


@pytest.mark.parametrize("body", [[], "text", {"items": []}, {"items": {}}, None])
def test_refuses_what_is_no_adjustment(client: APIClient, body: Any) -> None:
    assert client.post(ADJUST, body).status_code == 400


def test_shows_the_ledger_newest_first(
    client: APIClient, staff: User, tea: ProductVariant, shop: Location
) -> None:
    stock(tea, 5, shop)
    client.post(
        ADJUST,
        {
            "variant": tea.pk,
            "location": shop.pk,
            "delta": -1,
            "reason": "damaged",
            "note": "Dropped.",
        },
    )

    newest, oldest = results(client, MOVEMENTS)

    assert (newest["delta"], newest["reason"], newest["note"]) == (-1, "damaged", "Dropped.")
    assert (newest["sku"], newest["location_code"], newest["actor"]) == ("TEA", "shop", staff.email)
    assert (oldest["delta"], oldest["actor"]) == (5, None)


@pytest.mark.parametrize(
    ("query", "found"),
    [("reason=received", 1), ("reason=damaged", 0), ("sku=TEA", 1), ("location=shop", 1)],
)
def test_finds_movements(
    client: APIClient, tea: ProductVariant, shop: Location, query: str, found: int
) -> None:
    stock(tea, 5, shop)

    assert len(results(client, f"{MOVEMENTS}?{query}")) == found


def test_the_ledger_is_read_only(client: APIClient) -> None:
    assert client.post(MOVEMENTS, {}).status_code in {403, 405}
    assert client.delete(MOVEMENTS).status_code in {403, 405}


def test_stock_of_deleted_variants_is_not_listed(client: APIClient) -> None:
    product = ProductFactory.create()
    stock(product.variants.get(), 5)
    product.variants.all().delete()
    ProductVariant.objects.filter(product=product).delete()

    assert results(client, LEVELS) == []
