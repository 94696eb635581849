"""Finding out what became of calls whose answer was lost."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction as database
from procrastinate.exceptions import AlreadyEnqueued

from core import jobs
from payments.gateways import gateway_of
from payments.gateways.base import (
    Enquiry,
    Failed,
    GatewayResult,
    GatewayTimeout,
    GatewayUnavailable,
    RequiresAction,
)
from payments.models import PaymentTransaction
from payments.selectors import transactions_awaiting_an_answer
from payments.services.automatic_refunds import cancel_waiting_attempt
from payments.services.provider_calls import execute, log_missing_answer
from payments.services.results import apply_result

NOT_RECEIVED = Failed("not_received", "The provider never got the request.")


def patience() -> timedelta:
    """Return how long a call may take before its answer counts as lost."""
    return timedelta(seconds=2 * settings.PAYMENT_TIMEOUT_SECONDS)


def time_to_act() -> timedelta:
    """Return how long a customer may take over an action: as long as the order waits for money."""
    return timedelta(minutes=settings.ORDER_PAYMENT_MINUTES)


def reconcile(*, now: datetime) -> int:
    """Write a job for every call that should have been answered by now, unless it has one.

    A job each, so that a call which cannot be resolved does not keep the others waiting.
    Returns how many calls are unanswered.
    """
    waiting = transactions_awaiting_an_answer(since=now - patience())
    for transaction in waiting:
        _defer_once(transaction.pk)
    return len(waiting)


def resolve(*, transaction_id: UUID, now: datetime) -> None:
    """Find out what became of one call, and apply it.

    A charge is asked about; one that the provider never got is failed once nobody can still
    be sending it, and one that waits for a customer who does not come is ended. A capture,
    refund or void is asked for again, which its key makes harmless.
    """
    transaction = PaymentTransaction.objects.select_related("payment").get(pk=transaction_id)
    if not transaction.is_open:
        return
    if not transaction.is_charge:
        execute(transaction_id=transaction.pk)
        return
    result = _outcome_of(transaction, now)
    if result is not None:
        apply_result(transaction_id=transaction.pk, result=result)
    if isinstance(result, RequiresAction) and transaction.at <= now - time_to_act():
        cancel_waiting_attempt(order_id=transaction.payment.order_id)


def enquiry_about(charge: PaymentTransaction) -> Enquiry:
    """Return the question to the provider about a charge."""
    return Enquiry(key=charge.pk, at=charge.at, reference=charge.reference)


def _defer_once(transaction_id: UUID) -> None:
    job = jobs.configure_task(
        "payments.tasks.resolve", queue="payments", queueing_lock=f"resolve {transaction_id}"
    )
    with suppress(AlreadyEnqueued), database.atomic():
        job.defer(transaction_id=str(transaction_id))


def _outcome_of(transaction: PaymentTransaction, now: datetime) -> GatewayResult | None:
    """Return what became of a charge, or None while that cannot be told."""
    try:
        known = gateway_of(transaction.provider).fetch(enquiry_about(transaction))
    except (GatewayTimeout, GatewayUnavailable) as error:
        log_missing_answer(transaction.pk, error)
        return None
    is_given_up = transaction.at <= now - patience()
    return known or (NOT_RECEIVED if is_given_up else None)
