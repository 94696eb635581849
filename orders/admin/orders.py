"""Orders in the backoffice: looked at freely, changed only through services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from core.admin import ShopDayFilter, back_to, dialog
from core.errors import DomainError
from orders import pick_list, selectors, services, statuses, transitions
from orders.admin.bulk import BulkActions
from orders.admin.dialogs import NoteForm, ParcelForm, RestForm, ReturnForm, WrittenNoteForm
from orders.admin.drafts import DraftActions
from orders.admin.formatting import (
    FULFILLMENT_COLOURS,
    PAYMENT_COLOURS,
    STATUS_COLOURS,
    address_text,
    money_text,
)
from orders.admin.inlines import EventInline, LineInline, ShipmentInline
from orders.admin.printing import print_invoices, print_packing_slips
from orders.admin.returns import ReturnInline
from orders.models import Order, OrderStatus
from orders.transitions import Actor

CHANGE = "orders.change_order"
POST = "POST"


@admin.register(Order)
class OrderAdmin(BulkActions, DraftActions):
    list_display: ClassVar = (
        "number",
        "email",
        "state",
        "paid",
        "fulfilled",
        "sum",
        "channel",
        "placed_at",
    )
    list_filter: ClassVar = ("status", "channel", "currency", ("placed_at", ShopDayFilter))
    list_filter_submit = True
    list_before_template = "orders/admin/status_tabs.html"
    search_fields: ClassVar = ("number",)
    search_help_text = "Number, e-mail address, SKU, product or tracking number"
    ordering: ClassVar = ("-placed_at", "-id")
    inlines: ClassVar = (LineInline, ShipmentInline, ReturnInline, EventInline)
    fieldsets: ClassVar = (
        (
            None,
            {
                "fields": (
                    ("number", "state"),
                    ("paid", "fulfilled"),
                    ("customer", "email"),
                    ("placed_at", "payment_due_at"),
                    ("paid_at", "cancelled_at"),
                    "customer_note",
                )
            },
        ),
        (
            "Totals",
            {
                "fields": (
                    ("goods", "discounts"),
                    ("delivery", "tax"),
                    ("sum", "prices_include_tax"),
                )
            },
        ),
        ("Delivery", {"fields": (("sent_to", "billed_to"), "shipping_method_name")}),
        ("Payment", {"fields": ("payment_panel",)}),
        ("Stock", {"fields": ("stock_panel",)}),
    )
    readonly_fields: ClassVar = (
        "state",
        "paid",
        "fulfilled",
        "goods",
        "discounts",
        "delivery",
        "tax",
        "sum",
        "sent_to",
        "billed_to",
        "payment_panel",
        "stock_panel",
    )
    actions_detail: ClassVar = (
        *("ship", "deliver", "take_back", "refund", "cancel", "cancel_rest"),
        *("send_link", "change_lines", "note", "slip", "invoice"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        """Return the orders with the figures that their statuses are derived from."""
        orders: QuerySet[Order] = super().get_queryset(request)
        return selectors.with_figures(orders).select_related("customer")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        term = search_term.strip()
        return (selectors.orders_matching(queryset, term) if term else queryset), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list below a tab for each status, with how many orders stand there."""
        counts = selectors.counts_by_status()
        statuses = [(value, name, counts.get(value, 0)) for value, name in OrderStatus.choices]
        tabs = {
            "tabs": [("", "All", sum(counts.values())), *statuses],
            "chosen": request.GET.get("status__exact", ""),
        }
        response: HttpResponse = super().changelist_view(request, {**(extra_context or {}), **tabs})
        return response

    @display(description="Status", ordering="status", label=STATUS_COLOURS)
    def state(self, order: Order) -> str:
        return order.status

    @display(description="Payment", label=PAYMENT_COLOURS)
    def paid(self, order: Order) -> str:
        return statuses.payment_status(order).value

    @display(description="Fulfilment", label=FULFILLMENT_COLOURS)
    def fulfilled(self, order: Order) -> str:
        return statuses.fulfillment_status(order).value

    @display(description="Total", ordering="total")
    def sum(self, order: Order) -> str:
        return money_text(order.total, order.currency)

    @display(description="Subtotal")
    def goods(self, order: Order) -> str:
        return money_text(order.subtotal, order.currency)

    @display(description="Discounts")
    def discounts(self, order: Order) -> str:
        return money_text(order.discount_total, order.currency)

    @display(description="Shipping")
    def delivery(self, order: Order) -> str:
        return money_text(order.shipping_total, order.currency)

    @display(description="Tax")
    def tax(self, order: Order) -> str:
        return money_text(order.tax_total, order.currency)

    @display(description="Ship to")
    def sent_to(self, order: Order) -> SafeString | str:
        return address_text(order.shipping_address)

    @display(description="Bill to")
    def billed_to(self, order: Order) -> SafeString | str:
        return address_text(order.billing_address)

    @display(description="Payment")
    def payment_panel(self, order: Order) -> SafeString:
        return render_to_string(
            "orders/admin/payment.html",
            {
                "payment": selectors.payment_summary(order),
                "currency": order.currency,
                "is_free": not order.total,
            },
        )

    @display(description="Stock")
    def stock_panel(self, order: Order) -> SafeString:
        rows = pick_list.stock_of(selectors.order_page(order.pk))
        return render_to_string("orders/admin/stock.html", {"rows": rows})

    @action(
        description="Ship",
        permissions=["ship"],
        icon="local_shipping",
        dialog=dialog(
            "Ship this order",
            "The units leave the stock and the customer is told.",
            "Ship",
            ParcelForm,
        ),
    )
    def ship(self, request: HttpRequest, form: ParcelForm, object_id: str) -> HttpResponse:
        return self._carry_out(request, object_id, form, services.ship_order, parcel=form.parcel())

    @action(
        description="Delivered",
        permissions=["deliver"],
        icon="where_to_vote",
        dialog=dialog(
            "Note that everything has arrived",
            "Every parcel counts as delivered.",
            "Done",
            NoteForm,
        ),
    )
    def deliver(self, request: HttpRequest, form: NoteForm, object_id: str) -> HttpResponse:
        return self._carry_out(request, object_id, form, services.deliver_order)

    @action(
        description="Cancel order",
        permissions=["cancel"],
        icon="cancel",
        dialog=dialog(
            "Cancel this order",
            "Its stock is free again and what was paid goes back. This cannot be undone.",
            "Cancel the order",
            NoteForm,
        ),
    )
    def cancel(self, request: HttpRequest, form: NoteForm, object_id: str) -> HttpResponse:
        return self._carry_out(request, object_id, form, services.cancel_order, actor=Actor.STAFF)

    @action(
        description="Cancel the rest",
        permissions=["cancel_rest"],
        icon="remove_shopping_cart",
        dialog=dialog(
            "Cancel what has not left",
            "What it costs goes back, and the order is shipped with that. This cannot be undone.",
            "Cancel the rest",
            RestForm,
        ),
    )
    def cancel_rest(self, request: HttpRequest, form: RestForm, object_id: str) -> HttpResponse:
        restock = form.cleaned_data["restock"]
        return self._carry_out(request, object_id, form, services.cancel_rest, restock=restock)

    @action(
        description="Take back",
        permissions=["take_back"],
        icon="assignment_return",
        dialog=dialog(
            "Ask for a return on behalf of the customer",
            "It is approved and received on its own page.",
            "Ask for the return",
            ReturnForm,
        ),
    )
    def take_back(self, request: HttpRequest, form: ReturnForm, object_id: str) -> HttpResponse:
        page = reverse("admin:orders_order_change", args=[object_id])
        try:
            returned = services.request_return(command=form.command(request))
        except DomainError as refusal:
            messages.error(request, refusal.detail)
        else:
            page = reverse("admin:orders_return_change", args=[returned.pk])
        return back_to(request, page)

    @action(
        description="Note",
        permissions=["note"],
        icon="edit_note",
        dialog=dialog(
            "Add a note to the timeline",
            "The status stays as it is.",
            "Add",
            WrittenNoteForm,
        ),
    )
    def note(self, request: HttpRequest, form: WrittenNoteForm, object_id: str) -> HttpResponse:
        return self._carry_out(request, object_id, form, services.write_note)

    @action(description="Refund", permissions=["refund"], icon="undo")
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Go to the payment, where money is given back."""
        payment = selectors.payment_summary(Order.objects.get(pk=object_id))
        if payment is None:
            return back_to(request, reverse("admin:orders_order_change", args=[object_id]))
        return back_to(request, reverse("admin:payments_payment_change", args=[payment.id]))

    @action(description="Packing slip", permissions=["print"], icon="package_2")
    def slip(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return print_packing_slips([UUID(object_id)])

    @action(description="Invoice", permissions=["print"], icon="receipt_long")
    def invoice(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the invoice, which gets its number now if it has none."""
        try:
            return print_invoices([UUID(object_id)])
        except DomainError as refusal:
            messages.error(request, refusal.detail)
            return back_to(request, reverse("admin:orders_order_change", args=[object_id]))

    def has_note_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm(CHANGE)

    def has_print_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("orders.view_order")

    def has_refund_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        order = selectors.order_by_id(object_id) if object_id else None
        payment = selectors.payment_summary(order) if order else None
        has_money = payment is not None and payment.captured > payment.refunded
        return has_money and request.user.has_perm("payments.change_payment")

    def has_take_back_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        if not request.user.has_perm(CHANGE):
            return False
        order = selectors.order_by_id(object_id) if object_id else None
        is_delivered = order is not None and order.status == OrderStatus.DELIVERED
        return request.method == POST or is_delivered

    def has_ship_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return _may(request, object_id, OrderStatus.SHIPPED)

    def has_deliver_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return _may(request, object_id, OrderStatus.DELIVERED)

    def has_cancel_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return _may(request, object_id, OrderStatus.CANCELLED)

    def has_cancel_rest_permission(
        self, request: HttpRequest, object_id: str | None = None
    ) -> bool:
        if not request.user.has_perm(CHANGE):
            return False
        order = selectors.order_by_id(object_id) if object_id else None
        return request.method == POST or (order is not None and transitions.has_rest(order))

    def _carry_out(
        self,
        request: HttpRequest,
        object_id: str,
        form: NoteForm,
        service: Callable[..., Order],
        **details: Any,
    ) -> HttpResponse:
        note = form.cleaned_data["note"]
        try:
            order = service(order_id=UUID(object_id), by=request.user, note=note, **details)
        except DomainError as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, f"Done: order {order.number} is {order.status}.")
        return back_to(request, reverse("admin:orders_order_change", args=[object_id]))


def _may(request: HttpRequest, object_id: str | None, target: OrderStatus) -> bool:
    """Tell whether to offer an action; once it is submitted, the service decides and says why."""
    if not request.user.has_perm(CHANGE):
        return False
    if request.method == POST:
        return True
    order = selectors.order_by_id(object_id) if object_id else None
    return order is not None and target in transitions.allowed_targets(order, Actor.STAFF)
