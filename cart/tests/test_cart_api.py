"""cart/: what customers and guests see and do."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from cart.models import Cart, CartItem
from cart.tests.factories import fill_cart, fill_guest_cart, sellable
from cart.tokens import digest_of
from catalog.models import ProductVariant

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]


@pytest.fixture
def customer() -> User:
    return UserFactory.create()


@pytest.fixture
def mine(customer: User, api_for: ApiFor) -> APIClient:
    return api_for(customer)


@pytest.fixture
def tea() -> ProductVariant:
    return sellable(variant__price=Decimal("9.90"))


def add(api: APIClient, variant: ProductVariant, quantity: Any = 1, **headers: Any) -> Any:
    body = {"variant": str(variant.pk), "quantity": quantity}
    return api.post("/api/v1/cart/items/", body, headers=headers)


def test_is_empty_before_anything_is_put_in(mine: APIClient) -> None:
    answer = mine.get("/api/v1/cart/")

    assert answer.status_code == 200
    assert answer.json() == {
        "id": None,
        "token": None,
        "currency": "USD",
        "items": [],
        "coupons": [],
        "discounts": [],
        "subtotal": "0.00",
        "discount_total": "0.00",
        "shipping_total": None,
        "tax_total": None,
        "total": "0.00",
        "item_count": 0,
        "updated_at": None,
    }
    assert not Cart.objects.exists()


def test_shows_what_was_put_in(mine: APIClient, tea: ProductVariant) -> None:
    answer = add(mine, tea, 2)

    assert answer.status_code == 201
    item = answer.json()["items"][0]
    assert item["product"] == {
        "id": str(tea.product_id),
        "name": tea.product.name,
        "slug": tea.product.slug,
        "image": None,
    }
    assert item["variant"]["sku"] == tea.sku
    assert (item["quantity"], item["unit_price"], item["line_total"]) == (2, "9.90", "19.80")
    assert (item["available"], item["price_changed"]) == (10, False)
    assert (answer.json()["total"], answer.json()["item_count"]) == ("19.80", 2)
    assert mine.get("/api/v1/cart/").json() == answer.json()


def test_the_same_variant_adds_up(mine: APIClient, tea: ProductVariant) -> None:
    add(mine, tea, 2)

    answer = add(mine, tea, 3)

    assert [item["quantity"] for item in answer.json()["items"]] == [5]


def test_takes_a_product_for_its_first_variant(mine: APIClient, tea: ProductVariant) -> None:
    body = {"product": str(tea.product_id), "quantity": 1}

    answer = mine.post("/api/v1/cart/items/", body)

    assert answer.json()["items"][0]["variant"]["id"] == str(tea.pk)


def test_refuses_more_than_there_is(mine: APIClient, tea: ProductVariant) -> None:
    add(mine, tea, 8)

    answer = add(mine, tea, 3)

    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_stock")
    assert answer.json()["available"] == 10
    assert CartItem.objects.get().quantity == 8


def test_digital_goods_need_no_stock(mine: APIClient) -> None:
    ebook = sellable(stocked=0, variant__is_digital=True)

    assert add(mine, ebook, 500).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"quantity": 1},
        {"variant": str(uuid4()), "quantity": 1},
        {"product": str(uuid4()), "quantity": 1},
        {"variant": "tea", "quantity": 1},
        {"variant": None, "quantity": 1},
    ],
)
def test_refuses_what_is_not_for_sale(mine: APIClient, body: Any) -> None:
    answer = mine.post("/api/v1/cart/items/", body)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert not Cart.objects.exists()


@pytest.mark.parametrize("quantity", [0, -1, 10_001, 1.5, "two", None, True, 1e30, [1]])
def test_refuses_a_quantity_that_cannot_be_meant(
    mine: APIClient, tea: ProductVariant, quantity: Any
) -> None:
    answer = add(mine, tea, quantity)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/quantity"


def test_refuses_more_units_than_a_line_holds(mine: APIClient) -> None:
    ebook = sellable(stocked=0, variant__is_digital=True)
    add(mine, ebook, 10_000)

    answer = add(mine, ebook, 1)

    assert (answer.status_code, answer.json()["code"]) == (400, "quantity_too_large")
    assert CartItem.objects.get().quantity == 10_000


def test_changes_a_quantity(mine: APIClient, tea: ProductVariant) -> None:
    item = add(mine, tea, 2).json()["items"][0]

    answer = mine.patch(f"/api/v1/cart/items/{item['id']}/", {"quantity": 5})

    assert answer.status_code == 200
    assert answer.json()["item_count"] == 5


def test_a_change_to_more_than_there_is_changes_nothing(
    mine: APIClient, tea: ProductVariant
) -> None:
    item = add(mine, tea, 2).json()["items"][0]

    answer = mine.put(f"/api/v1/cart/items/{item['id']}/", {"quantity": 11})

    assert (answer.status_code, answer.json()["available"]) == (409, 10)
    assert CartItem.objects.get().quantity == 2


def test_zero_removes(mine: APIClient, tea: ProductVariant) -> None:
    item = add(mine, tea, 2).json()["items"][0]

    answer = mine.patch(f"/api/v1/cart/items/{item['id']}/", {"quantity": 0})

    assert (answer.status_code, answer.json()["items"]) == (200, [])


def test_takes_an_item_out(mine: APIClient, tea: ProductVariant) -> None:
    item = add(mine, tea, 2).json()["items"][0]

    assert mine.delete(f"/api/v1/cart/items/{item['id']}/").status_code == 204
    assert mine.delete(f"/api/v1/cart/items/{item['id']}/").status_code == 404


def test_clears(mine: APIClient, tea: ProductVariant) -> None:
    add(mine, tea, 2)

    assert mine.delete("/api/v1/cart/").status_code == 204
    assert mine.get("/api/v1/cart/").json()["items"] == []
    assert mine.delete("/api/v1/cart/").status_code == 204


def test_an_item_of_someone_else_does_not_exist(
    mine: APIClient, api: APIClient, tea: ProductVariant
) -> None:
    item = fill_cart(UserFactory.create(), (tea, 1)).basket.lines[0]
    add(mine, tea, 1)

    for client in (mine, api):
        assert client.patch(f"/api/v1/cart/items/{item.id}/", {"quantity": 5}).status_code == 404
        assert client.delete(f"/api/v1/cart/items/{item.id}/").status_code == 404
    assert CartItem.objects.get(pk=item.id).quantity == 1


def test_tells_when_a_price_has_changed(mine: APIClient, tea: ProductVariant) -> None:
    add(mine, tea, 1)
    ProductVariant.objects.filter(pk=tea.pk).update(price=Decimal("12.00"))

    item = mine.get("/api/v1/cart/").json()["items"][0]

    assert (item["price_changed"], item["unit_price"]) == (True, "12.00")
    changed = mine.patch(f"/api/v1/cart/items/{item['id']}/", {"quantity": 1})
    assert changed.json()["items"][0]["price_changed"] is False


def test_what_is_taken_off_the_shop_is_shown_as_unavailable(
    mine: APIClient, tea: ProductVariant
) -> None:
    item = add(mine, tea, 1).json()["items"][0]
    tea.product.delete()

    assert mine.get("/api/v1/cart/").json()["items"][0]["available"] == 0
    answer = mine.patch(f"/api/v1/cart/items/{item['id']}/", {"quantity": 2})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_for_sale")


def test_holds_one_currency_only(mine: APIClient, tea: ProductVariant) -> None:
    yen = sellable(variant__price=Decimal(1990), variant__currency="JPY")
    add(mine, tea, 1)

    answer = add(mine, yen, 1)

    assert (answer.status_code, answer.json()["code"]) == (409, "currency_mismatch")
    mine.delete("/api/v1/cart/")
    assert add(mine, yen, 1).json()["total"] == "1990"


def test_a_guest_gets_a_token_with_the_first_write(api: APIClient, tea: ProductVariant) -> None:
    answer = add(api, tea, 1)

    token = answer["X-Cart-Token"]
    assert answer.json()["token"] == token
    assert len(token) >= 43
    assert Cart.objects.get().token_digest == digest_of(token)
    seen = api.get("/api/v1/cart/", headers={"X-Cart-Token": token})
    assert seen.json()["items"] == answer.json()["items"]


def test_a_guest_fills_one_cart_with_one_token(api: APIClient, tea: ProductVariant) -> None:
    token = add(api, tea, 1)["X-Cart-Token"]

    answer = add(api, tea, 2, **{"X-Cart-Token": token})

    assert (answer["X-Cart-Token"], answer.json()["item_count"]) == (token, 3)


def test_a_token_that_we_did_not_give_out_is_replaced(api: APIClient, tea: ProductVariant) -> None:
    answer = add(api, tea, 1, **{"X-Cart-Token": "mine"})

    assert answer["X-Cart-Token"] != "mine"
    assert api.get("/api/v1/cart/", headers={"X-Cart-Token": "mine"}).json()["items"] == []


def test_merges_a_guests_cart_as_far_as_stock_goes(mine: APIClient, tea: ProductVariant) -> None:
    pen = sellable(stocked=3)
    token = fill_guest_cart((tea, 4), (pen, 1)).token
    add(mine, tea, 8)

    answer = mine.post("/api/v1/cart/merge/", {"cart_token": token})

    assert answer.status_code == 200
    assert answer.json()["item_count"] == 11
    assert answer.json()["shortfalls"] == [
        {"variant": str(tea.pk), "requested": 12, "quantity": 10}
    ]


def test_merging_a_token_again_changes_nothing(mine: APIClient, tea: ProductVariant) -> None:
    token = fill_guest_cart((tea, 4)).token
    mine.post("/api/v1/cart/merge/", {"cart_token": token})

    answer = mine.post("/api/v1/cart/merge/", {"cart_token": token})

    assert (answer.status_code, answer.json()["item_count"]) == (200, 4)


def test_merges_a_cart_kept_by_the_client(mine: APIClient, tea: ProductVariant) -> None:
    body = {"items": [{"variant": str(tea.pk), "quantity": 2}]}

    assert mine.post("/api/v1/cart/merge/", body).json()["item_count"] == 2


def test_refuses_to_merge_nothing_or_an_unknown_token(mine: APIClient, api: APIClient) -> None:
    assert mine.post("/api/v1/cart/merge/", {}).status_code == 400
    assert mine.post("/api/v1/cart/merge/", {"cart_token": "x"}).status_code == 404
    assert api.post("/api/v1/cart/merge/", {"cart_token": "x"}).status_code == 401
