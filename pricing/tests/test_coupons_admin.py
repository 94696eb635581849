"""Coupons in the backoffice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import StaffFactory
from core.models import new_id
from pricing import services
from pricing.coupons import Buyer
from pricing.models import Coupon
from pricing.tests.factories import CouponFactory

pytestmark = pytest.mark.django_db

ADD = "admin:pricing_coupon_add"
LIST = "admin:pricing_coupon_changelist"
CHANGE = "admin:pricing_coupon_change"


@pytest.fixture
def backoffice(client: Client) -> Client:
    client.force_login(StaffFactory.create(role="Catalog manager"))
    return client


def coupon(**more: Any) -> dict[str, Any]:
    uses = {"use_rows-TOTAL_FORMS": 0, "use_rows-INITIAL_FORMS": 0}
    percentage = {"kind": "percentage", "rate": "0.15", "amount": "", "currency": "USD"}
    return {"code": "spring-15", "name": "Spring", "is_active": "on", **percentage, **uses, **more}


def test_adds_a_coupon(backoffice: Client) -> None:
    backoffice.post(reverse(ADD), coupon())

    assert Coupon.objects.get().code == "SPRING-15"
    page = backoffice.get(reverse(LIST)).content.decode()
    assert "15 %" in page
    assert "in force" in page


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rate": ""}, "needs it"),
        ({"kind": "fixed_amount"}, "has none"),
        ({"rate": "1.5"}, "coupon_value_suits_its_kind"),
        ({"code": "a b"}, "coupon_code_of_capitals_and_digits"),
        ({"code": "TAKEN"}, "coupon_code_is_unique"),
        ({"minimum_subtotal": "0"}, "coupon_minimum_is_positive"),
    ],
)
def test_refuses_what_makes_no_coupon(
    backoffice: Client, change: dict[str, Any], message: str
) -> None:
    CouponFactory.create(code="TAKEN")

    response = backoffice.post(reverse(ADD), coupon(**change))

    assert message in response.content.decode()
    assert Coupon.objects.count() == 1


def test_refuses_a_maximum_below_what_was_used(backoffice: Client) -> None:
    used = CouponFactory.create(code="SPRING-15")
    services.redeem(order_id=new_id(), coupon_ids=[used.pk], buyer=Buyer(email="a@example.com"))

    page = backoffice.post(reverse(CHANGE, args=[used.pk]), coupon(maximum_uses="0"))

    assert "used 1 times already" in page.content.decode()


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        ("in force", {}),
        ("off", {"is_active": False}),
        ("planned", {"starts_at": timezone.now() + timedelta(1)}),
        ("expired", {"ends_at": timezone.now() - timedelta(1)}),
        ("used up", {"maximum_uses": 0}),
    ],
)
def test_is_found_by_its_standing(backoffice: Client, status: str, fields: dict[str, Any]) -> None:
    CouponFactory.create(code="WANTED", **fields)

    pages = {
        name: backoffice.get(reverse(LIST), {"status": name}).content.decode()
        for name in ("in force", "off", "planned", "expired", "used up")
    }

    assert [name for name, page in pages.items() if "WANTED" in page] == [status]


def test_shows_who_used_it(backoffice: Client) -> None:
    used, order_id = CouponFactory.create(), new_id()
    services.redeem(order_id=order_id, coupon_ids=[used.pk], buyer=Buyer(email="a@example.com"))

    page = backoffice.get(reverse(CHANGE, args=[used.pk])).content.decode()

    assert str(order_id) in page
