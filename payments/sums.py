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
    given back is in neither sum.
    """
    done = [one for one in transactions if one.status == TransactionStatus.SUCCEEDED]
    charges = {one.reference for one in done if one.is_charge}
    return Sums(
        authorized=_total(
            one for one in standing_charges(done) if one.kind == TransactionKind.AUTHORIZE
        ),
        captured=_total(one for one in done if one.kind == TransactionKind.CAPTURE),
        refunded=_total(
            one
            for one in done
            if one.kind == TransactionKind.REFUND and one.charge_reference in charges
        ),
    )


def standing_charges(transactions: Sequence[PaymentTransaction]) -> list[PaymentTransaction]:
    """Return the charges that succeeded and were not voided."""
    voided = _voided_references(transactions)
    return [
        one
        for one in transactions
        if one.is_charge
        and one.status == TransactionStatus.SUCCEEDED
        and one.reference not in voided
    ]


def refundable(transactions: Sequence[PaymentTransaction]) -> Decimal:
    """Return what was captured and is neither refunded nor being refunded."""
    sums = sums_of(transactions)
    return sums.captured - sums.refunded - _under_way(transactions, TransactionKind.REFUND)


def capturable(transactions: Sequence[PaymentTransaction]) -> Decimal:
    """Return what was authorized and is neither captured, nor being captured, nor voided."""
    sums = sums_of(transactions)
    if not sums.authorized or _is_being_voided(transactions):
        return NOTHING
    return sums.authorized - sums.captured - _under_way(transactions, TransactionKind.CAPTURE)


def is_voidable(transactions: Sequence[PaymentTransaction]) -> bool:
    """Tell whether there is an authorization of which nothing was or is being captured."""
    return (
        capturable(transactions) > 0
        and capturable(transactions) == sums_of(transactions).authorized
    )


def open_charge(transactions: Iterable[PaymentTransaction]) -> PaymentTransaction | None:
    """Return the attempt whose outcome is not known yet; there is at most one."""
    return next((one for one in transactions if one.is_charge and one.is_open), None)


def refund_awaiting_staff(
    transactions: Iterable[PaymentTransaction],
) -> PaymentTransaction | None:
    """Return the oldest refund that a person has to make, as no network moves the money."""
    waiting = (one for one in transactions if one.status == TransactionStatus.REQUIRES_ACTION)
    return next((one for one in waiting if one.kind == TransactionKind.REFUND), None)


def status_of(amount: Decimal, transactions: Sequence[PaymentTransaction]) -> PaymentStatus:
    """Return the status that the transactions of a payment of ``amount`` amount to."""
    sums = sums_of(transactions)
    if sums.refunded:
        is_whole = sums.refunded == sums.captured
        return PaymentStatus.REFUNDED if is_whole else PaymentStatus.PARTIALLY_REFUNDED
    if sums.captured >= amount:
        return PaymentStatus.SUCCEEDED
    if sums.authorized:
        return PaymentStatus.AUTHORIZED
    return _status_of_attempts(transactions)


def _status_of_attempts(transactions: Sequence[PaymentTransaction]) -> PaymentStatus:
    if attempt := open_charge(transactions):
        waits = attempt.status == TransactionStatus.REQUIRES_ACTION
        return PaymentStatus.REQUIRES_ACTION if waits else PaymentStatus.PENDING
    charges = [one for one in transactions if one.is_charge]
    if not charges:
        return PaymentStatus.PENDING
    last = max(charges, key=lambda one: (one.at, one.id))
    is_voided = last.reference in _voided_references(transactions)
    return PaymentStatus.CANCELLED if is_voided else PaymentStatus.FAILED


def _voided_references(transactions: Iterable[PaymentTransaction]) -> set[str]:
    return {
        one.charge_reference
        for one in transactions
        if one.kind == TransactionKind.VOID and one.status == TransactionStatus.SUCCEEDED
    }


def _is_being_voided(transactions: Iterable[PaymentTransaction]) -> bool:
    return any(one.kind == TransactionKind.VOID and one.is_open for one in transactions)


def _under_way(transactions: Iterable[PaymentTransaction], kind: TransactionKind) -> Decimal:
    return _total(
        one for one in transactions if one.kind == kind and one.is_open and not one.is_charge
    )


def _total(transactions: Iterable[PaymentTransaction]) -> Decimal:
    return sum((one.amount for one in transactions), NOTHING)
