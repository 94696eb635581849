"""Products with their stock: given flat, and sold elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory
from catalog.models import Product
from catalog.tests.factories import CategoryFactory, ProductFactory, VariantFactory
from core.models import new_id
from inventory import selectors
from inventory.models import MovementReason, StockItem, StockMovement
from inventory.tests.factories import promise, stock
from inventory.tests.racing import race

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products/"


@pytest.fixture
def client(api_for: Callable[[User], APIClient]) -> APIClient:
    return api_for(StaffFactory.create(role="Catalog manager"))


def path(product: Product) -> str:
    return f"{PRODUCTS}{product.pk}/"


def flat(**more: Any) -> dict[str, Any]:
    return {"name": "Tea", "price": "4.90", "sku": "TEA", **more}


def test_a_flat_product_is_stocked_at_once(client: APIClient) -> None:
    CategoryFactory.create(slug="drinks")

    made = client.post(PRODUCTS, flat(category="drinks", stock_quantity=7))
    shown = client.get(f"{PRODUCTS}{made.json()['id']}/").json()

    assert made.status_code == 201, made.content
    assert (made.json()["stock_quantity"], made.json()["in_stock"]) == (7, True)
    assert (shown["stock_quantity"], shown["variants"][0]["stock_quantity"]) == (7, 7)


def test_a_product_without_stock_is_out_of_stock(client: APIClient) -> None:
    made = client.post(PRODUCTS, flat()).json()

    assert (made["stock_quantity"], made["in_stock"]) == (0, False)


def test_stocks_each_of_several_variants(client: APIClient) -> None:
    variants = [
        {
            "sku": f"TEA-{units}",
            "price": "4.90",
            "options": {"size": str(units)},
            "stock_quantity": units,
        }
        for units in (2, 3)
    ]

    made = client.post(PRODUCTS, {"name": "Tea", "variants": variants}).json()

    found = {variant["sku"]: variant["stock_quantity"] for variant in made["variants"]}
    assert found == {"TEA-2": 2, "TEA-3": 3}


@pytest.mark.parametrize("method", ["patch", "put"])
def test_sets_what_can_be_bought_exactly(client: APIClient, method: str) -> None:
    product = ProductFactory.create()
    variant = product.variants.get()
    stock(variant, 9)
    promise((variant, 2))
    body = {"stock_quantity": 4} if method == "patch" else flat(stock_quantity=4)

    changed = getattr(client, method)(path(product), body)

    assert changed.json()["stock_quantity"] == 4
    assert selectors.available([variant.pk]) == {variant.pk: 4}
    assert StockItem.objects.get().on_hand == 6


def test_leaves_stock_alone_when_it_is_not_sent(client: APIClient) -> None:
    product = ProductFactory.create()
    stock(product.variants.get(), 9)

    changed = client.patch(path(product), {"name": "Green tea"})

    assert changed.json()["stock_quantity"] == 9


def test_asks_which_variant_when_there_are_several(client: APIClient) -> None:
    product = ProductFactory.create()
    VariantFactory.create(product=product)

    response = client.patch(path(product), {"stock_quantity": 4})

    assert (response.status_code, response.json()["code"]) == (400, "several_variants")
    assert not StockMovement.objects.exists()


@pytest.mark.parametrize("quantity", [-1, "many", 10**12, None])
def test_refuses_what_is_no_quantity(client: APIClient, quantity: Any) -> None:
    response = client.post(PRODUCTS, flat(stock_quantity=quantity))

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "#/stock_quantity"
    assert not Product.objects.exists()


def test_a_stale_change_leaves_stock_alone(client: APIClient) -> None:
    product = ProductFactory.create()
    stock(product.variants.get(), 9)

    response = client.patch(path(product), {"stock_quantity": 1}, HTTP_IF_MATCH='"old"')

    assert response.status_code == 412
    assert StockItem.objects.get().on_hand == 9


def test_sells_elsewhere(client: APIClient) -> None:
    product = ProductFactory.create()
    stock(product.variants.get(), 5)

    response = client.post(f"{path(product)}purchase/", {"quantity": 2})

    assert response.status_code == 200
    assert (response.json()["id"], response.json()["stock_quantity"]) == (str(product.pk), 3)
    assert StockMovement.objects.get(reason=MovementReason.SOLD).delta == -2


def test_sells_the_variant_that_is_named(client: APIClient) -> None:
    product = ProductFactory.create(slug="tea")
    big = VariantFactory.create(product=product, position=2)
    stock(product.variants.order_by("position")[0], 5)
    stock(big, 5)

    client.post(f"{PRODUCTS}tea/purchase/", {"quantity": 2, "variant": big.pk})

    assert selectors.available([big.pk]) == {big.pk: 3}


def test_refuses_to_sell_more_than_is_free(client: APIClient) -> None:
    product = ProductFactory.create()
    stock(product.variants.get(), 5)
    promise((product.variants.get(), 3))

    response = client.post(f"{path(product)}purchase/", {"quantity": 3})

    assert (response.status_code, response.json()["code"]) == (409, "insufficient_stock")
    assert response.json()["available"] == 2
    assert StockItem.objects.get().on_hand == 5


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"quantity": 0}, 400),
        ({"quantity": "x"}, 400),
        ({"quantity": 1, "variant": str(new_id())}, 400),
        ([1], 400),
    ],
)
def test_refuses_what_is_no_sale(client: APIClient, body: Any, status: int) -> None:
    product = ProductFactory.create()
    stock(product.variants.get(), 5)

    assert client.post(f"{path(product)}purchase/", body).status_code == status
    assert StockItem.objects.get().on_hand == 5


def test_an_unknown_product_cannot_be_sold(client: APIClient) -> None:
    assert client.post(f"{PRODUCTS}nothing/purchase/", {"quantity": 1}).status_code == 404


def test_the_same_key_sells_once(client: APIClient) -> None:
    product = ProductFactory.create()
    stock(product.variants.get(), 5)

    answers = [
        client.post(f"{path(product)}purchase/", {"quantity": 2}, HTTP_IDEMPOTENCY_KEY="till-1-17")
        for _ in range(2)
    ]

    assert answers[0].json() == answers[1].json()
    assert StockItem.objects.get().on_hand == 3


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_changing_product_and_stock_while_it_sells_out_does_not_deadlock(
    api_for: Callable[[User], APIClient],
) -> None:
    client = api_for(StaffFactory.create(is_superuser=True))
    product = ProductFactory.create()
    variant = product.variants.get()
    for _ in range(4):
        client.patch(path(product), {"stock_quantity": 1})

        race(
            [
                partial(promise, (variant, 1)),
                partial(client.patch, path(product), {"stock_quantity": 0, "name": "Tea"}),
                partial(client.patch, path(product), {"price": "5.10"}),
            ]
        )

    variant.refresh_from_db()
    assert variant.in_stock == (selectors.available([variant.pk])[variant.pk] > 0)


def test_takes_the_stock_of_a_variant(client: APIClient) -> None:
    product = ProductFactory.create()
    address = f"{path(product)}variants/"
    body = {"price": "4.90", "options": {"size": "2"}, "stock_quantity": 7}

    made = client.post(address, body)
    assert (made.status_code, made.json()["stock_quantity"]) == (201, 7)
    changed = client.patch(f"{address}{made.json()['id']}/", {"stock_quantity": 3})

    assert changed.json()["stock_quantity"] == 3
    assert changed.json()["in_stock"]
    assert selectors.available([UUID(made.json()["id"])]) == {UUID(made.json()["id"]): 3}
