"""The ledger and the promises: looked at, never changed by hand."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from unfold.decorators import display

from core.admin import ReadOnlyAdmin
from inventory.models import Reservation, StockMovement


@admin.register(StockMovement)
class MovementAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ("created_at", "sku", "location", "delta", "reason", "note", "actor")
    list_filter: ClassVar = ("reason", "stock_item__location", "created_at")
    list_select_related: ClassVar = ("stock_item__variant", "stock_item__location", "actor")
    search_fields: ClassVar = ("stock_item__variant__sku", "reference", "note")
    ordering: ClassVar = ("-created_at", "-id")
    fields: ClassVar = (
        ("sku", "location"),
        ("delta", "reason"),
        ("note", "reference"),
        ("actor", "created_at"),
    )
    readonly_fields: ClassVar = ("sku", "location", "created_at")

    @display(description="SKU", ordering="stock_item__variant__sku")
    def sku(self, movement: StockMovement) -> str:
        return str(movement.stock_item.variant.sku)

    @display(description="Location", ordering="stock_item__location__name")
    def location(self, movement: StockMovement) -> str:
        return str(movement.stock_item.location.name)


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    list_display: ClassVar = (
        "created_at",
        "sku",
        "location",
        "quantity",
        "fulfilled",
        "released",
        "order_id",
    )
    list_filter: ClassVar = ("stock_item__location", "created_at")
    list_select_related: ClassVar = ("stock_item__variant", "stock_item__location")
    search_fields: ClassVar = ("stock_item__variant__sku", "=order_id")
    ordering: ClassVar = ("-id",)
    fields: ClassVar = (
        ("sku", "location"),
        ("quantity", "fulfilled", "released"),
        ("order_id", "line_id"),
        ("created_at", "updated_at"),
    )
    readonly_fields: ClassVar = ("sku", "location", "created_at", "updated_at")

    @display(description="SKU", ordering="stock_item__variant__sku")
    def sku(self, reservation: Reservation) -> str:
        return str(reservation.stock_item.variant.sku)

    @display(description="Location", ordering="stock_item__location__name")
    def location(self, reservation: Reservation) -> str:
        return str(reservation.stock_item.location.name)
