"""What a refund names is what is refunded: a selection of nothing is not taken for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from orders.models import Order
from orders.tests.factories import place
from payments.models import Payment
from payments.tests.factories import paid

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    order = place(UserFactory.create())
    paid(order)
    return order


@pytest.fixture
def desk(api_for: Callable[[User], APIClient]) -> Callable[..., Any]:
    client = api_for(StaffFactory.create(role="Order manager"))

    def post(order: Order, **body: Any) -> Any:
        return client.post(f"/api/v1/payments/{order.payment.pk}/refund/", body)

    return post


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "nothing_selected"),
        ({"reason": "Torn."}, "nothing_selected"),
        ({"all": False}, "nothing_selected"),
        ({"all": None}, "null"),
        ({"all": True, "amount": "1.00"}, "invalid_amount"),
        ({"all": True, "shipping": True}, "invalid_amount"),
        ({"items": []}, "nothing_selected"),
        ({"shipping": False}, "nothing_selected"),
        ({"items": [], "shipping": False}, "nothing_selected"),
        ({"items": [], "shipping": False, "reason": "Torn."}, "nothing_selected"),
        ({"amount": None}, "null"),
        ({"amount": ""}, "invalid"),
        ({"amount": "0.00"}, "invalid_amount"),
        ({"items": None}, "null"),
        ({"shipping": None}, "null"),
        ({"shipping": ""}, "invalid"),
    ],
)
def test_a_selection_of_nothing_is_not_taken_for_all(
    order: Order, desk: Callable[..., Any], body: dict[str, Any], code: str
) -> None:
    answer = desk(order, **body)

    problem = answer.json()
    codes = {problem["code"], *(error["code"] for error in problem.get("errors", ()))}
    assert (answer.status_code, code in codes) == (400, True), problem
    assert Payment.objects.get(order=order).transactions.filter(kind="refund").count() == 0


def test_an_amount_beside_an_empty_selection_is_the_amount(
    order: Order, desk: Callable[..., Any]
) -> None:
    answer = desk(order, amount="1.00", items=[], shipping=False)

    assert (answer.status_code, answer.json()["refunded_amount"]) == (200, "1.00")


def test_all_that_is_left_is_refunded_when_all_is_asked_for(
    order: Order, desk: Callable[..., Any]
) -> None:
    assert desk(order, all=True, reason="Lost.").json()["status"] == "refunded"


def test_a_refund_without_a_choice_is_told_the_choices(
    order: Order, desk: Callable[..., Any]
) -> None:
    problem = desk(order).json()

    text = f"{problem['title']} {problem.get('detail', '')}"
    assert all(f'"{choice}"' in text for choice in ("amount", "items", "shipping", "all"))
