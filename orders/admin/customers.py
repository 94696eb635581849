"""A customer's orders on the customer's own page in the backoffice."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest
from unfold.admin import TabularInline

from accounts.admin.users import UserAdmin
from orders.models import Order


class OrdersOfUserInline(TabularInline):
    model = Order
    fk_name = "customer"
    fields: ClassVar = ("number", "status", "total", "currency", "placed_at")
    readonly_fields: ClassVar = fields
    ordering: ClassVar = ("-placed_at", "-id")
    extra = 0
    per_page = 10
    can_delete = False
    show_change_link = True
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Orders are placed, not typed in."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Orders are changed on their own page."""
        return False


UserAdmin.show_also(OrdersOfUserInline)
