"""What providers keep for themselves: told with an answer or an event, or asked for later."""

from __future__ import annotations

from uuid import UUID

from core import jobs
from payments.gateways import gateway_of
from payments.gateways.base import Capability, Fee
from payments.models import PaymentTransaction, TransactionKind, TransactionStatus

# Providers book a charge some moments after they have answered.
ASK_AFTER_SECONDS = 60


class FeeNotKnownYet(Exception):
    """The provider does not know the fee yet; its job asks again."""


def write_fee(*, transaction_id: UUID, fee: Fee) -> bool:
    """Write the fee of a transaction unless it has one; tell whether it had none."""
    without = PaymentTransaction.objects.filter(pk=transaction_id, fee=None)
    return bool(without.update(fee=fee.amount, fee_currency=fee.currency))


def fetch_fee_later(transaction: PaymentTransaction) -> None:
    """Write the job that asks for the fee, where money moved and the answer did not tell it."""
    has_moved = transaction.status == TransactionStatus.SUCCEEDED
    is_money = transaction.kind in {TransactionKind.CAPTURE, TransactionKind.REFUND}
    if not (has_moved and is_money and transaction.fee is None):
        return
    if Capability.FEES in gateway_of(transaction.provider).capabilities:
        jobs.configure_task(
            "payments.tasks.fetch_fee",
            queue="payments",
            schedule_in={"seconds": ASK_AFTER_SECONDS},
        ).defer(transaction_id=str(transaction.pk))


def fetch_fee(*, transaction_id: UUID) -> None:
    """Ask the provider for the fee of a transaction, and write it.

    Must not be called inside a transaction. Raises FeeNotKnownYet, upon which its job asks again.
    """
    transaction = PaymentTransaction.objects.get(pk=transaction_id)
    if transaction.fee is not None:
        return
    fee = gateway_of(transaction.provider).fetch_fee(transaction.reference)
    if fee is None:
        raise FeeNotKnownYet(f"{transaction.provider} {transaction.reference}")
    write_fee(transaction_id=transaction_id, fee=fee)
