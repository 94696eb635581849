"""Warehouses and shops."""

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
        """Return the locations with how much lies there."""
        rows: QuerySet[Location] = super().get_queryset(request)
        return rows.annotate(unit_count=Sum("stock_items__on_hand", default=0))

    @display(description="State", label={"open": "success", "inactive": "warning"})
    def state(self, location: Location) -> str:
        """Return whether its stock can be bought."""
        if location.deleted_at:
            return "closed"
        return "open" if location.is_active else "inactive"

    @display(description="Units on hand")
    def units(self, location: Any) -> int:
        """Return how much lies there."""
        return int(location.unit_count)

    def save_model(self, request: HttpRequest, obj: Location, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Open or change the location."""
        if not change:
            obj.pk = services.create_location(fields=form.cleaned_data).pk
        elif form.changed_data:
            services.update_location(location_id=obj.pk, changes=form.cleaned_data)

    def delete_model(self, request: HttpRequest, obj: Location) -> None:
        """Close the location, when it is empty."""
        services.delete_location(location_id=obj.pk)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer nothing in bulk: locations are closed one by one."""
        return {}
