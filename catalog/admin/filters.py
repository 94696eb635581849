from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest


class DeletedFilter(admin.SimpleListFilter):
    """The living, unless the deleted are asked for."""

    title = "deleted"
    parameter_name = "deleted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("only", "Deleted"), ("too", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "too":
            return queryset
        return queryset.filter(deleted_at__isnull=self.value() != "only")


class ScheduledFilter(admin.SimpleListFilter):
    """What comes into the shop or leaves it by itself."""

    title = "schedule"
    parameter_name = "scheduled"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("publish", "To be published"), ("unpublish", "To be taken off")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in {"publish", "unpublish"}:
            return queryset.filter(Q((f"{self.value()}_at__isnull", False)))
        return queryset
