"""What the audit finds wrong with coupons."""

import pytest

from core.audit import Discrepancy
from core.models import new_id
from pricing import audit, services
from pricing.coupons import Buyer
from pricing.models import Coupon
from pricing.tests.factories import CouponFactory

pytestmark = pytest.mark.django_db


def test_uses_are_compared_with_the_orders_that_use_the_coupon() -> None:
    coupon = CouponFactory.create(code="TEN")
    kept, cancelled = new_id(), new_id()
    for order_id in (kept, cancelled):
        services.redeem(order_id=order_id, coupon_ids=[coupon.pk], buyer=Buyer(email="a@b.test"))
    services.release(order_id=cancelled)
    assert list(audit.uses_are_counted()) == []

    Coupon.objects.filter(pk=coupon.pk).update(uses=3)

    assert list(audit.uses_are_counted()) == [Discrepancy("TEN", "1", "3")]


def test_a_customer_who_used_a_coupon_too_often_is_found() -> None:
    coupon = CouponFactory.create(code="TEN")
    buyer = Buyer(email="a@b.test")
    for _ in range(2):
        services.redeem(order_id=new_id(), coupon_ids=[coupon.pk], buyer=buyer)
    assert list(audit.uses_of_customers_are_within_limits()) == []

    Coupon.objects.filter(pk=coupon.pk).update(maximum_uses_per_customer=1)

    assert list(audit.uses_of_customers_are_within_limits()) == [
        Discrepancy(f"TEN by {buyer.holder}", "at most 1", "2")
    ]
