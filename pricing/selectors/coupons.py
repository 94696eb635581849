"""Which coupons are for certain goods and a certain buyer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from pricing.coupons import Buyer, Goods, Offer, UnknownCoupon, offer_of
from pricing.models import Coupon

# With how far it reaches: which of the products it is for, and how often the buyer used it.
_COUPONS: Final = """
    SELECT coupon.*,
           EXISTS (SELECT FROM pricing_coupon_products WHERE coupon_id = coupon.id)
           OR EXISTS (SELECT FROM pricing_coupon_categories WHERE coupon_id = coupon.id)
           AS is_restricted,
           ARRAY(
               SELECT product.id FROM catalog_product AS product
               JOIN catalog_category AS place ON place.id = product.category_id
               WHERE product.id = ANY(%(products)s::uuid[]) AND (
                   EXISTS (
                       SELECT FROM pricing_coupon_products
                       WHERE coupon_id = coupon.id AND product_id = product.id
                   ) OR EXISTS (
                       SELECT FROM pricing_coupon_categories AS chosen
                       JOIN catalog_category AS root ON root.id = chosen.category_id
                       WHERE chosen.coupon_id = coupon.id AND root.tree_id = place.tree_id
                         AND place.lft BETWEEN root.lft AND root.rght
                   )
               )
           ) AS covered,
           (
               SELECT count(*) FROM pricing_couponuse AS used
               WHERE used.coupon_id = coupon.id AND used.released_at IS NULL
                 AND (used.customer_id = %(customer)s::uuid OR used.holder = %(holder)s)
           ) AS uses_of_buyer
    FROM pricing_coupon AS coupon
"""
_BY_CODE: Final = f"""{_COUPONS}
    WHERE coupon.code = ANY(%(codes)s) AND coupon.deleted_at IS NULL AND coupon.is_active
"""
_BY_ORDER: Final = f"""{_COUPONS}
    WHERE coupon.id IN (
        SELECT coupon_id FROM pricing_couponuse
        WHERE order_id = %(order)s AND released_at IS NULL
    )
"""  # noqa: S608 - joins our own constants


def offers_for(
    codes: Sequence[str],
    *,
    goods: Sequence[Goods],
    currency: str,
    buyer: Buyer,
    now: datetime,
) -> list[Offer]:
    """Return what each of ``codes`` gives for ``goods``, in the order in which they apply.

    One query, none without codes. A code that no coupon in use has is told as a problem too.
    """
    if not codes:
        return []
    parameters = {
        "codes": list(codes),
        "products": [one.product_id for one in goods],
        "customer": buyer.customer.pk if buyer.customer else None,
        "holder": buyer.holder,
    }
    known = {coupon.code: coupon for coupon in Coupon.objects.raw(_BY_CODE, parameters)}
    offers = [
        offer_of(known[code], goods=goods, currency=currency, now=now)
        if code in known
        else Offer(code, problem=UnknownCoupon(coupon=code))
        for code in codes
    ]
    return sorted(offers, key=lambda offer: offer.rank)


def offers_of_order(order_id: UUID, *, goods: Sequence[Goods], currency: str) -> list[Offer]:
    """Return what the coupons that an order uses give for ``goods``: one query.

    That they have expired or are used up since is nothing against them.
    """
    parameters = {
        "order": order_id,
        "products": [one.product_id for one in goods],
        "customer": None,
        "holder": "",
    }
    offers = [
        offer_of(coupon, goods=goods, currency=currency, now=None)
        for coupon in Coupon.objects.raw(_BY_ORDER, parameters)
    ]
    return sorted(offers, key=lambda offer: offer.rank)
