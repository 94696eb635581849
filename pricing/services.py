"""Counting how often coupons are used, and no longer by whom."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from pricing import selectors
from pricing.coupons import Buyer, CouponRefused, CouponUsedUp
from pricing.models import Coupon, CouponUse, CustomerGroup

REDEEM_ERRORS: Final = (CouponUsedUp, CouponRefused)


@transaction.atomic(savepoint=False)
def redeem(*, order_id: UUID, coupon_ids: Collection[UUID], buyer: Buyer) -> None:
    """Count one use of each coupon for a new order: of all of them, or of none.

    Locks the coupons in the order of their keys until the order's transaction ends, so that
    the last use goes to one buyer; stock is locked after them. What the buyer used before is
    read only once the locks are held: a statement that waits for a lock sees what was before.
    """
    coupons = _locked(coupon_ids)
    limited = [coupon.pk for coupon in coupons if coupon.maximum_uses_per_customer is not None]
    uses_of_buyer = selectors.uses_of_buyer(limited, buyer=buyer)
    for coupon in coupons:
        if not coupon.is_active or coupon.deleted_at:
            raise CouponRefused(coupon=coupon.code)
        is_used_up = coupon.maximum_uses is not None and coupon.uses >= coupon.maximum_uses
        most = coupon.maximum_uses_per_customer
        if is_used_up or (most is not None and uses_of_buyer[coupon.pk] >= most):
            raise CouponUsedUp(coupon=coupon.code)
    Coupon.objects.filter(pk__in=coupon_ids).update(uses=F("uses") + 1)
    CouponUse.objects.bulk_create(
        CouponUse(coupon=coupon, order_id=order_id, customer=buyer.customer, holder=buyer.holder)
        for coupon in coupons
    )


@transaction.atomic
def release(*, order_id: UUID) -> None:
    """Give back the uses of an order that was cancelled; does nothing the second time.

    Locks the coupons in the order of their keys; stock is locked after them.
    """
    open_uses = CouponUse.objects.filter(order_id=order_id, released_at=None)
    coupon_ids = set(open_uses.values_list("coupon_id", flat=True))
    if not coupon_ids:
        return
    _locked(coupon_ids)
    if open_uses.update(released_at=timezone.now()):
        Coupon.all_objects.filter(pk__in=coupon_ids).update(uses=F("uses") - 1)


def _locked(coupon_ids: Collection[UUID]) -> list[Coupon]:
    coupons = Coupon.all_objects.filter(pk__in=coupon_ids).order_by("pk")
    return list(coupons.select_for_update(no_key=True))


@transaction.atomic
def anonymise_coupon_uses(*, user_id: UUID) -> None:
    """Drop what could lead from a coupon's use to someone who left, and their groups.

    Their uses still count, by a holder that no address gives.
    """
    CouponUse.objects.filter(customer=user_id).update(holder=user_id.hex)
    CustomerGroup.members.through.objects.filter(user_id=user_id).delete()
