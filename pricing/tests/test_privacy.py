"""What pricing holds on a person, and forgets."""

from __future__ import annotations

import pytest

from accounts.events import UserErased
from accounts.models import User
from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory
from core.audit import discrepancies
from core.models import new_id
from core.privacy import export_personal_data
from pricing import services, tasks
from pricing.coupons import Buyer
from pricing.models import Coupon, CouponUse, CustomerGroup
from pricing.tests.factories import CouponFactory, list_price

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> User:
    found: User = UserFactory.create()
    return found


@pytest.fixture
def coupon(customer: User) -> Coupon:
    made: Coupon = CouponFactory.create(code="SPRING", maximum_uses_per_customer=1)
    services.redeem(order_id=new_id(), coupon_ids=[made.pk], buyer=Buyer(customer))
    list_price(ProductFactory.create().variants.get(), "5", members=[customer])
    return made


def test_an_export_tells_coupons_and_groups(customer: User, coupon: Coupon) -> None:
    held = {name: list(rows) for name, rows in export_personal_data(customer.pk)}

    assert [kept["code"] for kept in held["coupons"]] == ["SPRING"]
    assert held["customer_groups"] == [{"name": CustomerGroup.objects.get().name}]


def test_who_leaves_is_forgotten_and_their_uses_still_count(customer: User, coupon: Coupon) -> None:
    tasks.anonymise_coupon_uses(UserErased(user_id=customer.pk))

    assert not CustomerGroup.objects.get().members.exists()
    assert not CouponUse.objects.filter(holder=Buyer(customer).holder).exists()
    coupon.refresh_from_db()
    assert coupon.uses == 1
    assert not discrepancies("pricing")
