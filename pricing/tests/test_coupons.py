"""What a coupon gives for certain goods, and how its uses are counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from catalog.models import Product
from catalog.tests.factories import CategoryFactory, ProductFactory
from core.audit import identities
from core.models import new_id
from inventory.tests.racing import race
from pricing import selectors, services
from pricing.coupons import Buyer, CouponRefused, CouponUsedUp, Offer
from pricing.models import Coupon, CouponUse
from pricing.tests.factories import CouponFactory
from pricing.totals import FixedDiscount, FreeShipping, PercentageDiscount, PricedLine

pytestmark = pytest.mark.django_db

SOON, BEFORE = timedelta(hours=1), -timedelta(hours=1)
FIXED: dict[str, Any] = {"kind": "fixed_amount", "rate": None, "amount": Decimal(5)}


def offers(
    codes: Sequence[str],
    *prices: tuple[Product, str],
    currency: str = "USD",
    buyer: Buyer | None = None,
) -> list[Offer]:
    lines = [
        PricedLine(product.pk, Decimal(price), 1, "standard", product.pk)
        for product, price in prices
    ]
    return selectors.offers_for(
        codes, lines=lines, currency=currency, buyer=buyer or Buyer(), now=timezone.now()
    )


def offer(coupon: Coupon, *prices: tuple[Product, str], **more: Any) -> Offer:
    (one,) = offers([coupon.code], *(prices or [(ProductFactory.create(), "10")]), **more)
    return one


def problem(found: Offer) -> str:
    assert found.discount is None
    return found.problem.code if found.problem else ""


@pytest.mark.parametrize(
    ("fields", "discount"),
    [
        ({}, PercentageDiscount(Decimal("0.1000"))),
        (FIXED, FixedDiscount(Decimal("5.0000"))),
        ({"kind": "free_shipping", "rate": None}, FreeShipping()),
    ],
)
def test_gives_what_its_kind_says(fields: dict[str, Any], discount: object) -> None:
    assert offer(CouponFactory.create(**fields)).discount == discount


def test_is_for_chosen_products_and_what_is_filed_below_chosen_categories() -> None:
    books = CategoryFactory.create()
    novel = ProductFactory.create(category=CategoryFactory.create(parent=books))
    mug, pen = ProductFactory.create(), ProductFactory.create()
    coupon = CouponFactory.create()
    coupon.categories.add(books)
    coupon.products.add(mug)

    found = offer(coupon, (novel, "10"), (mug, "10"), (pen, "10"))

    assert found.discount == PercentageDiscount(Decimal("0.1000"), frozenset([novel.pk, mug.pk]))
    assert problem(offer(coupon, (pen, "10"))) == "coupon_not_applicable"


def test_asks_for_its_minimum_of_the_goods_it_is_for() -> None:
    mug, pen = ProductFactory.create(), ProductFactory.create()
    coupon = CouponFactory.create(minimum_subtotal=Decimal(20))
    coupon.products.add(mug)

    assert problem(offer(coupon, (mug, "19.99"), (pen, "50"))) == "coupon_minimum_not_met"
    assert offer(coupon, (mug, "20")).discount


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"starts_at": SOON}, "coupon_not_started"),
        ({"ends_at": BEFORE}, "coupon_expired"),
        ({"maximum_uses": 0}, "coupon_used_up"),
        ({"maximum_uses_per_customer": 0}, "coupon_used_up"),
        ({**FIXED, "currency": "EUR"}, "coupon_not_applicable"),
        ({"is_active": False}, "unknown_coupon"),
        ({"deleted_at": BEFORE}, "unknown_coupon"),
    ],
)
def test_says_why_it_gives_nothing(fields: dict[str, Any], code: str) -> None:
    now = timezone.now()
    told = {
        name: now + value if isinstance(value, timedelta) else value
        for name, value in fields.items()
    }

    assert problem(offer(CouponFactory.create(**told))) == code


def test_takes_shares_before_amounts_whatever_the_order_of_the_codes() -> None:
    ten = CouponFactory.create(code="ZEBRA")
    five = CouponFactory.create(code="APPLE", **FIXED)
    mug = ProductFactory.create()

    both = [offers(codes, (mug, "10")) for codes in (["APPLE", "ZEBRA"], ["ZEBRA", "APPLE"])]

    assert [[offer.coupon for offer in found] for found in both] == [[ten, five]] * 2


def test_costs_one_query_however_many_codes_and_goods() -> None:
    codes = [CouponFactory.create().code for _ in range(5)]
    goods = [(ProductFactory.create(), "10") for _ in range(10)]

    with CaptureQueriesContext(
        connection,
    ) as captured:
        offers(codes, *goods)

    assert len(captured) == 1


def redeem(coupon: Coupon, buyer: Buyer) -> Any:
    order_id = new_id()
    with transaction.atomic():  # as an order's transaction, which a refusal rolls back
        services.redeem(order_id=order_id, coupon_ids=[coupon.pk], buyer=buyer)
    return order_id


def uses(coupon: Coupon) -> int:
    coupon.refresh_from_db()
    return coupon.uses


def test_counts_a_use_until_it_is_released_once() -> None:
    coupon = CouponFactory.create()
    order_id = redeem(coupon, Buyer(email="a@example.com"))
    redeem(coupon, Buyer(email="b@example.com"))

    services.release(order_id=order_id)
    services.release(order_id=order_id)

    assert uses(coupon) == 1
    assert CouponUse.objects.filter(released_at=None).count() == 1


@pytest.mark.parametrize("limit", ["maximum_uses", "maximum_uses_per_customer"])
def test_refuses_one_use_more_than_its_limit(limit: str) -> None:
    coupon, customer = CouponFactory.create(**{limit: 1}), UserFactory.create()
    redeem(coupon, Buyer(customer))

    with pytest.raises(CouponUsedUp):
        redeem(coupon, Buyer(customer))

    assert (uses(coupon), CouponUse.objects.count()) == (1, 1)


def test_a_guest_counts_as_the_customer_of_the_same_address() -> None:
    coupon, customer = CouponFactory.create(maximum_uses_per_customer=1), UserFactory.create()
    redeem(coupon, Buyer(email=customer.email.upper()))

    with pytest.raises(CouponUsedUp):
        redeem(coupon, Buyer(customer))

    assert problem(offer(coupon, buyer=Buyer(customer))) == "coupon_used_up"
    assert offer(coupon, buyer=Buyer(UserFactory.create())).discount


@pytest.mark.parametrize("change", [{"is_active": False}, {"deleted_at": timezone.now()}])
def test_refuses_what_was_withdrawn_meanwhile(change: dict[str, Any]) -> None:
    coupon = CouponFactory.create(**change)

    with pytest.raises(CouponRefused):
        redeem(coupon, Buyer(email="a@example.com"))

    assert not CouponUse.objects.exists()


def test_the_database_refuses_more_uses_than_the_maximum() -> None:
    coupon = CouponFactory.create(maximum_uses=1)

    with pytest.raises(IntegrityError, match="coupon_uses_within_maximum"):
        Coupon.objects.filter(pk=coupon.pk).update(uses=2)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"code": "spring"}, "coupon_code_of_capitals_and_digits"),
        ({"rate": Decimal("1.1")}, "coupon_value_suits_its_kind"),
        ({**FIXED, "amount": None}, "coupon_value_suits_its_kind"),
        ({"minimum_subtotal": Decimal(0)}, "coupon_minimum_is_positive"),
    ],
)
def test_the_database_refuses_nonsense(fields: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        CouponFactory.create(**fields)


def test_locks_coupons_in_the_order_of_their_keys() -> None:
    some = [CouponFactory.create() for _ in range(3)]
    with CaptureQueriesContext(connection) as captured:
        services.redeem(
            order_id=new_id(),
            coupon_ids=[coupon.pk for coupon in some[::-1]],
            buyer=Buyer(email="a@b.c"),
        )

    locking = next(query["sql"] for query in captured if "FOR NO KEY UPDATE" in query["sql"])
    assert 'ORDER BY "pricing_coupon"."id" ASC' in locking


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", ["maximum_uses", "maximum_uses_per_customer"])
def test_twenty_at_once_share_three_uses_of_which_one_is_taken(limit: str) -> None:
    coupon = CouponFactory.create(**{limit: 3})
    customer: User = UserFactory.create()
    redeem(coupon, Buyer(customer))

    answers = race([partial(redeem, coupon, Buyer(customer))] * 20)

    refused = [answer for answer in answers if isinstance(answer, CouponUsedUp)]
    assert (len(refused), uses(coupon), CouponUse.objects.count()) == (18, 3, 3)
    found = [list(identity.check()) for identity in identities() if identity.app == "pricing"]
    assert found == [[]] * len(found)
