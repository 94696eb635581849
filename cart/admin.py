"""Carts in the backoffice: looked at, to help customers; never changed by hand."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.decorators import display

from cart.models import Cart, CartItem, CartStatus
from core.admin import ReadOnlyAdmin

COLOURS: dict[str, str] = {
    CartStatus.OPEN: "info",
    CartStatus.ORDERED: "success",
    CartStatus.MERGED: "warning",
}


class ItemInline(TabularInline):
    model = CartItem
    verbose_name_plural = "Items"
    fields: ClassVar = ("variant", "quantity", "unit_price_seen", "created_at", "updated_at")
    readonly_fields: ClassVar = fields
    hide_title = True
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[CartItem]:
        rows: QuerySet[CartItem] = super().get_queryset(request)
        return rows.select_related("variant").order_by("created_at", "id")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Cart)
class CartAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ("owner", "state", "units", "currency", "updated_at")
    list_filter: ClassVar = ("status", "updated_at")
    search_fields: ClassVar = ("customer__email", "items__variant__sku")
    ordering: ClassVar = ("-updated_at", "-id")
    fields: ClassVar = (("owner", "state"), ("units", "currency"), ("created_at", "updated_at"))
    readonly_fields: ClassVar = ("owner", "state", "units")
    inlines: ClassVar = (ItemInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cart]:
        rows: QuerySet[Cart] = super().get_queryset(request)
        return rows.select_related("customer").annotate(
            unit_count=Sum("items__quantity", default=0)
        )

    @display(description="Whose", ordering="customer__email")
    def owner(self, cart: Cart) -> str:
        return cart.customer.email if cart.customer else "a guest"

    @display(description="Status", ordering="status", label=COLOURS)
    def state(self, cart: Cart) -> str:
        return cart.status

    @display(description="Units", ordering="unit_count")
    def units(self, cart: Any) -> int:
        return int(cart.unit_count)
