"""What staff do to many orders at once, from the list."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import ClassVar, cast
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from core.admin import Question, ReadOnlyAdmin, ask_first
from core.errors import DomainError
from orders import services
from orders.admin.printing import MOST_PRINTED, print_invoices, print_packing_slips
from orders.models import Order
from orders.services import Parcel

CHANGE = "orders.change_order"
_SHIP = Question(
    action="ship_selected",
    title="Ship orders",
    text="Ship all that is left of these orders, each in one parcel? Their customers are told.",
    button="Ship",
)
_INVOICE = Question(
    action="print_selected_invoices",
    title="Print invoices",
    text="Print the invoices of these orders? Those that are paid and have none get a number.",
    button="Print",
)


class BulkActions(ReadOnlyAdmin):
    actions: ClassVar = ("ship_selected", "print_selected_slips", "print_selected_invoices")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Staff enter drafts."""
        return request.user.has_perm(CHANGE)

    def has_ship_selected_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(CHANGE)

    @admin.action(description="Ship", permissions=["ship_selected"])
    def ship_selected(self, request: HttpRequest, orders: QuerySet[Order]) -> HttpResponse | None:
        """Ask, then ship each order in a transaction of its own."""
        if page := ask_first(request, self, orders, _SHIP):
            return page
        staff = cast("User", request.user)  # the admin lets nobody else in
        shipped = 0
        for order_id, number in orders.order_by("placed_at", "id").values_list("pk", "number"):
            try:
                services.ship_order(order_id=order_id, by=staff, parcel=Parcel())
            except DomainError as refusal:
                messages.error(request, f"{number}: {refusal.detail}")
            else:
                shipped += 1
        if shipped:
            messages.success(request, f"Shipped: {shipped}.")
        return None

    @admin.action(description="Print packing slips", permissions=["view"])
    def print_selected_slips(
        self, request: HttpRequest, orders: QuerySet[Order]
    ) -> HttpResponse | None:
        return _printed(request, orders, print_packing_slips)

    @admin.action(description="Print invoices", permissions=["view"])
    def print_selected_invoices(
        self, request: HttpRequest, orders: QuerySet[Order]
    ) -> HttpResponse | None:
        """Ask, then print the invoice of each paid order."""
        if page := ask_first(request, self, orders, _INVOICE):
            return page
        return _printed(request, orders, print_invoices)


def _printed(
    request: HttpRequest,
    orders: QuerySet[Order],
    print_all: Callable[[Collection[UUID]], HttpResponse],
) -> HttpResponse | None:
    order_ids = list(orders.values_list("pk", flat=True)[: MOST_PRINTED + 1])
    if len(order_ids) > MOST_PRINTED:
        messages.error(request, f"Choose at most {MOST_PRINTED} orders to print.")
        return None
    try:
        return print_all(order_ids)
    except DomainError as refusal:
        messages.error(request, refusal.detail)
        return None
