"""Applying what a provider answered: the one way in for answers, webhooks and reconciliation."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction as database
from django.utils import timezone

from core import events, rows
from orders import services as order_services
from orders.models import OrderStatus
from orders.services import Actor
from payments.events import PaymentFailed, PaymentRefunded, PaymentSucceeded
from payments.gateways import can
from payments.gateways.base import Capability, Failed, GatewayResult, RequiresAction, Succeeded
from payments.models import (
    CANCELLED,
    CHARGED_TWICE,
    Payment,
    PaymentStatus,
    PaymentTransaction,
    TransactionKind,
    TransactionStatus,
)
from payments.services.automatic_refunds import return_money, reverse_charge
from payments.services.fees import fetch_fee_later, write_fee
from payments.services.locking import HeldPayment, hold_payment
from payments.services.refund_lines import call_off_refunded
from payments.sums import standing_charges, status_of, sums_of

_WRITTEN: Final = (
    "status",
    "reference",
    "error_code",
    "reason",
    "fee",
    "fee_currency",
    "finished_at",
)
_UNTIL_ACTION: Final = frozenset({TransactionStatus.REQUESTED})
_UNTIL_FAILURE: Final = _UNTIL_ACTION | {TransactionStatus.REQUIRES_ACTION}
_UNTIL_SUCCESS: Final = _UNTIL_FAILURE | {TransactionStatus.FAILED}
NOTHING_TO_PAY = "The order costs nothing since it was changed."
PART_REFUNDED = "The part that was captured was refunded, and the rest released."
ANOTHER_TOTAL = "A payment of the total before the last change arrived; it goes back."


@database.atomic
def apply_result(
    *, transaction_id: UUID, result: GatewayResult, order_id: UUID | None = None
) -> Payment:
    """Write what became of a transaction, with all that follows from it, and return the payment.

    Results may come doubled, late and in any order: a success is never taken back, a failure
    only gives way to a success, and a result that tells nothing new changes nothing. Locks
    the order, then the payment. When the whole amount is captured the order becomes paid;
    when it has been cancelled meanwhile, or costs nothing any more, the money is given back, and
    when it costs something else by now it is cancelled for that. ``order_id``, where it is
    known, spares a query.
    """
    if order_id is None:
        orders = PaymentTransaction.objects.values_list("payment__order_id", flat=True)
        order_id = orders.get(pk=transaction_id)
    held = hold_payment(order_id=order_id)
    transaction = next(row for row in held.transactions if row.pk == transaction_id)
    if _tells_something_new(transaction, result):
        _write(held, transaction, result, timezone.now())
        _write_sums(held)
        _follow_from(held, transaction)
    elif isinstance(result, Succeeded) and result.fee:
        write_fee(transaction_id=transaction_id, fee=result.fee)
    return held.payment


def changed_by(result: GatewayResult) -> frozenset[TransactionStatus]:
    """Return the statuses of transactions to which ``result`` would be news."""
    match result:
        case Succeeded():
            return _UNTIL_SUCCESS
        case Failed():
            return _UNTIL_FAILURE
        case RequiresAction():
            return _UNTIL_ACTION


def _tells_something_new(transaction: PaymentTransaction, result: GatewayResult) -> bool:
    return transaction.error_code != CHARGED_TWICE and transaction.status in changed_by(result)


def _write(
    held: HeldPayment, transaction: PaymentTransaction, result: GatewayResult, now: datetime
) -> None:
    match result:
        case Succeeded():
            transaction.status = TransactionStatus.SUCCEEDED
            transaction.error_code = ""
            if result.fee and transaction.fee is None:
                transaction.fee, transaction.fee_currency = result.fee.amount, result.fee.currency
        case RequiresAction():
            transaction.status = TransactionStatus.REQUIRES_ACTION
        case Failed():
            transaction.status = TransactionStatus.FAILED
            transaction.error_code = result.code[:60]
            transaction.reason = transaction.reason or result.reason[:255]
    transaction.reference = result.reference or transaction.reference
    transaction.finished_at = None if transaction.is_open else now
    if transaction.is_charge:
        _take_for_charge_of_payment(held, transaction, result)
    rows.update(transaction, *_WRITTEN)
    if transaction.kind == TransactionKind.VOID and isinstance(result, Succeeded):
        _end_voided_attempt(held, transaction, now)


def _take_for_charge_of_payment(
    held: HeldPayment, transaction: PaymentTransaction, result: GatewayResult
) -> None:
    """Let the charge be the payment's own, unless another one has succeeded before it."""
    if any(charge is not transaction for charge in standing_charges(held.transactions)):
        if isinstance(result, Succeeded):
            transaction.status = TransactionStatus.FAILED
            transaction.error_code = CHARGED_TWICE
        return
    held.payment.reference = result.reference or held.payment.reference
    held.payment.client_secret = result.client_secret if isinstance(result, RequiresAction) else ""


def _end_voided_attempt(held: HeldPayment, void: PaymentTransaction, now: datetime) -> None:
    for attempt in held.transactions:
        is_voided = attempt.reference == void.charge_reference
        if attempt.is_charge and attempt.is_open and is_voided:
            attempt.status, attempt.error_code = TransactionStatus.FAILED, CANCELLED
            attempt.finished_at = now
            attempt.save(update_fields=["status", "error_code", "finished_at"])
            held.payment.client_secret = ""


def _write_sums(held: HeldPayment) -> None:
    payment, sums = held.payment, sums_of(held.transactions)
    # The order may have been changed since a charge that succeeds this late was asked for.
    payment.amount = max(payment.amount, sums.captured)
    payment.authorized, payment.captured = sums.authorized, sums.captured
    payment.refunded = sums.refunded
    payment.status = status_of(payment.amount, held.transactions)
    rows.update(
        payment,
        "amount",
        "authorized",
        "captured",
        "refunded",
        "status",
        "reference",
        "client_secret",
        "updated_at",
    )


def _follow_from(held: HeldPayment, transaction: PaymentTransaction) -> None:
    """Let order, events and further requests follow from what was written."""
    payment, order = held.payment, held.order
    fetch_fee_later(transaction)
    if transaction.error_code == CHARGED_TWICE:
        reverse_charge(held, transaction)
    elif transaction.status == TransactionStatus.FAILED and transaction.is_charge:
        events.emit(PaymentFailed(payment.pk, order.pk, transaction.error_code))
    elif transaction.status == TransactionStatus.SUCCEEDED:
        _follow_from_success(held, transaction)
    elif transaction.status == TransactionStatus.FAILED and _is_capture_of_ended_order(
        held, transaction
    ):
        return_money(held)


def _is_capture_of_ended_order(held: HeldPayment, transaction: PaymentTransaction) -> bool:
    """Tell whether what the capture would have taken is still authorized for no order."""
    is_ended = held.order.status in {OrderStatus.CANCELLED, OrderStatus.REFUNDED}
    return is_ended and transaction.kind == TransactionKind.CAPTURE


def _follow_from_success(held: HeldPayment, transaction: PaymentTransaction) -> None:
    payment, order = held.payment, held.order
    is_free = not order.total and order.status not in {OrderStatus.PENDING, OrderStatus.CANCELLED}
    if transaction.kind == TransactionKind.REFUND:
        events.emit(PaymentRefunded(payment.pk, order.pk, transaction.amount))
        _follow_from_refund(held, transaction, is_whole=payment.status == PaymentStatus.REFUNDED)
    elif transaction.kind == TransactionKind.VOID:
        _follow_from_void(held, transaction)
    elif transaction.is_charge and is_free:
        return_money(held, reason=NOTHING_TO_PAY)
    elif transaction.is_charge and _is_for_another_total(held, transaction):
        order_services.cancel_order(
            order_id=order.pk, by=None, note=ANOTHER_TOTAL, actor=Actor.STAFF
        )
    elif transaction.kind == TransactionKind.AUTHORIZE:
        _follow_from_promise(held)
    elif transaction.kind == TransactionKind.CAPTURE and payment.captured >= payment.amount:
        events.emit(PaymentSucceeded(payment.pk, order.pk))
        if not order.paid_at and order.status != OrderStatus.CANCELLED:
            order_services.mark_locked_paid(order=order, at=timezone.now())
    if order.status in {OrderStatus.CANCELLED, OrderStatus.REFUNDED}:
        return_money(held)


def _follow_from_promise(held: HeldPayment) -> None:
    """Let the order be sent before the money comes, or tell where it goes, as the provider says."""
    order, payment = held.order, held.payment
    if order.paid_at or order.status in {OrderStatus.CANCELLED, OrderStatus.REFUNDED}:
        return
    if can(payment.provider, Capability.PAID_ON_DELIVERY):
        order_services.allow_payment_on_delivery(order=order, is_allowed=True)
    if can(payment.provider, Capability.CUSTOMER_TRANSFER):
        order_services.announce_transfer(order=order, amount=payment.authorized)


def _follow_from_void(held: HeldPayment, void: PaymentTransaction) -> None:
    """Let an order that has not left wait for its money again; or end it, with all refunded."""
    order = held.order
    if order.is_paid_on_delivery and not order.has_shipments:
        order_services.allow_payment_on_delivery(order=order, is_allowed=False)
    if held.payment.status == PaymentStatus.REFUNDED:
        _end_refunded_order(held, void)


def _follow_from_refund(held: HeldPayment, refund: PaymentTransaction, *, is_whole: bool) -> None:
    """Let the order do without what was refunded; coupons are locked before the stock is."""
    order = held.order
    if order.status in {OrderStatus.CANCELLED, OrderStatus.REFUNDED}:
        return
    if is_whole and order.status == OrderStatus.PENDING:
        _end_refunded_order(held, refund)
        return
    call_off_refunded(order, refund)
    if is_whole and order.total:
        _end_refunded_order(held, refund)
    else:
        order_services.close_sent_order(order=order, by=refund.by)


def _end_refunded_order(held: HeldPayment, transaction: PaymentTransaction) -> None:
    """Mark an order refunded whose money all went back; one that was never paid is cancelled."""
    order = held.order
    if order.status == OrderStatus.PENDING:
        order_services.cancel_order(
            order_id=order.pk, by=transaction.by, note=PART_REFUNDED, actor=Actor.STAFF
        )
    elif order.status != OrderStatus.CANCELLED:
        order_services.mark_refunded(order_id=order.pk, by=transaction.by)


def _is_for_another_total(held: HeldPayment, charge: PaymentTransaction) -> bool:
    """Tell whether the order was changed after an attempt that was given up and now succeeds."""
    return held.order.status == OrderStatus.PENDING and charge.amount != held.order.total
