"""Orders that order staff enter for others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import AddressFactory, StaffFactory, UserFactory
from cart.tests.factories import fill_cart, sellable
from core.audit import discrepancies
from orders.models import Order
from orders.tests.factories import ADDRESS, shipping_method

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]


@pytest.fixture
def clerk(api_for: ApiFor) -> APIClient:
    return api_for(StaffFactory.create(role="Order manager"))


def enter(client: APIClient, **body: Any) -> Any:
    items = [{"variant": str(sellable().pk), "quantity": 1}]
    method = str(shipping_method().pk)
    order = {"items": items, "shipping_address": ADDRESS, "shipping_method": method, **body}
    return client.post("/api/v1/orders/", order)


def test_it_is_the_customers_own(clerk: APIClient, api_for: ApiFor) -> None:
    customer = UserFactory.create()
    address = AddressFactory.create(user=customer)

    body = enter(clerk, customer=str(customer.pk), shipping_address=str(address.pk)).json()

    assert (body["customer"], body["email"]) == (str(customer.pk), customer.email)
    theirs = api_for(customer).get(f"/api/v1/orders/{body['id']}/").json()
    assert theirs["history"][0]["by"] == "staff"
    assert discrepancies() == []


def test_what_lies_in_the_customers_cart_is_ordered(clerk: APIClient) -> None:
    customer, tea = UserFactory.create(), sellable()
    fill_cart(customer, (tea, 2))
    body = {
        "customer": str(customer.pk),
        "shipping_address": ADDRESS,
        "shipping_method": str(shipping_method().pk),
    }

    answer = clerk.post("/api/v1/orders/", body)

    assert answer.status_code == 201, answer.content
    assert [line["sku"] for line in answer.json()["items"]] == [tea.sku]


def test_a_guest_gets_the_token_of_the_answer(clerk: APIClient, api: APIClient) -> None:
    answer = enter(clerk, email="Ada@example.com")

    order = answer.json()
    assert (order["customer"], order["email"]) == (None, "ada@example.com")
    headers = {"X-Cart-Token": answer["X-Cart-Token"]}
    assert api.get(f"/api/v1/orders/{order['id']}/", headers=headers).status_code == 200


def test_an_unknown_customer_is_refused(clerk: APIClient) -> None:
    answer = enter(clerk, customer=str(UUID(int=1)))

    assert answer.status_code == 400
    assert answer.json()["errors"][0] | {"detail": ""} == {
        "pointer": "#/customer",
        "code": "unknown_customer",
        "detail": "",
    }
    assert not Order.objects.exists()


def test_nobody_else_enters_orders_for_others(api_for: ApiFor, api: APIClient) -> None:
    customer = UserFactory.create()
    callers = [api_for(UserFactory.create()), api_for(StaffFactory.create(role="Support")), api]

    answers = [enter(caller, customer=str(customer.pk)).status_code for caller in callers]

    assert answers == [403, 403, 401]
    assert not Order.objects.exists()
