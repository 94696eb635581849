"""Money that must not stay: of a cancelled order, or taken twice. Written now, done by a job."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.db import transaction as database

from core import jobs
from orders.models import Order
from payments.models import PaymentTransaction, TransactionKind, TransactionStatus
from payments.services.locking import HeldPayment, hold_payment
from payments.services.requesting import Wish, write_request
from payments.sums import is_voidable, open_charge, refundable, sums_of


@database.atomic
def give_back_for_cancelled_order(*, order_id: UUID) -> None:
    """Refund or release whatever was paid for a cancelled order; doing it again changes nothing.

    An attempt that is still under way is given back when its answer comes. Locks the order,
    then the payment.
    """
    if Order.objects.filter(pk=order_id, payment__isnull=False).exists():
        give_back(hold_payment(order_id=order_id))


@database.atomic
def give_back_for_return(*, order_id: UUID, return_id: UUID, amount: Decimal) -> None:
    """Refund what returned goods cost, at most what is left of it; a second time does nothing.

    ``amount`` is in the order's currency. Locks the order, then the payment.
    """
    if not Order.objects.filter(pk=order_id, payment__isnull=False).exists():
        return
    held = hold_payment(order_id=order_id)
    reason = f"Return {return_id}"
    is_done = any(one.reason == reason for one in held.transactions)
    left = min(amount, refundable(held.transactions))
    if left > 0 and not is_done:
        _request(held, Wish(TransactionKind.REFUND, left, held.payment.reference, reason))


@database.atomic
def end_waiting_attempt(*, order_id: UUID) -> None:
    """Request the end of an attempt that awaits a customer who does not come.

    So the order becomes payable in another way, or is cancelled when its time is up. Locks
    the order, then the payment.
    """
    held = hold_payment(order_id=order_id)
    if attempt := _unvoided_attempt(held):
        reason = "The customer did not act in time."
        _request(held, Wish(TransactionKind.VOID, attempt.amount, attempt.reference, reason))


def give_back(held: HeldPayment) -> None:
    """Request what returns all that is captured, authorized or waiting for the customer."""
    reference = held.payment.reference
    reason = "The order was cancelled."
    if amount := refundable(held.transactions):
        _request(held, Wish(TransactionKind.REFUND, amount, reference, reason))
    elif is_voidable(held.transactions):
        amount = sums_of(held.transactions).authorized
        _request(held, Wish(TransactionKind.VOID, amount, reference, reason))
    elif attempt := _unvoided_attempt(held):
        wish = Wish(TransactionKind.VOID, attempt.amount, attempt.reference, reason)
        _request(held, wish)


def give_back_charge(held: HeldPayment, charge: PaymentTransaction) -> None:
    """Request what returns a charge that succeeded beside another one."""
    is_sale = charge.kind == TransactionKind.CAPTURE
    kind = TransactionKind.REFUND if is_sale else TransactionKind.VOID
    _request(held, Wish(kind, charge.amount, charge.reference, "The order was paid twice."))


def _unvoided_attempt(held: HeldPayment) -> PaymentTransaction | None:
    """Return the attempt that awaits the customer, unless it is being voided already."""
    attempt = open_charge(held.transactions)
    if attempt is None or attempt.status != TransactionStatus.REQUIRES_ACTION:
        return None
    voids = [one for one in held.transactions if one.kind == TransactionKind.VOID]
    is_voided = any(one.charge_reference == attempt.reference for one in voids)
    return None if is_voided else attempt


def _request(held: HeldPayment, wish: Wish) -> None:
    transaction = write_request(held, wish)
    jobs.configure_task("payments.tasks.execute", queue="payments").defer(
        transaction_id=str(transaction.pk)
    )
