from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from unfold.decorators import display

from core.admin import ServiceAdmin
from inventory import services
from inventory.models import Location


@admin.register(Location)
class LocationAdmin(ServiceAdmin):
    """Where stock lies, and what leaves first."""

    list_display: ClassVar = ("name", "code", "kind", "country", "priority", "state", "units")
    list_filter: ClassVar = ("kind", "is_active")
    search_fields: ClassVar = ("name", "code")
    ordering: ClassVar = ("priority", "id")
    fields: ClassVar = (("name", "code"), ("kind", "country"), ("priority", "is_active"))
    actions: ClassVar = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Location]:
        rows: QuerySet[Location] = super().get_queryset(request)
        return rows.annotate(unit_count=Sum("stock_items__on_hand", default=0))

    @display(description="State", label={"open": "success", "inactive": "warning"})
    def state(self, location: Location) -> str:
        if location.deleted_at:
            return "closed"
        return "open" if location.is_active else "inactive"

    @display(description="Units on hand")
    def units(self, location: Any) -> int:
        return int(location.unit_count)

    def create(self, request: HttpRequest, values: Any) -> Location:
        return services.create_location(fields=values)

    def update(self, request: HttpRequest, obj: Location, changes: Any) -> None:
        if changes:
            services.update_location(location_id=obj.pk, changes=changes)

    def delete_model(self, request: HttpRequest, obj: Location) -> None:
        """Close the location, when it is empty."""
        services.delete_location(location_id=obj.pk)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}
