"""What this app holds on a person."""

from __future__ import annotations

from uuid import UUID

from core.personal_data import Rows, section
from pricing.models import CouponUse, CustomerGroup


@section("coupons")
def coupons_of(user_id: UUID) -> Rows:
    """Yield the coupons that the person's orders used."""
    uses = CouponUse.objects.filter(customer=user_id).order_by("created_at", "id")
    columns = ("coupon__code", "order_id", "created_at", "released_at")
    for code, order_id, created_at, released_at in uses.values_list(*columns).iterator():
        yield {
            "code": code,
            "order": order_id,
            "used_at": created_at,
            "released_at": released_at,
        }


@section("customer_groups")
def groups_of(user_id: UUID) -> Rows:
    """Yield the groups that the person belongs to."""
    groups = CustomerGroup.objects.filter(members=user_id).order_by("name", "id")
    for name in groups.values_list("name", flat=True):
        yield {"name": name}
