from __future__ import annotations

from uuid import UUID

from core.privacy import Rows, section
from pricing.models import CouponUse, CustomerGroup


@section("coupons")
def export_coupons(user_id: UUID) -> Rows:
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
def export_customer_groups(user_id: UUID) -> Rows:
    groups = CustomerGroup.objects.filter(members=user_id).order_by("name", "id")
    for name in groups.values_list("name", flat=True):
        yield {"name": name}
