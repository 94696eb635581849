"""Which coupons are for certain goods and a certain buyer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from catalog.models import Product
from pricing.coupons import Buyer, Offer, UnknownCoupon, offer_of
from pricing.models import Coupon, CouponUse
from pricing.totals import PricedLine


def offers_for(
    codes: Sequence[str],
    *,
    lines: Sequence[PricedLine],
    currency: str,
    buyer: Buyer,
    now: datetime,
) -> list[Offer]:
    """Return what each of ``codes`` gives for ``lines``, in the order in which they apply.

    One query, none without codes. A code that no coupon in use has is told as a problem too.
    """
    if not codes:
        return []
    coupons = Coupon.objects.filter(code__in=codes, is_active=True)
    details = {**_reach(lines), "uses_of_buyer": _uses_by(buyer)}
    known = {coupon.code: coupon for coupon in coupons.annotate(**details)}
    offers = [
        offer_of(known[code], lines=lines, currency=currency, now=now)
        if code in known
        else Offer(code, problem=UnknownCoupon(coupon=code))
        for code in codes
    ]
    return sorted(offers, key=lambda offer: offer.rank)


def offers_of_order(order_id: UUID, *, lines: Sequence[PricedLine], currency: str) -> list[Offer]:
    """Return what the coupons that an order uses give for ``lines``: one query.

    That they have expired or are used up since is nothing against them.
    """
    used = CouponUse.objects.filter(order_id=order_id, released_at=None)
    coupons = Coupon.all_objects.filter(pk__in=used.values("coupon"))
    offers = [
        offer_of(coupon, lines=lines, currency=currency, now=None)
        for coupon in coupons.annotate(**_reach(lines))
    ]
    return sorted(offers, key=lambda offer: offer.rank)


def uses_of_buyer(coupon_ids: Collection[UUID], *, buyer: Buyer) -> dict[UUID, int]:
    """Return how often a buyer has used each of these coupons: one query."""
    coupons = Coupon.all_objects.filter(pk__in=coupon_ids)
    return dict(coupons.values_list("pk", _uses_by(buyer)))


def _uses_by(buyer: Buyer) -> Coalesce:
    theirs = Q(holder=buyer.holder)
    if buyer.customer:
        theirs |= Q(customer=buyer.customer)
    uses = CouponUse.objects.filter(theirs, coupon=OuterRef("pk"), released_at=None).order_by()
    return Coalesce(Subquery(uses.values("coupon").annotate(n=Count("*")).values("n")), 0)


def _reach(lines: Sequence[PricedLine]) -> dict[str, Any]:
    """Return, for ``annotate``, whether a coupon is for some goods only, and for which of these."""
    products = Coupon.products.through.objects
    categories = Coupon.categories.through.objects
    covered = Product.all_objects.filter(
        Exists(products.filter(coupon=OuterRef(OuterRef("pk")), product=OuterRef("pk")))
        | Exists(
            categories.filter(
                coupon=OuterRef(OuterRef("pk")),
                category__tree_id=OuterRef("category__tree_id"),
                category__lft__lte=OuterRef("category__lft"),
                category__rght__gte=OuterRef("category__lft"),
            )
        ),
        pk__in=[line.product_id for line in lines],
    )
    of_coupon = {"coupon": OuterRef("pk")}
    return {
        "is_restricted": Exists(products.filter(**of_coupon))
        | Exists(categories.filter(**of_coupon)),
        "covered": ArraySubquery(covered.values("pk")),
    }
