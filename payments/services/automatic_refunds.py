"""Refunds and voids that nobody asks for: of cancelled orders, returns and double charges.

They are written in the transaction that makes them due, and carried out by a job.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction as database

from core import jobs
from orders.models import Order
from payments.models import PaymentTransaction, TransactionKind, TransactionStatus
from payments.services.locking import HeldPayment, hold_payment
from payments.services.payment_requests import PaymentRequest, write_request
from payments.services.refund_lines import price_called_off, write_refund_lines
from payments.sums import capturable, is_being_voided, is_voidable, open_charge, refundable

CALLED_OFF: Final = "The rest of the order was called off."


@database.atomic
def refund_cancelled_order(*, order_id: UUID) -> None:
    """Refund or release whatever was paid for a cancelled order; doing it again changes nothing.

    An attempt that is still under way is refunded when its answer comes. Locks the order,
    then the payment.
    """
    if Order.objects.filter(pk=order_id, payment__isnull=False).exists():
        return_money(hold_payment(order_id=order_id))


@database.atomic
def refund_return(*, order_id: UUID, return_id: UUID, amount: Decimal) -> None:
    """Refund what returned goods cost, at most what is left of it; a second time does nothing.

    ``amount`` is in the order's currency. Locks the order, then the payment.
    """
    if not Order.objects.filter(pk=order_id, payment__isnull=False).exists():
        return
    held = hold_payment(order_id=order_id)
    reason = f"Return {return_id}"
    is_done = any(transaction.reason == reason for transaction in held.transactions)
    left = min(amount, refundable(held.transactions))
    if left > 0 and not is_done:
        _request(held, PaymentRequest(TransactionKind.REFUND, left, held.payment.reference, reason))


@database.atomic
def refund_called_off(*, order_id: UUID, quantities: Mapping[UUID, int]) -> None:
    """Refund what units cost that will not be sent, at most what is left of the money.

    Run by the handler of an event, which does it once. Locks the order, then the payment.
    """
    if not Order.objects.filter(pk=order_id, payment__isnull=False).exists():
        return
    held = hold_payment(order_id=order_id)
    lines = price_called_off(held.order, quantities)
    left = refundable(held.transactions)
    if amount := min(lines.amount, left):
        reference = held.payment.reference
        refund = _request(
            held, PaymentRequest(TransactionKind.REFUND, amount, reference, CALLED_OFF)
        )
        if amount == lines.amount:
            write_refund_lines(refund, lines)


@database.atomic
def cancel_waiting_attempt(*, order_id: UUID) -> None:
    """Request the end of an attempt that awaits a customer who does not come.

    So the order becomes payable in another way, or is cancelled when its time is up. Locks
    the order, then the payment.
    """
    held = hold_payment(order_id=order_id)
    if attempt := _unvoided_attempt(held):
        reason = "The customer did not act in time."
        _request(held, _void_of(attempt, reason))


def return_money(held: HeldPayment, *, reason: str = "The order was cancelled.") -> None:
    """Request what returns all that is captured, authorized or waiting for the customer."""
    reference = held.payment.reference
    if amount := refundable(held.transactions):
        _request(held, PaymentRequest(TransactionKind.REFUND, amount, reference, reason))
    if is_voidable(held.transactions):
        rest = capturable(held.transactions)
        _request(held, PaymentRequest(TransactionKind.VOID, rest, reference, reason))
    elif attempt := _unvoided_attempt(held):
        _request(held, _void_of(attempt, reason))


def reverse_charge(held: HeldPayment, charge: PaymentTransaction) -> None:
    """Request what returns a charge that succeeded beside another one."""
    is_sale = charge.kind == TransactionKind.CAPTURE
    kind = TransactionKind.REFUND if is_sale else TransactionKind.VOID
    reason = "The order was paid twice."
    _request(held, PaymentRequest(kind, charge.amount, charge.reference, reason))


def _unvoided_attempt(held: HeldPayment) -> PaymentTransaction | None:
    """Return the attempt that awaits the customer, unless it is being voided already."""
    attempt = open_charge(held.transactions)
    if attempt is None or attempt.status != TransactionStatus.REQUIRES_ACTION:
        return None
    return None if is_being_voided(attempt, held.transactions) else attempt


def _void_of(attempt: PaymentTransaction, reason: str) -> PaymentRequest:
    return PaymentRequest(TransactionKind.VOID, attempt.amount, attempt.reference, reason)


def _request(held: HeldPayment, request: PaymentRequest) -> PaymentTransaction:
    transaction = write_request(held, request)
    jobs.configure_task("payments.tasks.execute", queue="payments").defer(
        transaction_id=str(transaction.pk)
    )
    return transaction
