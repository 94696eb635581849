"""cart/coupons/, and coupons in quotes."""

from __future__ import annotations

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
from cart import selectors, services
from cart.models import Cart
from cart.selectors import Owner
from cart.tests.factories import fill_cart, fill_guest_cart, sellable
from inventory.tests.racing import race
from pricing.models import Coupon
from pricing.tests.factories import CouponFactory

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]


@pytest.fixture
def customer() -> User:
    found: User = UserFactory.create()
    fill_cart(found, (sellable(variant__price=Decimal("9.90")), 2))
    return found


@pytest.fixture
def mine(customer: User, api_for: ApiFor) -> APIClient:
    return api_for(customer)


def apply(api: APIClient, code: Any, **headers: Any) -> Any:
    return api.post("/api/v1/cart/coupons/", {"code": code}, headers=headers)


def test_lowers_what_the_cart_costs(mine: APIClient) -> None:
    CouponFactory.create(code="SPRING", name="Spring sale")

    answer = apply(mine, " spring ")

    assert answer.status_code == 201
    body = mine.get("/api/v1/cart/").json()
    assert {**answer.json(), "updated_at": ""} == {**body, "updated_at": ""}
    assert (body["coupons"], body["subtotal"]) == (["SPRING"], "19.80")
    assert (body["discount_total"], body["total"]) == ("1.98", "17.82")
    assert body["discounts"] == [
        {
            "code": "SPRING",
            "name": "Spring sale",
            "kind": "percentage",
            "amount": "1.98",
            "problem": None,
        }
    ]


def test_applies_once_however_often_it_is_sent(mine: APIClient) -> None:
    CouponFactory.create(code="SPRING")

    answers = [apply(mine, code) for code in ("SPRING", "spring")]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert Cart.objects.get().coupons == ["SPRING"]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"is_active": False}, 400, "unknown_coupon"),
        ({"ends_at": timezone.now() - timedelta(1)}, 409, "coupon_expired"),
        ({"minimum_subtotal": Decimal(20)}, 409, "coupon_minimum_not_met"),
        ({"maximum_uses": 0}, 409, "coupon_used_up"),
    ],
)
def test_refuses_what_gives_nothing(
    mine: APIClient, fields: dict[str, Any], status: int, code: str
) -> None:
    CouponFactory.create(code="SPRING", **fields)

    answer = apply(mine, "SPRING")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Cart.objects.get().coupons == []


@pytest.mark.parametrize("code", ["", None, 5, ["SPRING"], "x" * 41, "a\x00b"])
def test_refuses_what_is_no_code(mine: APIClient, code: Any) -> None:
    assert apply(mine, code).status_code == 400
    assert Cart.objects.get().coupons == []


def test_holds_ten_coupons_at_most(mine: APIClient) -> None:
    codes = [CouponFactory.create(rate=Decimal("0.01")).code for _ in range(11)]

    answers = [apply(mine, code) for code in codes]

    assert [answer.status_code for answer in answers] == [201] * 10 + [409]
    assert answers[-1].json()["code"] == "too_many_coupons"


def test_is_checked_again_at_each_read(mine: APIClient) -> None:
    coupon = CouponFactory.create(code="SPRING")
    apply(mine, "SPRING")
    Coupon.objects.filter(pk=coupon.pk).update(ends_at=timezone.now())

    body = mine.get("/api/v1/cart/").json()

    assert (body["coupons"], body["discount_total"], body["total"]) == ([], "0.00", "19.80")
    (told,) = body["discounts"]
    assert (told["code"], told["amount"]) == ("SPRING", "0.00")
    assert told["problem"]["code"] == "coupon_expired"


def test_is_removed(mine: APIClient) -> None:
    CouponFactory.create(code="SPRING")
    apply(mine, "SPRING")

    assert mine.delete("/api/v1/cart/coupons/spring/").status_code == 204
    assert mine.delete("/api/v1/cart/coupons/SPRING/").status_code == 404
    assert mine.get("/api/v1/cart/").json()["discounts"] == []


def test_clearing_the_cart_removes_coupons_too(mine: APIClient) -> None:
    CouponFactory.create(code="SPRING")
    apply(mine, "SPRING")

    mine.delete("/api/v1/cart/")

    assert Cart.objects.get().coupons == []


def test_a_guest_uses_coupons_before_putting_anything_in(api: APIClient) -> None:
    CouponFactory.create(code="SPRING")

    answer = apply(api, "SPRING")

    assert (answer.status_code, answer.json()["coupons"]) == (201, ["SPRING"])
    assert answer["X-Cart-Token"] == answer.json()["token"]


def test_a_stranger_removes_nothing(mine: APIClient, api_for: ApiFor) -> None:
    CouponFactory.create(code="SPRING")
    apply(mine, "SPRING")

    for stranger in (APIClient(), api_for(UserFactory.create())):
        assert stranger.delete("/api/v1/cart/coupons/SPRING/").status_code == 404

    assert Cart.objects.get().coupons == ["SPRING"]


def test_a_guests_coupons_join_the_customers(customer: User) -> None:
    CouponFactory.create(code="SPRING")
    CouponFactory.create(code="SUMMER")
    services.apply_coupon(owner=Owner(customer), code="SPRING")
    guests = fill_guest_cart((sellable(), 1))
    services.apply_coupon(owner=Owner(token=guests.token), code="SUMMER")

    merged = services.merge_guest_cart(customer=customer, token=guests.token)

    assert sorted(merged.coupons) == ["SPRING", "SUMMER"]
    assert selectors.priced_cart_of(owner=Owner(customer)).coupons == merged.coupons


def test_a_quote_counts_coupons(api: APIClient) -> None:
    CouponFactory.create(code="SPRING")
    CouponFactory.create(code="FIVE", kind="fixed_amount", rate=None, amount=Decimal(5))
    tea = sellable(variant__price=Decimal("9.90"))
    body = {"items": [{"variant": str(tea.pk), "quantity": 2}], "coupons": ["five", "SPRING"]}

    quote = api.post("/api/v1/cart/quote/", body).json()

    assert [(discount["code"], discount["amount"]) for discount in quote["discounts"]] == [
        ("SPRING", "1.98"),
        ("FIVE", "5.00"),
    ]
    assert (quote["discount_total"], quote["total"]) == ("6.98", "12.82")


def test_a_quote_points_at_the_coupon_that_gives_nothing(api: APIClient) -> None:
    CouponFactory.create(code="SPRING")
    items = [{"variant": str(sellable().pk), "quantity": 2}]

    answer = api.post("/api/v1/cart/quote/", {"items": items, "coupons": ["spring", "WINTER"]})

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_coupon")
    assert answer.json()["errors"][0]["pointer"] == "#/coupons/1"


def test_viewing_a_cart_with_coupons_costs_at_most_5(mine: APIClient) -> None:
    for _ in range(3):
        apply(mine, CouponFactory.create().code)

    with CaptureQueriesContext(connection) as captured:
        mine.get("/api/v1/cart/")

    assert len(captured) <= 5


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_coupons_put_in_at_once_are_all_kept(customer: User) -> None:
    codes = [CouponFactory.create(rate=Decimal("0.01")).code for _ in range(8)]

    race([partial(services.apply_coupon, owner=Owner(customer), code=code) for code in codes])

    assert sorted(Cart.objects.get().coupons) == sorted(codes)
