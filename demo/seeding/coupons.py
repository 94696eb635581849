"""The demo shop's coupons: settings of a shop, which no service writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.models import Category
from demo.library import CURRENCY
from demo.seeding.step import Step
from pricing.models import Coupon, CouponKind

WELCOME = "WELCOME10"


@dataclass(frozen=True)
class DemoCoupon:
    """A code, what it gives, and the category it is for (everything without one)."""

    code: str
    name: str
    kind: CouponKind
    value: Decimal | None = None
    limits: tuple[tuple[str, Any], ...] = ()
    category: str = ""


COUPONS = (
    DemoCoupon(
        WELCOME,
        "10 % off your first order",
        CouponKind.PERCENTAGE,
        Decimal("0.10"),
        (("maximum_uses_per_customer", 1),),
    ),
    DemoCoupon(
        "FIVEOFF",
        "5 dollars off from 30 dollars on",
        CouponKind.FIXED_AMOUNT,
        Decimal(5),
        (("minimum_subtotal", Decimal(30)), ("maximum_uses", 100)),
    ),
    DemoCoupon("POSTFREE", "Free shipping", CouponKind.FREE_SHIPPING),
    DemoCoupon(
        "POETRY20",
        "20 % off poetry and drama",
        CouponKind.PERCENTAGE,
        Decimal("0.20"),
        category="Poetry & Drama",
    ),
)


def missing_coupons() -> Sequence[DemoCoupon]:
    known = set(Coupon.all_objects.values_list("code", flat=True))
    return [coupon for coupon in COUPONS if coupon.code not in known]


def make_coupon(demo: DemoCoupon) -> None:
    coupon = Coupon.objects.create(
        code=demo.code,
        name=demo.name,
        kind=demo.kind,
        rate=demo.value if demo.kind == CouponKind.PERCENTAGE else None,
        amount=demo.value if demo.kind == CouponKind.FIXED_AMOUNT else None,
        currency=CURRENCY,
        **dict(demo.limits),
    )
    if demo.category:
        coupon.categories.set(Category.objects.filter(name=demo.category))


STEPS = (Step("Coupons", missing_coupons, make_coupon),)
