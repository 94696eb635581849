"""Reads over payments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Aggregate,
    Case,
    Count,
    F,
    FloatField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Sum,
    TextField,
    When,
)
from django.db.models.functions import Cast, Extract, JSONObject

from accounts.models import User
from core.errors import NotFound
from orders import refunds
from orders import selectors as order_selectors
from orders.bank_transfers import BankTransfer, transfer_for
from orders.models import Order, OrderLine
from payments.gateways import can
from payments.gateways.base import Capability, Movement
from payments.models import (
    CANCELLED,
    CHARGED_TWICE,
    DayReport,
    DayReportRow,
    Payment,
    PaymentStatus,
    PaymentTransaction,
    RefundLine,
    TransactionKind,
    TransactionStatus,
    WebhookEvent,
    WebhookState,
)

# How many unanswered calls one pass of reconciliation asks about.
BATCH = 200
# How many references one query looks up.
LOOKED_UP_AT_ONCE = 1000
_MOVING = (TransactionKind.CAPTURE, TransactionKind.REFUND)

# Declared by the model, so not to be taken for another attribute by the type checker.
_LOADED: str = "loaded_transactions"


def _in_order() -> QuerySet[PaymentTransaction]:
    """Return transactions in order of time, each with the ``refunded_items`` of its refund."""
    lines = RefundLine.objects.filter(transaction=OuterRef("pk")).order_by("id")
    item = JSONObject(
        item="order_line_id",
        quantity="quantity",
        amount=Cast("amount", TextField()),
        tax_amount=Cast("tax_amount", TextField()),
    )
    return PaymentTransaction.objects.order_by("at", "id").annotate(
        refunded_items=Case(
            When(kind=TransactionKind.REFUND, then=ArraySubquery(lines.values(item=item)))
        )
    )


def payments_with_transactions() -> QuerySet[Payment]:
    """Return payments, each with its transactions in order of time: one query more for a page."""
    transactions = _in_order()
    payments = Payment.objects.select_related("order")
    return payments.prefetch_related(Prefetch("transactions", transactions, to_attr=_LOADED))


def payment_page(payment_id: UUID) -> Payment:
    """Return a payment with its transactions in order of time."""
    payment = Payment.objects.get(pk=payment_id)
    payment.loaded_transactions = transactions_of(payment)
    return payment


def transactions_of(payment: Payment) -> list[PaymentTransaction]:
    """Return the payment's transactions in order of time."""
    transactions = list(_in_order().filter(payment=payment))
    for transaction in transactions:
        transaction.payment = payment
    return transactions


def transfer_of(payment: Payment) -> BankTransfer | None:
    """Return where the customer transfers what is still to come; None where nobody waits for it."""
    is_awaited = payment.status in {PaymentStatus.AUTHORIZED, PaymentStatus.PARTIALLY_CAPTURED}
    if not is_awaited or not can(payment.provider, Capability.CUSTOMER_TRANSFER):
        return None
    return transfer_for(payment.order, payment.authorized - payment.captured)


def payment_by_id(text: str) -> Payment | None:
    """Return a payment, or None, also for what is no id."""
    try:
        return Payment.objects.filter(pk=UUID(text)).first()
    except ValueError:
        return None


def payments_visible_to(user: User) -> QuerySet[Payment]:
    """Return all payments for staff who may see them, otherwise those of the user's orders."""
    payments = payments_with_transactions()
    if user.has_perm("payments.view_payment"):
        return payments
    return payments.filter(order__customer=user)


def payments_of_guest(token: str) -> QuerySet[Payment]:
    """Return the payments of orders that a guest placed with this cart token."""
    orders = order_selectors.orders_of_guest(token)
    return payments_with_transactions().filter(order__in=orders.values("pk"))


def require_own_order(*, order_id: UUID, user: User | None, token: str) -> None:
    """Raise NotFound unless the order is the user's, or the guest's who holds the cart token."""
    if not order_selectors.is_own_order(order_id=order_id, customer=user, token=token):
        raise NotFound


def transactions_awaiting_an_answer(*, since: datetime) -> list[PaymentTransaction]:
    """Return open transactions requested before ``since``, oldest first, at most ``BATCH``.

    A refund that waits for staff is not among them: the provider has nothing to tell about it.
    """
    awaits_customer = Q(status=TransactionStatus.REQUIRES_ACTION, charge_reference="")
    rows = PaymentTransaction.objects.filter(
        awaits_customer | Q(status=TransactionStatus.REQUESTED), at__lte=since
    )
    return list(rows.order_by("at", "id")[:BATCH])


def webhooks_in(events: QuerySet[WebhookEvent], state: WebhookState) -> QuerySet[WebhookEvent]:
    """Return those of ``events`` that are in ``state``."""
    if state == WebhookState.APPLIED:
        return events.filter(applied_at__isnull=False)
    return events.filter(applied_at=None, given_up_at__isnull=state == WebhookState.WAITING)


def counts_of_webhooks() -> dict[str, int]:
    """Return how many events wait and how many are dead letters; the applied are too many."""
    dead = Count("pk", filter=Q(given_up_at__isnull=False))
    waiting = Count("pk", filter=Q(given_up_at=None))
    counts = WebhookEvent.objects.filter(applied_at=None).aggregate(dead=dead, waiting=waiting)
    return {WebhookState.DEAD: counts["dead"], WebhookState.WAITING: counts["waiting"]}


def money_moved(*, provider: str, since: datetime, until: datetime) -> list[PaymentTransaction]:
    """Return what we know to have moved at a provider from ``since`` to before ``until``."""
    done = Q(status=TransactionStatus.SUCCEEDED) | Q(error_code=CHARGED_TWICE)
    rows = PaymentTransaction.objects.filter(
        done, provider=provider, kind__in=_MOVING, finished_at__gte=since, finished_at__lt=until
    )
    return list(rows.select_related("payment").order_by("finished_at", "id"))


def transactions_matching(provider: str, movements: Sequence[Movement]) -> list[PaymentTransaction]:
    """Return the transactions that a provider's movements may be about, whenever they were."""
    found: list[PaymentTransaction] = []
    for start in range(0, len(movements), LOOKED_UP_AT_ONCE):
        chunk = movements[start : start + LOOKED_UP_AT_ONCE]
        names = [name for movement in chunk for name in movement.references]
        keys = [movement.key for movement in chunk if movement.key]
        named = Q(reference__in=names) | Q(pk__in=keys)
        rows = PaymentTransaction.objects.filter(named, provider=provider, kind__in=_MOVING)
        found += rows.select_related("payment")
    return found


def rows_of_report(report: DayReport) -> QuerySet[DayReportRow]:
    """Return a report's rows with their orders, differences first."""
    rows = DayReportRow.objects.filter(report=report)
    rows = rows.select_related("transaction__payment__order")
    return rows.order_by("finding", "at", "id")


def is_shipping_refunded(order: Order) -> bool:
    """Tell whether a refund of the order's shipping stands."""
    return RefundLine.objects.filter(
        transaction__payment__order=order,
        transaction__status__in=refunds.NOT_FAILED,
        order_line=None,
    ).exists()


def refundable_lines(order: Order) -> list[tuple[OrderLine, int]]:
    """Return an order's lines, each with how many of its units can still be refunded."""
    settled = refunds.refunded_parts(order)
    lines = OrderLine.objects.filter(order=order, quantity__gt=0).order_by("position")
    return [
        (line, max(line.quantity - settled.get(line.pk, refunds.NO_REFUND).units, 0))
        for line in lines
    ]


@dataclass(frozen=True)
class AttemptFigures:
    """How attempts to charge at a provider ended, and how many seconds they took.

    ``abandoned`` are those the customer did not finish or replaced by another card; ``open``
    those whose outcome is not known. The seconds are of those that succeeded or were refused,
    and include the customer's own time where they had to act.
    """

    provider: str
    succeeded: int
    refused: int
    abandoned: int
    open: int
    median_seconds: float | None
    p95_seconds: float | None

    @property
    def success_rate(self) -> float | None:
        """Succeeded of all that succeeded or were refused; None when there were none."""
        told = self.succeeded + self.refused
        return self.succeeded / told if told else None


class _Percentile(Aggregate):
    function = "percentile_cont"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def attempt_figures(*, since: datetime, until: datetime) -> list[AttemptFigures]:
    """Return the figures of attempts begun from ``since`` to before ``until``, by provider.

    A capture of an earlier authorization is no attempt of its own. One query.
    """
    is_abandoned = Q(status=TransactionStatus.FAILED, error_code=CANCELLED)
    # A second charge that went through was a success, too, to the customer and the bank.
    succeeded = Q(status=TransactionStatus.SUCCEEDED) | Q(error_code=CHARGED_TWICE)
    refused = Q(status=TransactionStatus.FAILED) & ~Q(error_code__in=(CANCELLED, CHARGED_TWICE))
    took = Extract(F("finished_at") - F("at"), "epoch")
    rows = (
        PaymentTransaction.objects.filter(charge_reference="", at__gte=since, at__lt=until)
        .values("provider")
        .annotate(
            succeeded=Count("pk", filter=succeeded),
            refused=Count("pk", filter=refused),
            abandoned=Count("pk", filter=is_abandoned),
            open=Count("pk", filter=Q(finished_at=None)),
            median_seconds=_Percentile(took, fraction=0.5, filter=succeeded | refused),
            p95_seconds=_Percentile(took, fraction=0.95, filter=succeeded | refused),
        )
        .order_by("provider")
    )
    return [AttemptFigures(**row) for row in rows]


def fees_of(payment: Payment) -> dict[str, Decimal]:
    """Return what the provider kept of a payment's transactions, by currency."""
    told = PaymentTransaction.objects.filter(payment=payment, fee__isnull=False)
    sums = told.values_list("fee_currency").annotate(total=Sum("fee"))
    return dict(sums.order_by("fee_currency"))
