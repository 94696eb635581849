"""What a request costs in queries, whatever lies in the cart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from cart.models import Cart
from cart.tests.factories import fill_cart, sellable
from pricing.tests.factories import CouponFactory
from shipping.tests.factories import ShippingMethodFactory

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]


@pytest.fixture(params=[1, 30])
def mine(request: Any, api_for: ApiFor) -> APIClient:
    customer = UserFactory.create()
    fill_cart(customer, *((sellable(), 1) for _ in range(request.param)))
    return api_for(customer)


def queries(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = call()
    assert answer.status_code < 300, answer.content
    return len(captured)


def test_viewing_costs_at_most_5(mine: APIClient) -> None:
    assert queries(lambda: mine.get("/api/v1/cart/")) <= 5


def test_viewing_with_coupons_costs_at_most_5(mine: APIClient) -> None:
    Cart.objects.update(coupons=[CouponFactory.create().code for _ in range(3)])

    assert queries(lambda: mine.get("/api/v1/cart/")) <= 5


@pytest.mark.parametrize("kind", ["variant", "product"])
def test_adding_costs_at_most_8_and_its_transaction(mine: APIClient, kind: str) -> None:
    tea = sellable()
    body = {kind: str(tea.pk if kind == "variant" else tea.product_id), "quantity": 1}

    assert queries(lambda: mine.post("/api/v1/cart/items/", body)) <= 8 + 2


def test_a_quote_costs_at_most_6(mine: APIClient) -> None:
    items = [{"product": str(sellable().product_id), "quantity": 1} for _ in range(5)]

    assert queries(lambda: mine.post("/api/v1/cart/quote/", {"items": items})) <= 6


@pytest.mark.parametrize("kind", ["variant", "product"])
def test_a_quote_with_everything_costs_at_most_6(mine: APIClient, kind: str) -> None:
    goods = [sellable() for _ in range(5)]
    method = ShippingMethodFactory.create()
    body = {
        "items": [
            {kind: str(variant.pk if kind == "variant" else variant.product_id), "quantity": 1}
            for variant in goods
        ],
        "country": "DE",
        "postal_code": "10115",
        "shipping_method": str(method.pk),
        "coupons": [CouponFactory.create().code for _ in range(3)],
    }

    assert queries(lambda: mine.post("/api/v1/cart/quote/", body)) <= 6
