"""What an order's page shows beside the order itself; all of it is history."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import display

from orders.admin.formatting import NOTHING, STATUS_COLOURS, money_text
from orders.carriers import tracking_url
from orders.models import OrderEvent, OrderLine, Shipment


class HistoryInline(TabularInline):
    hide_title = True
    extra = 0
    can_delete = False
    ordered_by: ClassVar[tuple[str, ...]] = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.order_by(*self.ordered_by)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LineInline(HistoryInline):
    model = OrderLine
    verbose_name_plural = "Lines"
    ordered_by = ("position",)
    fields: ClassVar = (
        "product_name",
        "sku",
        "chosen",
        "price",
        "quantity",
        "cancelled_quantity",
        "discount",
        "tax",
        "sum",
    )
    readonly_fields: ClassVar = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderLine]:
        rows: QuerySet[OrderLine] = super().get_queryset(request)
        return rows.select_related("order")

    @display(description="Options")
    def chosen(self, line: OrderLine) -> str:
        return ", ".join(f"{name}: {value}" for name, value in line.options.items()) or NOTHING

    @display(description="Unit price")
    def price(self, line: OrderLine) -> str:
        return money_text(line.unit_price, line.order.currency)

    @display(description="Discount")
    def discount(self, line: OrderLine) -> str:
        return money_text(line.line_discount, line.order.currency)

    @display(description="Tax")
    def tax(self, line: OrderLine) -> str:
        return f"{money_text(line.tax_amount, line.order.currency)} ({line.tax_rate:.2%})"

    @display(description="Total")
    def sum(self, line: OrderLine) -> str:
        return money_text(line.line_total, line.order.currency)


class ShipmentInline(HistoryInline):
    model = Shipment
    verbose_name_plural = "Shipments"
    ordered_by = ("shipped_at", "id")
    fields: ClassVar = ("shipped_at", "carrier", "parcel", "contents", "delivered_at")
    readonly_fields: ClassVar = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shipment]:
        rows: QuerySet[Shipment] = super().get_queryset(request)
        return rows.prefetch_related("lines__order_line")

    @display(description="Tracking number")
    def parcel(self, shipment: Shipment) -> SafeString | str:
        url = tracking_url(carrier=shipment.carrier, tracking_number=shipment.tracking_number)
        if not url:
            return shipment.tracking_number or NOTHING
        return format_html(
            '<a class="text-primary-600 underline" href="{}" target="_blank" rel="noopener">{}</a>',
            url,
            shipment.tracking_number,
        )

    @display(description="Contents")
    def contents(self, shipment: Shipment) -> str:
        lines = shipment.lines.all()
        return ", ".join(f"{line.quantity} × {line.order_line.sku}" for line in lines) or NOTHING


class EventInline(HistoryInline):
    """How the order came to its status."""

    model = OrderEvent
    verbose_name_plural = "Timeline"
    fields: ClassVar = ("at", "became", "who", "note")
    readonly_fields: ClassVar = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderEvent]:
        rows: QuerySet[OrderEvent] = super().get_queryset(request)
        return rows.select_related("by")

    @display(description="Became", label=STATUS_COLOURS)
    def became(self, event: OrderEvent) -> str:
        return event.to_status

    @display(description="By")
    def who(self, event: OrderEvent) -> str:
        return event.by.email if event.by else "system"
