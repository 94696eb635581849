"""Coupons in orders: counted with them, kept through edits, given back on cancelling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from cart import services as cart_services
from cart.models import Cart
from cart.selectors import Owner
from cart.tests.factories import fill_cart, sellable
from catalog.models import ProductVariant
from core.audit import identities
from inventory.models import StockItem
from inventory.tests.racing import race
from orders import services
from orders.models import Order
from orders.services import EditOrder
from orders.tests.factories import ADDRESS, pay, place, shipping_method
from pricing.coupons import CouponMinimumNotMet, CouponUsedUp
from pricing.models import Coupon, CouponUse
from pricing.tests.factories import CouponFactory

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]


def discrepancies() -> list[object]:
    checks = [identity.check for identity in identities() if identity.app != "payments"]
    return [found for check in checks for found in check()]


@pytest.fixture
def tea() -> ProductVariant:
    return sellable(variant__price=Decimal("9.90"))


@pytest.fixture
def customer(tea: ProductVariant) -> User:
    found: User = UserFactory.create()
    fill_cart(found, (tea, 2))
    return found


def order(api: APIClient, **more: Any) -> Any:
    body = {"shipping_address": ADDRESS, "shipping_method": str(shipping_method().pk), **more}
    return api.post("/api/v1/orders/", body)


def uses(coupon: Coupon) -> int:
    coupon.refresh_from_db()
    return coupon.uses


def test_orders_with_the_carts_coupons_and_those_of_the_request(
    customer: User, api_for: ApiFor
) -> None:
    ten, five = (
        CouponFactory.create(code="TEN"),
        CouponFactory.create(code="FIVE", kind="fixed_amount", rate=None, amount=Decimal(5)),
    )
    cart_services.apply_coupon(owner=Owner(customer), code="TEN")

    answer = order(api_for(customer), coupons=["five"])

    assert answer.status_code == 201
    body = answer.json()
    assert (body["coupons"], body["discount_total"]) == (["TEN", "FIVE"], "6.98")
    assert (body["items"][0]["line_discount"], body["total"]) == ("6.98", "17.72")
    assert (uses(ten), uses(five)) == (1, 1)
    assert discrepancies() == []


def test_delivers_for_nothing(customer: User, api_for: ApiFor) -> None:
    CouponFactory.create(code="SENT", kind="free_shipping", rate=None)

    body = order(api_for(customer), coupons=["SENT"]).json()

    assert (body["shipping_total"], body["discount_total"]) == ("0.00", "0.00")
    assert body["total"] == "19.80"


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"code": "AUTUMN"}, 400, "unknown_coupon"),
        ({"ends_at": timezone.now() - timedelta(1)}, 409, "coupon_expired"),
        ({"minimum_subtotal": Decimal(20)}, 409, "coupon_minimum_not_met"),
        ({"maximum_uses": 0}, 409, "coupon_used_up"),
    ],
)
def test_orders_nothing_when_a_coupon_gives_nothing(
    customer: User, api_for: ApiFor, fields: dict[str, Any], status: int, code: str
) -> None:
    CouponFactory.create(**{"code": "SPRING", **fields})
    Cart.objects.update(coupons=["SPRING"])

    answer = order(api_for(customer))

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Order.objects.exists()
    assert not CouponUse.objects.exists()


def test_a_guest_uses_a_coupon_once_by_their_address(api: APIClient, tea: ProductVariant) -> None:
    CouponFactory.create(code="ONCE", maximum_uses_per_customer=1)
    items = [{"variant": str(tea.pk), "quantity": 1}]

    answers = [
        order(api, items=items, coupons=["ONCE"], email=email)
        for email in ("ada@example.com", "Ada@Example.com", "bob@example.com")
    ]

    assert [answer.status_code for answer in answers] == [201, 409, 201]


def test_cancelling_gives_the_use_back(customer: User) -> None:
    coupon = CouponFactory.create(maximum_uses=1)
    first = place(customer, coupons=[coupon.code])

    services.cancel_order(order_id=first.pk, by=customer)

    assert uses(coupon) == 0
    place(customer, coupons=[coupon.code])
    assert uses(coupon) == 1
    assert discrepancies() == []


def test_an_order_that_nobody_pays_gives_the_use_back(customer: User) -> None:
    coupon = CouponFactory.create()
    placed = place(customer, coupons=[coupon.code])

    services.cancel_unpaid_order(order_id=placed.pk, now=timezone.now() + timedelta(days=1))

    assert uses(coupon) == 0


def test_editing_keeps_the_coupon_though_it_has_expired(
    customer: User, tea: ProductVariant
) -> None:
    coupon = CouponFactory.create(maximum_uses=1)
    placed = place(customer, [(tea, 2)], coupons=[coupon.code])
    Coupon.objects.update(ends_at=timezone.now())

    changed = services.edit_order(
        command=EditOrder(order_id=placed.pk, quantities={tea.pk: 3}, by=customer)
    )

    assert changed.discount_total == Decimal("2.97")
    assert uses(coupon) == 1
    assert discrepancies() == []


def test_editing_below_a_coupons_minimum_is_refused(customer: User, tea: ProductVariant) -> None:
    coupon = CouponFactory.create(minimum_subtotal=Decimal(15))
    placed = place(customer, [(tea, 2)], coupons=[coupon.code])

    with pytest.raises(CouponMinimumNotMet):
        services.edit_order(
            command=EditOrder(order_id=placed.pk, quantities={tea.pk: 1}, by=customer)
        )

    placed.refresh_from_db()
    assert placed.subtotal == Decimal("19.80")


def test_a_change_of_the_coupon_changes_no_order(customer: User, tea: ProductVariant) -> None:
    coupon = CouponFactory.create()
    placed = place(customer, [(tea, 2)], coupons=[coupon.code])

    Coupon.objects.filter(pk=coupon.pk).update(rate=Decimal("0.5"))

    placed.refresh_from_db()
    assert placed.discount_total == Decimal("1.98")


@pytest.mark.parametrize("lines", [1, 50])
def test_placing_an_order_with_coupons_costs_at_most_25(api_for: ApiFor, lines: int) -> None:
    buyer = UserFactory.create()
    fill_cart(buyer, *((sellable(), 1) for _ in range(lines)))
    codes = [CouponFactory.create(maximum_uses_per_customer=1).code for _ in range(2)]
    client = api_for(buyer)
    shipping_method()

    with CaptureQueriesContext(connection) as captured:
        answer = order(client, coupons=codes)

    assert answer.status_code == 201
    assert len(captured) <= 25


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_last_use_goes_to_one_of_twenty_buyers(api_for: ApiFor) -> None:
    tea = sellable(stocked=50)
    coupon = CouponFactory.create(code="LAST", maximum_uses=2)
    place(UserFactory.create(), [(tea, 1)], coupons=["LAST"])
    buyers = [UserFactory.create() for _ in range(20)]
    for buyer in buyers:
        fill_cart(buyer, (tea, 1))
        cart_services.apply_coupon(owner=Owner(buyer), code="LAST")
    clients = [api_for(buyer) for buyer in buyers]

    answers: list[Any] = race([partial(order, client) for client in clients])

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {
        "coupon_used_up"
    }
    assert uses(coupon) == 2
    assert StockItem.objects.get(variant=tea).reserved == 2
    assert discrepancies() == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_cancelling_and_ordering_at_once_neither_lose_nor_invent_a_use() -> None:
    tea = sellable(stocked=50)
    one, other = (CouponFactory.create(maximum_uses=8) for _ in range(2))
    buyers = [UserFactory.create() for _ in range(16)]
    placed = [place(buyer, [(tea, 1)], coupons=[one.code, other.code]) for buyer in buyers[:8]]
    cancelling = [
        partial(services.cancel_order, order_id=first.pk, by=first.customer) for first in placed
    ]
    ordering = [
        partial(place, buyer, [(tea, 1)], coupons=[other.code, one.code]) for buyer in buyers[8:]
    ]

    answers = race([step for pair in zip(cancelling, ordering, strict=True) for step in pair])

    refused = sum(isinstance(answer, CouponUsedUp) for answer in answers)
    assert uses(one) == uses(other) == 8 - refused
    assert discrepancies() == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_cancelling_twice_gives_one_use_back(customer: User) -> None:
    coupon = CouponFactory.create()
    placed = place(customer, coupons=[coupon.code])
    place(UserFactory.create(), coupons=[coupon.code])
    pay(placed)

    race([partial(services.cancel_order, order_id=placed.pk, by=customer)] * 4)

    assert uses(coupon) == 1
    assert discrepancies() == []
