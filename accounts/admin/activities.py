from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from accounts.models import Activity
from core.admin import ReadOnlyAdmin

COLUMNS = ("action", "target", "ip_address", "user_agent", "occurred_at")


class ActivityInline(TabularInline):
    model = Activity
    fields: ClassVar = COLUMNS
    readonly_fields: ClassVar = COLUMNS
    extra = 0
    per_page = 20
    can_delete = False
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Activity]:
        rows: QuerySet[Activity] = super().get_queryset(request)
        return rows.order_by("-occurred_at", "-id")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ("user", *COLUMNS)
    list_filter: ClassVar = ("action", "occurred_at")
    search_fields: ClassVar = ("user__email", "target", "ip_address")
    list_select_related: ClassVar = ("user",)
    ordering: ClassVar = ("-occurred_at", "-id")
