"""Lists of orders by what is derived, by totals, country and product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from cart.tests.factories import sellable
from orders import services
from orders.models import Order
from orders.statuses import FulfillmentStatus, PaymentStatus
from orders.tests.factories import ADDRESS, place, ship, shipping_method
from payments.services import staff as payment_staff
from payments.services.staff import StaffRequest
from payments.tests.factories import paid

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]


@pytest.fixture
def clerk() -> User:
    return StaffFactory.create(role="Order manager")


@pytest.fixture
def staff(api_for: ApiFor, clerk: User) -> APIClient:
    return api_for(clerk)


def listed(api: APIClient, **query: Any) -> list[Any]:
    answer = api.get("/api/v1/orders/", query)
    assert answer.status_code == 200, answer.content
    rows: list[Any] = answer.json()["results"]
    return rows


def numbers(api: APIClient, **query: Any) -> set[str]:
    return {row["number"] for row in listed(api, **query)}


def order_of(quantity: int = 2) -> Order:
    return place(UserFactory.create(), [(sellable(), quantity)])


@pytest.fixture
def every_kind(clerk: User) -> None:
    """Orders that stand everywhere the money and the goods can stand."""
    order_of()
    order_of()
    for token in ("tok_requires_action", "tok_success"):
        paid(order_of(), token)
    partly, back, part_back, digital = order_of(), order_of(), order_of(), order_of()
    for order in (partly, back, part_back, digital):
        paid(order)
    ship(partly, units={partly.lines.get().pk: 1})
    payment_staff.refund_payment(request=StaffRequest(back.payment.pk, clerk, everything=True))
    payment_staff.refund_payment(
        request=StaffRequest(part_back.payment.pk, clerk, items={part_back.lines.get().pk: 1})
    )
    ship(part_back)
    services.deliver_order(order_id=part_back.pk, by=clerk)
    ship(digital)
    services.cancel_order(order_id=order_of().pk, by=None)
    Order.objects.filter(pk=order_of().pk).update(
        total=0, subtotal=0, shipping_total=0, paid_at="2026-01-01T00:00Z", status="paid"
    )


@pytest.mark.usefixtures("every_kind")
@pytest.mark.parametrize(
    ("name", "statuses"),
    [("payment_status", PaymentStatus), ("fulfillment_status", FulfillmentStatus)],
)
def test_a_filter_finds_what_the_order_says(staff: APIClient, name: str, statuses: Any) -> None:
    everything = listed(staff)
    assert len(everything) == 10

    for status in statuses:
        expected = {row["number"] for row in everything if row[name] == status}
        assert numbers(staff, **{name: status.value}) == expected, status
    two = [statuses.values[0], statuses.values[-1]]
    expected = {row["number"] for row in everything if row[name] in two}
    assert numbers(staff, **{name: two}) == expected


def test_by_totals(staff: APIClient) -> None:
    small, large = order_of(1), order_of(5)

    assert numbers(staff, min_total=large.total) == {large.number}
    assert numbers(staff, max_total=small.total) == {small.number}
    assert numbers(staff, min_total="0.01", max_total="99999") == {small.number, large.number}
    assert numbers(staff, currency="USD") == {small.number, large.number}
    assert numbers(staff, currency="EUR") == set()


def test_by_country_as_it_is_after_a_change(staff: APIClient) -> None:
    there, here = order_of(), order_of()
    method = shipping_method(country="FR")
    address = ADDRESS | {"country": "FR", "postal_code": "75001", "city": "Paris"}
    change = {"shipping_address": address, "shipping_method": str(method.pk)}
    answer = staff.patch(f"/api/v1/orders/{there.pk}/", change)
    assert answer.status_code == 200, answer.content

    assert numbers(staff, country="FR") == {there.number}
    assert numbers(staff, country="DE") == {here.number}


def test_by_product_but_not_by_what_was_taken_out(staff: APIClient) -> None:
    tea, pot = sellable(), sellable()
    order = place(UserFactory.create(), [(tea, 1), (pot, 1)])
    order_of()
    assert numbers(staff, product=str(tea.product_id)) == {order.number}
    items = [{"variant": str(tea.pk), "quantity": 0}]
    staff.patch(f"/api/v1/orders/{order.pk}/", {"items": items})

    assert numbers(staff, product=str(tea.product_id)) == set()
    assert numbers(staff, product=str(pot.product_id)) == {order.number}


@pytest.mark.usefixtures("every_kind")
def test_a_filter_costs_no_query_more(staff: APIClient) -> None:
    with CaptureQueriesContext(connection) as plain:
        listed(staff)
    query = {"payment_status": "paid", "fulfillment_status": "shipped", "country": "DE"}

    with CaptureQueriesContext(connection) as filtered:
        listed(staff, **query)

    assert len(filtered) <= len(plain)


@pytest.mark.parametrize(
    "query",
    [
        {"payment_status": "late"},
        {"fulfillment_status": "lost"},
        {"min_total": "much"},
        {"max_total": "NaN"},
        {"min_total": "9" * 400},
        {"country": "Germany"},
        {"country": "\0"},
        {"product": "tea"},
        {"currency": "gold"},
    ],
)
def test_refuses_what_it_does_not_know(staff: APIClient, query: dict[str, str]) -> None:
    assert staff.get("/api/v1/orders/", query).status_code == 400
