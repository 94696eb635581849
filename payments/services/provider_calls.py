"""Calls of the provider, outside of every transaction and lock."""

from __future__ import annotations

import logging
from uuid import UUID

from payments.gateways import gateway_of
from payments.gateways.base import (
    FollowUp,
    GatewayTimeout,
    GatewayUnavailable,
)
from payments.models import Payment, PaymentTransaction, TransactionKind, TransactionStatus
from payments.services.results import apply_result

logger = logging.getLogger(__name__)


def execute(*, transaction_id: UUID) -> Payment:
    """Ask the provider to do a requested capture, refund or void, and apply the answer.

    The transaction's id is the provider's idempotency key, so that asking again does nothing
    twice. When no answer comes the transaction stays requested, to be asked about later.
    """
    transaction = PaymentTransaction.objects.select_related("payment").get(pk=transaction_id)
    if transaction.status != TransactionStatus.REQUESTED:
        return transaction.payment
    gateway = gateway_of(transaction.provider)
    calls = {
        TransactionKind.CAPTURE: gateway.capture,
        TransactionKind.REFUND: gateway.refund,
        TransactionKind.VOID: gateway.void,
    }
    follow_up = FollowUp(
        key=transaction.pk,
        charge_reference=transaction.charge_reference,
        amount=transaction.amount,
        currency=transaction.payment.currency,
        is_by_staff=transaction.by_id is not None,
    )
    try:
        result = calls[TransactionKind(transaction.kind)](follow_up)
    except (GatewayTimeout, GatewayUnavailable) as error:
        log_missing_answer(transaction_id, error)
        return transaction.payment
    return apply_result(transaction_id=transaction_id, result=result)


def log_missing_answer(transaction_id: UUID, error: Exception) -> None:
    """Note that the provider was not reached or did not answer; reconciliation will ask again."""
    logger.warning(
        "no answer from the payment provider",
        extra={"transaction": str(transaction_id), "why": type(error).__name__},
    )
