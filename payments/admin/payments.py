"""Payments in the backoffice: looked at freely, changed only through services."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar, cast
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import action, display

from accounts.models import User
from core.admin import ReadOnlyAdmin, back_to, dialog
from core.errors import DomainError
from core.money import quantize
from payments import selectors
from payments.admin.dialogs import AmountForm, ReasonForm, RefundForm
from payments.models import Payment, PaymentStatus, PaymentTransaction, TransactionStatus
from payments.selectors import AttemptFigures
from payments.services import staff
from payments.services.staff import StaffRequest
from payments.sums import capturable, is_voidable, refund_awaiting_staff, refundable

COLOURS: dict[str, str] = {
    PaymentStatus.SUCCEEDED: "success",
    PaymentStatus.AUTHORIZED: "info",
    PaymentStatus.PARTIALLY_CAPTURED: "warning",
    PaymentStatus.PENDING: "warning",
    PaymentStatus.REQUIRES_ACTION: "warning",
    PaymentStatus.FAILED: "danger",
    PaymentStatus.REFUNDED: "info",
    PaymentStatus.PARTIALLY_REFUNDED: "info",
}
TRANSACTION_COLOURS: dict[str, str] = {
    TransactionStatus.SUCCEEDED: "success",
    TransactionStatus.FAILED: "danger",
    TransactionStatus.REQUESTED: "warning",
    TransactionStatus.REQUIRES_ACTION: "warning",
}


NOTHING = "–"
POST = "POST"
LATELY = timedelta(days=30)


def may_act(request: HttpRequest) -> bool:
    return request.user.has_perm("payments.change_payment")


def money_text(amount: Decimal, currency: str) -> str:
    return f"{quantize(amount, currency):f} {currency}"


def fee_text(transaction: PaymentTransaction) -> str:
    return money_text(transaction.fee or Decimal(0), transaction.fee_currency)


def _shown(figures: AttemptFigures) -> dict[str, Any]:
    rate = figures.success_rate
    return {**asdict(figures), "rate": NOTHING if rate is None else f"{rate:.1%}"}


class TransactionInline(TabularInline):
    """The timeline of a payment: every request to the provider and its outcome."""

    model = PaymentTransaction
    verbose_name_plural = "Timeline"
    hide_title = True
    fields: ClassVar = (
        "at",
        "kind",
        "money",
        "refunded_lines",
        "status",
        "fees",
        "reference",
        "error_code",
        "reason",
        "by",
        "duration",
    )
    readonly_fields: ClassVar = fields
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[PaymentTransaction]:
        rows: QuerySet[PaymentTransaction] = super().get_queryset(request)
        rows = rows.select_related("payment", "by").order_by("at", "id")
        return rows.prefetch_related("refund_lines__order_line")

    @display(description="Amount")
    def money(self, transaction: PaymentTransaction) -> str:
        return money_text(transaction.amount, transaction.payment.currency)

    @display(description="For")
    def refunded_lines(self, transaction: PaymentTransaction) -> str:
        lines = sorted(transaction.refund_lines.all(), key=lambda line: line.pk)
        texts = [
            f"{line.quantity} × {line.order_line.sku}" if line.order_line else "shipping"
            for line in lines
        ]
        return ", ".join(texts) or NOTHING

    @display(description="Fee")
    def fees(self, transaction: PaymentTransaction) -> str:
        return NOTHING if transaction.fee is None else fee_text(transaction)

    @display(description="Took")
    def duration(self, transaction: PaymentTransaction) -> str:
        if transaction.finished_at is None:
            return NOTHING
        return f"{(transaction.finished_at - transaction.at).total_seconds():.2f} s"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    """Payments, what they consist of, and what staff can do with them."""

    list_display: ClassVar = (
        "number",
        "provider",
        "money",
        "captured_amount",
        "refunded_amount",
        "state",
        "created_at",
    )
    list_filter: ClassVar = ("status", "provider", "currency", "created_at")
    search_fields: ClassVar = (
        "order__number",
        "order__email",
        "reference",
        "transactions__reference",
    )
    search_help_text = "Number of the order, e-mail address or reference"
    list_before_template = "payments/admin/attempt_figures.html"
    list_select_related: ClassVar = ("order",)
    ordering: ClassVar = ("-created_at", "-id")
    fields: ClassVar = (
        ("order_link", "status"),
        ("provider", "reference"),
        ("money", "authorized_amount"),
        ("captured_amount", "refunded_amount"),
        ("fees", "currency"),
        ("created_at", "updated_at"),
    )
    readonly_fields: ClassVar = (
        "order_link",
        "money",
        "authorized_amount",
        "captured_amount",
        "refunded_amount",
        "fees",
    )
    inlines: ClassVar = (TransactionInline,)
    actions_detail: ClassVar = ("refund", "capture", "void")

    def has_refund_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return _may(request, object_id, lambda rows: refundable(rows) > 0 or _waits(rows))

    def has_capture_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return _may(request, object_id, lambda rows: capturable(rows) > 0)

    def has_void_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return _may(request, object_id, is_voidable)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        now = timezone.now()
        figures = selectors.attempt_figures(since=now - LATELY, until=now)
        told = {"figures": [_shown(row) for row in figures], "days": LATELY.days}
        context = {**(extra_context or {}), **told}
        response: HttpResponse = super().changelist_view(request, context)
        return response

    @display(description="Order", ordering="order__number")
    def number(self, payment: Payment) -> str:
        return payment.order.number

    @display(description="Order")
    def order_link(self, payment: Payment) -> SafeString:
        url = reverse("admin:orders_order_change", args=[payment.order_id])
        return format_html(
            '<a class="text-primary-600 underline" href="{}">{}</a>', url, payment.order.number
        )

    @display(description="Amount", ordering="amount")
    def money(self, payment: Payment) -> str:
        return money_text(payment.amount, payment.currency)

    @display(description="Authorized")
    def authorized_amount(self, payment: Payment) -> str:
        return money_text(payment.authorized, payment.currency)

    @display(description="Captured", ordering="captured")
    def captured_amount(self, payment: Payment) -> str:
        return money_text(payment.captured, payment.currency)

    @display(description="Refunded", ordering="refunded")
    def refunded_amount(self, payment: Payment) -> str:
        return money_text(payment.refunded, payment.currency)

    @display(description="Fees")
    def fees(self, payment: Payment) -> str:
        sums = selectors.fees_of(payment)
        return ", ".join(money_text(fee, currency) for currency, fee in sums.items()) or NOTHING

    @display(description="Status", ordering="status", label=COLOURS)
    def state(self, payment: Payment) -> tuple[str, str]:
        return payment.status, payment.get_status_display()

    @action(
        description="Refund",
        permissions=["refund"],
        icon="undo",
        dialog=dialog(
            "Refund this payment",
            "The money goes back to the customer at once. This cannot be undone.",
            "Refund",
            RefundForm,
        ),
    )
    def refund(self, request: HttpRequest, form: RefundForm, object_id: str) -> HttpResponse:
        items = form.items()
        lines = {
            "items": items,
            "restock": form.cleaned_data["restock"] or not items,
            "shipping": bool(form.cleaned_data.get("shipping")),
            "everything": form.cleaned_data["everything"],
        }
        return self._carry_out(request, object_id, form, staff.refund_payment, **lines)

    @action(
        description="Capture",
        permissions=["capture"],
        icon="payments",
        dialog=dialog(
            "Capture the authorized amount",
            "The money is taken from the customer at once.",
            "Capture",
            AmountForm,
        ),
    )
    def capture(self, request: HttpRequest, form: AmountForm, object_id: str) -> HttpResponse:
        return self._carry_out(request, object_id, form, staff.capture_payment)

    @action(
        description="Void",
        permissions=["void"],
        icon="block",
        dialog=dialog(
            "Void the authorization",
            "What is authorized and not captured is released. The order can be paid anew if "
            "nothing was captured.",
            "Void",
            ReasonForm,
        ),
    )
    def void(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        return self._carry_out(request, object_id, form, staff.void_payment)

    def _carry_out(
        self,
        request: HttpRequest,
        object_id: str,
        form: ReasonForm,
        service: Callable[..., Payment],
        **lines: Any,
    ) -> HttpResponse:
        staff_request = StaffRequest(
            payment_id=UUID(object_id),
            by=cast("User", request.user),  # the admin lets nobody else in
            amount=form.cleaned_data.get("amount"),
            reason=form.cleaned_data["reason"],
            **lines,
        )
        try:
            payment = service(request=staff_request)
        except DomainError as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, f"Done: the payment is {payment.get_status_display()}.")
        return back_to(request, reverse("admin:payments_payment_change", args=[object_id]))


def _may(
    request: HttpRequest,
    object_id: str | None,
    is_possible: Callable[[Sequence[PaymentTransaction]], bool],
) -> bool:
    """Tell whether to offer an action; once it is submitted, the service decides and says why."""
    if not may_act(request):
        return False
    if request.method == POST:
        return True
    payment = selectors.payment_by_id(object_id) if object_id else None
    return payment is not None and is_possible(selectors.transactions_of(payment))


def _waits(transactions: Sequence[PaymentTransaction]) -> bool:
    return refund_awaiting_staff(transactions) is not None
