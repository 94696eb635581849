"""Coupons and what became of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import TabularInline
from unfold.decorators import display

from core.admin import BaseAdmin, ModelForm
from core.money import quantize
from pricing.coupons import normalised
from pricing.models import Coupon, CouponKind, CouponUse

STATUS_COLOURS = {
    "in force": "success",
    "planned": "info",
    "expired": "warning",
    "used up": "warning",
    "off": "danger",
}


class CouponForm(ModelForm):
    def clean_code(self) -> str:
        return normalised(str(self.cleaned_data["code"]))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        needed = {CouponKind.PERCENTAGE: "rate", CouponKind.FIXED_AMOUNT: "amount"}
        for kind, name in needed.items():
            is_needed = data.get("kind") == kind
            if is_needed and data.get(name) is None and name not in self.errors:
                self.add_error(name, "This kind of coupon needs it.")
            if not is_needed and data.get(name) is not None:
                self.add_error(name, "This kind of coupon has none.")
        most = data.get("maximum_uses")
        if most is not None and most < self.instance.uses:
            self.add_error("maximum_uses", f"It was used {self.instance.uses} times already.")
        return data


class StatusFilter(admin.SimpleListFilter):
    """Whether a coupon can be used now."""

    title = "status"
    parameter_name = "status"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Coupon]
    ) -> list[tuple[str, str]]:
        return [(name, name.capitalize()) for name in STATUS_COLOURS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Coupon]) -> QuerySet[Coupon]:
        condition = conditions(timezone.now()).get(self.value() or "")
        return queryset.filter(condition) if condition is not None else queryset


def conditions(now: datetime) -> dict[str, Q]:
    """Return which coupons have which status, each exactly one."""
    is_off = Q(is_active=False) | Q(deleted_at__isnull=False)
    is_planned = Q(starts_at__isnull=False, starts_at__gt=now)
    is_expired = Q(ends_at__isnull=False, ends_at__lte=now)
    is_used_up = Q(maximum_uses__isnull=False, uses__gte=F("maximum_uses"))
    return {
        "off": is_off,
        "planned": ~is_off & is_planned,
        "expired": ~is_off & ~is_planned & is_expired,
        "used up": ~is_off & ~is_planned & ~is_expired & is_used_up,
        "in force": ~is_off & ~is_planned & ~is_expired & ~is_used_up,
    }


class UseInline(TabularInline):
    model = CouponUse
    verbose_name_plural = "Uses"
    fields: ClassVar = ("order_id", "customer", "created_at", "released_at")
    readonly_fields: ClassVar = fields
    hide_title = True
    extra = 0
    can_delete = False
    per_page = 50
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[CouponUse]:
        rows: QuerySet[CouponUse] = super().get_queryset(request)
        return rows.select_related("customer").order_by("-id")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Orders add them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Coupon)
class CouponAdmin(BaseAdmin):
    form = CouponForm
    list_display: ClassVar = ("code", "name", "gives", "status", "used", "starts_at", "ends_at")
    list_filter: ClassVar = (StatusFilter, "kind", "is_active")
    search_fields: ClassVar = ("code", "name")
    ordering: ClassVar = ("-created_at", "-id")
    autocomplete_fields: ClassVar = ("products", "categories")
    inlines: ClassVar = (UseInline,)
    fieldsets: ClassVar = (
        (None, {"fields": (("code", "name"), "is_active")}),
        (
            "What it gives",
            {
                "fields": ("kind", ("rate", "amount", "currency")),
                "description": "A percentage as a fraction: 0.1 is 10 %.",
            },
        ),
        (
            "What it is for",
            {
                "fields": ("minimum_subtotal", "products", "categories"),
                "description": "Everything, unless products or categories are chosen.",
            },
        ),
        (
            "When and how often",
            {
                "fields": (
                    ("starts_at", "ends_at"),
                    ("maximum_uses", "maximum_uses_per_customer"),
                )
            },
        ),
    )

    @display(description="Gives")
    def gives(self, coupon: Coupon) -> str:
        if coupon.kind == CouponKind.FIXED_AMOUNT:
            return f"{quantize(coupon.amount, coupon.currency)} {coupon.currency}"
        if coupon.kind == CouponKind.FREE_SHIPPING:
            return "free shipping"
        return f"{((coupon.rate or Decimal(0)) * 100).normalize():f} %"

    @display(description="Status", label=STATUS_COLOURS)
    def status(self, coupon: Coupon) -> str:
        now = timezone.now()
        statuses = {
            "off": not coupon.is_active or coupon.deleted_at is not None,
            "planned": coupon.starts_at is not None and coupon.starts_at > now,
            "expired": coupon.ends_at is not None and coupon.ends_at <= now,
            "used up": coupon.maximum_uses is not None and coupon.uses >= coupon.maximum_uses,
        }
        return next((name for name, applies in statuses.items() if applies), "in force")

    @display(description="Used", ordering="uses")
    def used(self, coupon: Coupon) -> str:
        return (
            f"{coupon.uses} of {coupon.maximum_uses}" if coupon.maximum_uses else f"{coupon.uses}"
        )
