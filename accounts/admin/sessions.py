from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from accounts.models import Session
from core.admin import ReadOnlyAdmin

COLUMNS = ("user_agent", "ip_address", "created_at", "last_used_at", "state")


class SessionColumns:
    @admin.display(description="State")
    def state(self, session: Session) -> str:
        return session.state()


class SessionInline(SessionColumns, TabularInline):
    model = Session
    fields: ClassVar = COLUMNS
    readonly_fields: ClassVar = COLUMNS
    extra = 0
    per_page = 10
    can_delete = False
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        rows: QuerySet[Session] = super().get_queryset(request)
        return rows.order_by("-last_used_at", "-id")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Session)
class SessionAdmin(SessionColumns, ReadOnlyAdmin):
    list_display: ClassVar = ("user", *COLUMNS)
    list_filter: ClassVar = ("end_reason", "created_at")
    search_fields: ClassVar = ("user__email", "ip_address", "user_agent")
    list_select_related: ClassVar = ("user",)
    ordering: ClassVar = ("-last_used_at", "-id")
    exclude: ClassVar = ("refresh_jti",)
