"""Counting how often coupons are used, and forgetting by whom."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from pricing.coupons import Buyer, CouponRefused, CouponUsedUp
from pricing.models import Coupon, CouponUse, CustomerGroup

# Run under the locks of the coupons, whose rows it reads anew: all of them are used, or none.
_REDEEM: Final = """
    WITH allowed AS MATERIALIZED (
        SELECT coupon.id FROM pricing_coupon AS coupon
        WHERE coupon.id = ANY(%(coupons)s::uuid[])
          AND coupon.is_active AND coupon.deleted_at IS NULL
          AND (coupon.maximum_uses IS NULL OR coupon.uses < coupon.maximum_uses)
          AND (coupon.maximum_uses_per_customer IS NULL OR coupon.maximum_uses_per_customer > (
              SELECT count(*) FROM pricing_couponuse AS used
              WHERE used.coupon_id = coupon.id AND used.released_at IS NULL
                AND (used.customer_id = %(customer)s::uuid OR used.holder = %(holder)s)
          ))
    ), all_of_them AS (
        SELECT id FROM allowed
        WHERE (SELECT count(*) FROM allowed) = cardinality(%(coupons)s::uuid[])
    ), counted AS (
        UPDATE pricing_coupon AS coupon SET uses = coupon.uses + 1
        FROM all_of_them WHERE coupon.id = all_of_them.id
    ), used AS (
        INSERT INTO pricing_couponuse
            (id, created_at, updated_at, coupon_id, order_id, customer_id, holder)
        SELECT uuid_v7(), now(), now(), id, %(order)s, %(customer)s::uuid, %(holder)s
        FROM all_of_them
    )
    SELECT id FROM allowed
"""


@transaction.atomic(savepoint=False)
def redeem(*, order_id: UUID, coupon_ids: Collection[UUID], buyer: Buyer) -> None:
    """Count one use of each coupon for a new order: of all of them, or of none.

    Locks the coupons in the order of their keys until the order's transaction ends, so that
    the last use goes to one buyer; stock is locked after them. Two queries: what was used
    before is read only once the locks are held. Raises CouponUsedUp, and CouponRefused for one
    that was withdrawn meanwhile.
    """
    coupons = _locked(coupon_ids)
    parameters: dict[str, Any] = {
        "coupons": list(coupon_ids),
        "order": order_id,
        "customer": buyer.customer.pk if buyer.customer else None,
        "holder": buyer.holder,
    }
    with connection.cursor() as cursor:
        cursor.execute(_REDEEM, parameters)
        allowed = {row[0] for row in cursor.fetchall()}
    for coupon in coupons:
        if coupon.pk not in allowed:
            is_withdrawn = not coupon.is_active or coupon.deleted_at
            raise (CouponRefused if is_withdrawn else CouponUsedUp)(coupon=coupon.code)


@transaction.atomic
def release(*, order_id: UUID) -> None:
    """Give back the uses of an order that was cancelled; does nothing the second time.

    Locks the coupons in the order of their keys; stock is locked after them.
    """
    open_uses = CouponUse.objects.filter(order_id=order_id, released_at=None)
    coupon_ids = set(open_uses.values_list("coupon_id", flat=True))
    if not coupon_ids:
        return
    list(_locked(coupon_ids))
    if open_uses.update(released_at=timezone.now()):
        Coupon.all_objects.filter(pk__in=coupon_ids).update(uses=F("uses") - 1)


def _locked(coupon_ids: Collection[UUID]) -> list[Coupon]:
    coupons = Coupon.all_objects.filter(pk__in=coupon_ids).order_by("pk")
    return list(coupons.select_for_update(no_key=True))


@transaction.atomic
def forget_person(*, user_id: UUID) -> None:
    """Drop what could lead from a coupon's use to someone who left, and their groups.

    Their uses still count, by a holder that no address gives.
    """
    CouponUse.objects.filter(customer=user_id).update(holder=user_id.hex)
    CustomerGroup.members.through.objects.filter(user_id=user_id).delete()
