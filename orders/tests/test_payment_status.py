"""How far an order is paid follows from its payment, whatever its own status says."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from core.models import new_id
from orders import selectors
from orders.models import Order
from orders.statuses import payment_status
from orders.tests.factories import place
from payments.models import Payment, PaymentTransaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return place(UserFactory.create())


def payment_of(order: Order, **sums: Any) -> Payment:
    return Payment.objects.create(
        order=order, provider="test", amount=order.total, currency=order.currency, **sums
    )


def test_without_a_payment_it_is_unpaid(order: Order) -> None:
    assert payment_status(selectors.order_page(order.pk)) == "unpaid"


@pytest.mark.parametrize(
    ("sums", "standing"),
    [
        ({"status": "failed"}, "unpaid"),
        ({"status": "cancelled"}, "unpaid"),
        ({"status": "pending"}, "pending"),
        ({"status": "requires_action"}, "pending"),
        ({"status": "authorized", "authorized": 5}, "authorized"),
        ({"status": "succeeded", "captured": 5}, "partially_captured"),
        ({"status": "partially_refunded", "captured": 5, "refunded": 2}, "partially_refunded"),
        ({"status": "refunded", "captured": 5, "refunded": 5}, "refunded"),
    ],
)
def test_follows_the_money(order: Order, sums: dict[str, Any], standing: str) -> None:
    payment_of(order, **sums)

    assert payment_status(selectors.order_page(order.pk)) == standing


def test_all_of_the_total_captured_is_paid(order: Order) -> None:
    payment_of(order, status="succeeded", authorized=order.total, captured=order.total)

    assert payment_status(selectors.order_page(order.pk)) == "paid"


def test_an_address_that_is_no_id_is_refused(
    api_for: Callable[[User], APIClient], order: Order
) -> None:
    assert order.customer is not None
    body = {"shipping_address": "home"}

    answer = api_for(order.customer).post("/api/v1/orders/", body)

    assert answer.json()["errors"][0]["pointer"] == "#/shipping_address"


def test_the_admin_shows_the_payment_and_what_it_consists_of(client: Client, order: Order) -> None:
    client.force_login(StaffFactory.create(role="Support"), "accounts.backends.RoleBackend")
    PaymentTransaction.objects.create(
        id=new_id(),
        payment=payment_of(order, captured=Decimal("5.00"), status="succeeded"),
        kind="capture",
        status="succeeded",
        amount=Decimal("5.00"),
        provider="test",
        reference="cap_123",
        at=timezone.now(),
    )

    page = client.get(f"/admin/orders/order/{order.pk}/change/").content.decode()

    assert all(text in page for text in ("cap_123", "captured 5.00", "5.00 USD"))
