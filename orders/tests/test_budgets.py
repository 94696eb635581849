"""What a request costs in queries, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import AddressFactory, UserFactory
from cart.models import Cart
from cart.tests.factories import fill_cart, sellable
from orders.tests.factories import pay, place, ship, shipping_method
from pricing.models import TaxRate
from pricing.tests.factories import CouponFactory

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]


def queries(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = call()
    assert answer.status_code < 300, answer.content
    return len(captured)


@pytest.mark.parametrize("coupons", [0, 2])
@pytest.mark.parametrize("lines", [1, 3, 50])
def test_placing_an_order_costs_at_most_25(api_for: ApiFor, lines: int, coupons: int) -> None:
    TaxRate.objects.create(country="DE", tax_class="standard", name="VAT", rate="0.19")
    customer, method = UserFactory.create(), shipping_method()
    address = AddressFactory.create(user=customer)
    fill_cart(customer, *((sellable(), 1) for _ in range(lines)))
    Cart.objects.update(coupons=[CouponFactory.create().code for _ in range(coupons)])
    client = api_for(customer)
    body = {"shipping_address": str(address.pk), "shipping_method": str(method.pk)}

    cost = queries(
        lambda: client.post("/api/v1/orders/", body, headers={"Idempotency-Key": "once"})
    )

    assert cost <= 25


@pytest.mark.parametrize("orders", [1, 30])
def test_a_list_costs_at_most_4(api_for: ApiFor, orders: int) -> None:
    customer, tea = UserFactory.create(), sellable(stocked=100)
    for _ in range(orders):
        place(customer, [(tea, 1)])
    client = api_for(customer)

    assert queries(lambda: client.get("/api/v1/orders/?page_size=100")) <= 4


@pytest.mark.parametrize("parcels", [1, 5])
def test_a_page_costs_at_most_8(api_for: ApiFor, parcels: int) -> None:
    customer = UserFactory.create()
    order = place(customer, [(sellable(), 5)])
    pay(order)
    for _ in range(parcels):
        ship(order, units={order.loaded_lines[0].pk: 1})
    client = api_for(customer)

    assert queries(lambda: client.get(f"/api/v1/orders/{order.pk}/")) <= 8
