"""How lists of orders are narrowed and ordered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from cart.tests.factories import sellable
from orders.models import Order
from orders.tests.factories import pay, place, ship

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]


@pytest.fixture
def staff(api_for: ApiFor) -> APIClient:
    return api_for(StaffFactory.create(role="Order manager"))


@pytest.fixture
def old() -> Order:
    order = ship(pay(place(UserFactory.create())), tracking_number="TRACK-1")
    long_ago = timezone.now() - timedelta(days=40)
    Order.objects.filter(pk=order.pk).update(placed_at=long_ago, channel="in_store")
    order.refresh_from_db()
    return order


@pytest.fixture
def new() -> Order:
    return place(UserFactory.create(), [(sellable(), 5)])


def listed(api: APIClient, **query: Any) -> list[str]:
    answer = api.get("/api/v1/orders/", query)
    assert answer.status_code == 200, answer.content
    return [result["number"] for result in answer.json()["results"]]


def test_newest_first(staff: APIClient, old: Order, new: Order) -> None:
    assert listed(staff) == [new.number, old.number]


def test_by_status_one_or_several(staff: APIClient, old: Order, new: Order) -> None:
    assert listed(staff, status="shipped") == [old.number]
    assert listed(staff, status=["shipped", "pending"]) == [new.number, old.number]


def test_by_time(staff: APIClient, old: Order, new: Order) -> None:
    month_ago = (timezone.now() - timedelta(days=30)).isoformat()

    assert listed(staff, placed_after=month_ago) == [new.number]
    assert listed(staff, placed_before=month_ago) == [old.number]
    assert listed(staff, placed_before=month_ago[:10]) == [old.number]


def test_by_number_customer_and_channel(staff: APIClient, old: Order, new: Order) -> None:
    assert listed(staff, number=old.number.lower()) == [old.number]
    assert listed(staff, customer=str(new.customer_id)) == [new.number]
    assert listed(staff, customer=new.email) == [new.number]
    assert listed(staff, channel="in_store") == [old.number]


def test_by_what_is_searched_for(staff: APIClient, old: Order, new: Order) -> None:
    sku, name = new.loaded_lines[0].sku, new.loaded_lines[0].product_name

    assert listed(staff, search="track-1") == [old.number]
    assert listed(staff, search=sku) == [new.number]
    assert new.number in listed(staff, search=name.upper())
    assert listed(staff, search=new.number[3:7]) == [new.number]


def test_in_another_order(staff: APIClient, old: Order, new: Order) -> None:
    assert listed(staff, ordering="placed_at") == [old.number, new.number]
    assert listed(staff, ordering="-total") == [new.number, old.number]


def test_walks_by_cursor(staff: APIClient, old: Order, new: Order) -> None:
    first = staff.get("/api/v1/orders/?cursor=&page_size=1").json()
    second = staff.get(first["next"]).json()

    assert [result["number"] for page in (first, second) for result in page["results"]] == [
        new.number,
        old.number,
    ]
    assert second["next"] is None


def test_returns_only_the_fields_that_are_asked_for(staff: APIClient, new: Order) -> None:
    answer = staff.get("/api/v1/orders/?fields=number,total").json()

    assert answer["results"] == [{"number": new.number, "total": f"{new.total:.2f}"}]


@pytest.mark.parametrize(
    "query",
    [
        {"status": "lost"},
        {"placed_after": "yesterday"},
        {"channel": "fax"},
        {"colour": "red"},
        {"ordering": "colour"},
        {"number": "\0"},
    ],
)
def test_refuses_what_it_does_not_know(staff: APIClient, query: dict[str, str]) -> None:
    answer = staff.get("/api/v1/orders/", query)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
