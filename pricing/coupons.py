"""What a coupon gives for certain goods, or why it gives nothing: pure functions.

Whatever changes with time or with other orders is checked at every read, and how often a code
was used once more, under a lock, when an order takes it (``pricing.services``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Final

from django.utils.crypto import salted_hmac

from accounts.models import User
from core import text
from core.errors import DomainError, InvalidInput
from core.money import quantize
from pricing.models import Coupon, CouponKind
from pricing.totals import (
    Discount,
    FixedDiscount,
    FreeShipping,
    PercentageDiscount,
    PricedLine,
)

_KINDS: Final = (CouponKind.PERCENTAGE, CouponKind.FIXED_AMOUNT, CouponKind.FREE_SHIPPING)


class UnknownCoupon(InvalidInput):
    code = "unknown_coupon"
    title = "There is no such coupon."
    example: ClassVar = {"coupon": "SUMER"}
    at = "#/coupons/0"


class CouponRefused(DomainError):
    """The coupon exists, but gives nothing here and now; ``coupon`` is its code."""

    code: ClassVar[str] = "coupon_refused"
    title: ClassVar[str] = "This coupon cannot be used."
    example: ClassVar = {"coupon": "SUMMER"}
    remedy: ClassVar[str] = "Take the coupon out, or tell the customer why it gives nothing."


class CouponNotStarted(CouponRefused):
    """Its time has not come; ``starts_at`` says when."""

    code = "coupon_not_started"
    title = "This coupon cannot be used yet."
    example: ClassVar = {"coupon": "SUMMER", "starts_at": "2026-06-01T00:00:00Z"}


class CouponExpired(CouponRefused):
    """Its time is over."""

    code = "coupon_expired"
    title = "This coupon has expired."


class CouponUsedUp(CouponRefused):
    """It was used as often as it may be, by all together or by this customer."""

    code = "coupon_used_up"
    title = "This coupon has been used as often as it can be."


class CouponMinimumNotMet(CouponRefused):
    """The goods it is for cost less than it asks for: ``minimum_subtotal``."""

    code = "coupon_minimum_not_met"
    title = "This coupon needs a larger order."
    example: ClassVar = {"coupon": "SUMMER", "minimum_subtotal": "50.00", "currency": "USD"}


class CouponNotApplicable(CouponRefused):
    """It is for none of these goods, or for another currency."""

    code = "coupon_not_applicable"
    title = "This coupon is not for these goods."


Problem = UnknownCoupon | CouponRefused
COUPON_ERRORS: Final = (
    UnknownCoupon,
    CouponNotStarted,
    CouponExpired,
    CouponUsedUp,
    CouponMinimumNotMet,
    CouponNotApplicable,
)


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who would use a coupon: a customer, or a guest as far as the address is known."""

    customer: User | None = None
    email: str = ""

    @property
    def holder(self) -> str:
        """A keyed digest of the address, so that uses can be counted without keeping it."""
        email = text.typed_email_address(self.customer.email if self.customer else self.email)
        if not email:
            return ""
        return salted_hmac("pricing.coupon", email, algorithm="sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Offer:
    """What a code gives for certain goods: a discount, or the problem why nothing."""

    code: str
    coupon: Coupon | None = None
    discount: Discount | None = None
    problem: Problem | None = None

    @property
    def rank(self) -> tuple[int, str]:
        """Where it stands among others: shares are taken before amounts, delivery comes last."""
        kinds = [kind.value for kind in _KINDS]
        return (kinds.index(self.coupon.kind) if self.coupon else len(kinds), self.code)


def normalised(code: str) -> str:
    """Return a code as it is stored, however it was typed."""
    return text.code(code)


def offer_of(
    coupon: Coupon, *, lines: Sequence[PricedLine], currency: str, now: datetime | None
) -> Offer:
    """Return what a coupon, loaded with its reach, gives for ``lines`` in ``currency``.

    ``now`` is None for an order that uses it already: its time and uses are not asked again.
    """
    covered = [
        line for line in lines if not coupon.is_restricted or line.product_id in coupon.covered
    ]
    problem = _problem_of_time(coupon, now) if now else None
    problem = problem or _problem_of_lines(coupon, lines, covered, currency)
    if problem:
        return Offer(coupon.code, coupon, problem=problem)
    keys = frozenset(line.key for line in covered) if coupon.is_restricted else None
    discount: Discount = PercentageDiscount(coupon.rate or Decimal(0), keys)
    if coupon.kind == CouponKind.FREE_SHIPPING:
        discount = FreeShipping()
    elif coupon.kind == CouponKind.FIXED_AMOUNT:
        discount = FixedDiscount(coupon.amount or Decimal(0), keys)
    return Offer(coupon.code, coupon, discount=discount)


def _problem_of_time(coupon: Coupon, now: datetime) -> Problem | None:
    if coupon.starts_at and now < coupon.starts_at:
        return CouponNotStarted(coupon=coupon.code, starts_at=coupon.starts_at)
    if coupon.ends_at and now >= coupon.ends_at:
        return CouponExpired(coupon=coupon.code)
    if coupon.maximum_uses is not None and coupon.uses >= coupon.maximum_uses:
        return CouponUsedUp(coupon=coupon.code)
    most = coupon.maximum_uses_per_customer
    if most is not None and coupon.uses_of_buyer >= most:
        return CouponUsedUp(
            "You have used this coupon as often as one customer can.", coupon=coupon.code
        )
    return None


def _problem_of_lines(
    coupon: Coupon, lines: Sequence[PricedLine], covered: Sequence[PricedLine], currency: str
) -> Problem | None:
    has_money = coupon.kind == CouponKind.FIXED_AMOUNT or coupon.minimum_subtotal is not None
    if has_money and coupon.currency != currency:
        return CouponNotApplicable(
            f"This coupon is for prices in {coupon.currency}.", coupon=coupon.code
        )
    if lines and not covered:
        return CouponNotApplicable(coupon=coupon.code)
    price = sum((line.price for line in covered), Decimal(0))
    if coupon.minimum_subtotal is not None and price < coupon.minimum_subtotal:
        least = quantize(coupon.minimum_subtotal, currency)
        return CouponMinimumNotMet(
            f"This coupon is for goods of {least} {currency} or more.",
            coupon=coupon.code,
            minimum_subtotal=least,
        )
    return None


def discounts_of(offers: Sequence[Offer]) -> list[Discount]:
    return [offer.discount for offer in offers if offer.discount]
