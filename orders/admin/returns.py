"""Returns in the backoffice: seen on their order's page, decided on their own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action, display
from unfold.widgets import UnfoldBooleanSwitchWidget

from core.admin import ReadOnlyAdmin, back_to, dialog
from core.errors import DomainError
from orders import services
from orders.admin.dialogs import NoteForm
from orders.admin.formatting import NOTHING, RETURN_COLOURS, money_text
from orders.admin.inlines import HistoryInline
from orders.models import Return, ReturnLine, ReturnStatus
from orders.services import ReturnStep
from orders.transitions import RETURN_TRANSITIONS

CHANGE = "orders.change_order"
POST = "POST"


class ReceiveForm(NoteForm):
    restock = forms.BooleanField(
        required=False, initial=True, widget=UnfoldBooleanSwitchWidget, label="Put back on stock"
    )
    field_order = ("restock", "note")


class ReturnLineInline(HistoryInline):
    model = ReturnLine
    verbose_name_plural = "Goods"
    fields: ClassVar = ("what", "quantity")
    readonly_fields: ClassVar = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReturnLine]:
        rows: QuerySet[ReturnLine] = super().get_queryset(request)
        return rows.select_related("order_line")

    @display(description="Product")
    def what(self, line: ReturnLine) -> str:
        return f"{line.order_line.product_name} ({line.order_line.sku})"


class ReturnInline(HistoryInline):
    """The returns of an order, each with a link to where it is decided."""

    model = Return
    verbose_name_plural = "Returns"
    show_change_link = True
    ordered_by = ("requested_at", "id")
    fields: ClassVar = ("requested_at", "state", "goods", "reason", "refund")
    readonly_fields: ClassVar = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Return]:
        rows: QuerySet[Return] = super().get_queryset(request)
        return rows.select_related("order").prefetch_related("lines__order_line")

    @display(description="Status", label=RETURN_COLOURS)
    def state(self, returned: Return) -> str:
        return returned.status

    @display(description="Goods")
    def goods(self, returned: Return) -> str:
        return goods_text(returned)

    @display(description="Refund")
    def refund(self, returned: Return) -> str:
        return money_text(returned.refund_amount, returned.order.currency)


@admin.register(Return)
class ReturnAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ("order", "state", "goods", "refund", "requested_at")
    list_filter: ClassVar = ("status",)
    search_fields: ClassVar = ("order__number", "order__email")
    search_help_text = "Number of the order or e-mail address"
    ordering: ClassVar = ("-requested_at", "-id")
    inlines: ClassVar = (ReturnLineInline,)
    fields: ClassVar = (
        ("order", "state"),
        ("refund", "is_restocked"),
        "reason",
        "note",
        ("requested_at", "approved_at"),
        ("received_at", "rejected_at"),
    )
    readonly_fields: ClassVar = ("state", "refund")
    actions_detail: ClassVar = ("approve", "receive", "reject")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Return]:
        rows: QuerySet[Return] = super().get_queryset(request)
        return rows.select_related("order").prefetch_related("lines__order_line")

    @display(description="Status", ordering="status", label=RETURN_COLOURS)
    def state(self, returned: Return) -> str:
        return returned.status

    @display(description="Goods")
    def goods(self, returned: Return) -> str:
        return goods_text(returned)

    @display(description="Refund")
    def refund(self, returned: Return) -> str:
        return money_text(returned.refund_amount, returned.order.currency)

    @action(
        description="Approve",
        permissions=["approve"],
        icon="check",
        dialog=dialog("Approve this return", "The customer may send it.", "Approve", NoteForm),
    )
    def approve(self, request: HttpRequest, form: NoteForm, object_id: str) -> HttpResponse:
        return _carry_out(request, form, object_id, services.approve_return)

    @action(
        description="Received",
        permissions=["receive"],
        icon="inventory",
        dialog=dialog(
            "Note that the goods have arrived",
            "What they cost goes back to the customer. This cannot be undone.",
            "Receive and refund",
            ReceiveForm,
        ),
    )
    def receive(self, request: HttpRequest, form: ReceiveForm, object_id: str) -> HttpResponse:
        service = partial(services.receive_return, restock=form.cleaned_data["restock"])
        return _carry_out(request, form, object_id, service)

    @action(
        description="Reject",
        permissions=["reject"],
        icon="block",
        dialog=dialog("Reject this return", "Nothing is refunded.", "Reject", NoteForm),
    )
    def reject(self, request: HttpRequest, form: NoteForm, object_id: str) -> HttpResponse:
        return _carry_out(request, form, object_id, services.reject_return)

    def has_approve_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return _may(request, object_id, ReturnStatus.APPROVED)

    def has_receive_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return _may(request, object_id, ReturnStatus.RECEIVED)

    def has_reject_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return _may(request, object_id, ReturnStatus.REJECTED)


def goods_text(returned: Return) -> str:
    lines = returned.lines.all()
    return ", ".join(f"{line.quantity} × {line.order_line.sku}" for line in lines) or NOTHING


def _carry_out(
    request: Any, form: NoteForm, object_id: str, service: Callable[..., Return]
) -> HttpResponse:
    order_id = Return.objects.values_list("order_id", flat=True).get(pk=object_id)
    note = form.cleaned_data["note"]
    step = ReturnStep(order_id, UUID(object_id), request.user, note)
    try:
        returned = service(step=step)
    except DomainError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, f"Done: the return is {returned.status}.")
    return back_to(request, reverse("admin:orders_return_change", args=[object_id]))


def _may(request: HttpRequest, object_id: str | None, target: ReturnStatus) -> bool:
    """Tell whether to offer an action; once it is submitted, the service decides and says why."""
    if not request.user.has_perm(CHANGE):
        return False
    if request.method == POST:
        return True
    returned = Return.objects.filter(pk=object_id).first() if object_id else None
    return returned is not None and target in RETURN_TRANSITIONS[ReturnStatus(returned.status)]
