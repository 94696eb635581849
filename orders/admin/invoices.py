from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from core.admin import ReadOnlyAdmin, ShopDayFilter
from orders.admin.formatting import money_text
from orders.admin.printing import print_invoices
from orders.models import Invoice


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    """The invoices that have a number; nobody changes or deletes one."""

    list_display: ClassVar = ("number", "order_link", "country", "total", "issued_at")
    list_filter: ClassVar = ("country", ("issued_at", ShopDayFilter))
    list_filter_submit = True
    search_fields: ClassVar = ("number", "order__number", "order__email")
    ordering: ClassVar = ("-issued_at", "-id")
    fields: ClassVar = ("number", "order_link", "total", "country", "issued_at", "seller")
    readonly_fields: ClassVar = ("order_link", "total")
    actions_detail: ClassVar = ("show_file",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invoice]:
        rows: QuerySet[Invoice] = super().get_queryset(request)
        return rows.select_related("order")

    @display(description="Order", ordering="order__number")
    def order_link(self, invoice: Invoice) -> SafeString:
        url = reverse("admin:orders_order_change", args=[invoice.order_id])
        return format_html('<a href="{}">{}</a>', url, invoice.order.number)

    @display(description="Total", ordering="order__total")
    def total(self, invoice: Invoice) -> str:
        return money_text(invoice.order.total, invoice.order.currency)

    @action(description="Print", permissions=["show_file"], icon="print")
    def show_file(self, request: HttpRequest, object_id: str) -> HttpResponse:
        order_id = Invoice.objects.values_list("order_id", flat=True).get(pk=UUID(object_id))
        return print_invoices([order_id])

    def has_show_file_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("orders.view_invoice")
