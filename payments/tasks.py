"""Background jobs of payments, and what it does when something happens to orders."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app as jobs

from core.events import handles
from core.tasks import PATIENT
from orders.events import OrderCancelled, OrderRestCancelled, ReturnReceived
from payments.services import (
    automatic_refunds,
    fees,
    provider_calls,
    reconciliation,
    statements,
    webhooks,
)


@handles(OrderCancelled)
def refund_cancelled_order(event: OrderCancelled) -> None:
    """Refund or release what was paid for a cancelled order."""
    automatic_refunds.refund_cancelled_order(order_id=event.order_id)


@handles(OrderRestCancelled)
def refund_called_off(event: OrderRestCancelled) -> None:
    """Refund what the units cost that will not be sent."""
    automatic_refunds.refund_called_off(
        order_id=event.order_id, quantities=dict(zip(event.line_ids, event.units, strict=True))
    )


@handles(ReturnReceived)
def refund_return(event: ReturnReceived) -> None:
    """Refund what returned goods cost."""
    automatic_refunds.refund_return(
        order_id=event.order_id, return_id=event.return_id, amount=event.amount
    )


@jobs.task(name="payments.tasks.execute", queue="payments", retry=PATIENT)
def execute(transaction_id: str) -> None:
    """Ask the provider for a requested capture, refund or void."""
    provider_calls.execute(transaction_id=UUID(transaction_id))


@jobs.task(name="payments.tasks.resolve", queue="payments", retry=PATIENT)
def resolve(transaction_id: str) -> None:
    """Ask the provider what became of a call whose answer was lost."""
    reconciliation.resolve(transaction_id=UUID(transaction_id), now=timezone.now())


@jobs.task(
    name="payments.tasks.fetch_fee",
    aliases=["payments.tasks.learn_fee"],
    queue="payments",
    retry=PATIENT,
)
def fetch_fee(transaction_id: str) -> None:
    """Ask the provider what it kept of a charge or refund."""
    fees.fetch_fee(transaction_id=UUID(transaction_id))


@jobs.task(name="payments.tasks.apply_webhook", queue="payments", retry=PATIENT, pass_context=True)
def apply_webhook(context: JobContext, event_id: str) -> None:
    """Apply what a provider told by webhook; when the last try fails it is a dead letter."""
    try:
        webhooks.apply_webhook(event_id=UUID(event_id))
    except Exception as error:
        is_last = PATIENT.is_over(context.job)
        webhooks.note_failure(event_id=UUID(event_id), error=error, is_last=is_last)
        raise


@jobs.periodic(cron="* * * * * */15")
@jobs.task(name="payments.tasks.reconcile", queue="payments", queueing_lock="reconcile")
def reconcile(timestamp: int) -> None:
    """Ask about every call that should have been answered by now."""
    reconciliation.reconcile(now=timezone.now())


@jobs.task(name="payments.tasks.compare_day", queue="payments", retry=PATIENT)
def compare_day(provider: str, day: str) -> None:
    """Compare a day of our books with a provider's."""
    statements.compare_day(provider=provider, day=date.fromisoformat(day), now=timezone.now())


@jobs.periodic(cron="20 3 * * *")
@jobs.task(name="payments.tasks.compare_yesterday", queue="payments")
def compare_yesterday(timestamp: int) -> None:
    """Compare yesterday with every provider that keeps books."""
    statements.compare_yesterday(now=timezone.now())
