"""What the transactions of a payment amount to: pure functions over the rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from payments.models import PaymentStatus, PaymentTransaction, TransactionKind, TransactionStatus

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Sums:
    """Amounts that reached their end at the provider, in the payment's currency."""

    authorized: Decimal
    captured: Decimal
    refunded: Decimal


def sums_of(transactions: Sequence[PaymentTransaction]) -> Sums:
    """Add up the succeeded transactions.

    Refunds count when the charge they belong to counts: what was charged twice by mistake and
    refunded is in neither sum.
    """
    succeeded = [
        transaction
        for transaction in transactions
        if transaction.status == TransactionStatus.SUCCEEDED
    ]
    charges = {transaction.reference for transaction in succeeded if transaction.is_charge}
    refunds = _of_kind(TransactionKind.REFUND, succeeded)
    return Sums(
        authorized=_total(_of_kind(TransactionKind.AUTHORIZE, standing_charges(succeeded))),
        captured=_total(_of_kind(TransactionKind.CAPTURE, succeeded)),
        refunded=_total(refund for refund in refunds if refund.charge_reference in charges),
    )


def standing_charges(transactions: Sequence[PaymentTransaction]) -> list[PaymentTransaction]:
    """Return the charges that succeeded and were not voided."""
    voided = _voided_references(transactions)
    return [
        transaction
        for transaction in transactions
        if transaction.is_charge
        and transaction.status == TransactionStatus.SUCCEEDED
        and transaction.reference not in voided
    ]


def refundable(transactions: Sequence[PaymentTransaction]) -> Decimal:
    """Return what was captured and is neither refunded nor being refunded."""
    sums = sums_of(transactions)
    return sums.captured - sums.refunded - _under_way(transactions, TransactionKind.REFUND)


def capturable(transactions: Sequence[PaymentTransaction]) -> Decimal:
    """Return what was authorized and is neither captured, nor being captured, nor voided."""
    sums = sums_of(transactions)
    if not sums.authorized or _has_open_void(transactions):
        return NOTHING
    return sums.authorized - sums.captured - _under_way(transactions, TransactionKind.CAPTURE)


def is_voidable(transactions: Sequence[PaymentTransaction]) -> bool:
    """Tell whether something is authorized that was not captured, and no capture is under way."""
    is_capturing = bool(_under_way(transactions, TransactionKind.CAPTURE))
    return capturable(transactions) > 0 and not is_capturing


def open_charge(transactions: Iterable[PaymentTransaction]) -> PaymentTransaction | None:
    """Return the attempt whose outcome is not known yet; there is at most one."""
    charges = (transaction for transaction in transactions if transaction.is_charge)
    return next((charge for charge in charges if charge.is_open), None)


def refund_awaiting_staff(
    transactions: Iterable[PaymentTransaction],
) -> PaymentTransaction | None:
    """Return the oldest refund that a person has to make, as no network moves the money."""
    refunds = _of_kind(TransactionKind.REFUND, transactions)
    waiting = (refund for refund in refunds if refund.status == TransactionStatus.REQUIRES_ACTION)
    return next(waiting, None)


def is_being_voided(charge: PaymentTransaction, transactions: Iterable[PaymentTransaction]) -> bool:
    """Tell whether a void of this charge was requested, whatever became of it."""
    voids = _of_kind(TransactionKind.VOID, transactions)
    return any(void.charge_reference == charge.reference for void in voids)


def status_of(amount: Decimal, transactions: Sequence[PaymentTransaction]) -> PaymentStatus:
    """Return the status that the transactions of a payment of ``amount`` amount to.

    It is refunded once all that was captured went back and nothing more can be captured.
    """
    sums = sums_of(transactions)
    if sums.refunded:
        is_whole = sums.refunded == sums.captured and sums.authorized <= sums.captured
        return PaymentStatus.REFUNDED if is_whole else PaymentStatus.PARTIALLY_REFUNDED
    if sums.captured >= amount:
        return PaymentStatus.SUCCEEDED
    if sums.captured:
        return PaymentStatus.PARTIALLY_CAPTURED
    if sums.authorized:
        return PaymentStatus.AUTHORIZED
    return _status_of_attempts(transactions)


def _status_of_attempts(transactions: Sequence[PaymentTransaction]) -> PaymentStatus:
    if attempt := open_charge(transactions):
        waits = attempt.status == TransactionStatus.REQUIRES_ACTION
        return PaymentStatus.REQUIRES_ACTION if waits else PaymentStatus.PENDING
    charges = [transaction for transaction in transactions if transaction.is_charge]
    if not charges:
        return PaymentStatus.PENDING
    last = max(charges, key=lambda charge: (charge.at, charge.id))
    is_voided = last.reference in _voided_references(transactions)
    return PaymentStatus.CANCELLED if is_voided else PaymentStatus.FAILED


def _voided_references(transactions: Iterable[PaymentTransaction]) -> set[str]:
    return {
        void.charge_reference
        for void in _of_kind(TransactionKind.VOID, transactions)
        if void.status == TransactionStatus.SUCCEEDED
    }


def _has_open_void(transactions: Iterable[PaymentTransaction]) -> bool:
    return any(void.is_open for void in _of_kind(TransactionKind.VOID, transactions))


def _under_way(transactions: Iterable[PaymentTransaction], kind: TransactionKind) -> Decimal:
    follow_ups = (row for row in _of_kind(kind, transactions) if not row.is_charge)
    return _total(follow_up for follow_up in follow_ups if follow_up.is_open)


def _of_kind(
    kind: TransactionKind, transactions: Iterable[PaymentTransaction]
) -> list[PaymentTransaction]:
    return [transaction for transaction in transactions if transaction.kind == kind]


def _total(transactions: Iterable[PaymentTransaction]) -> Decimal:
    return sum((transaction.amount for transaction in transactions), NOTHING)
