"""Lost answers are found; results that come doubled, late or disordered do no harm."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from orders.models import Order, OrderStatus
from payments.gateways.base import (
    Enquiry,
    Failed,
    GatewayResult,
    GatewayTimeout,
    GatewayUnavailable,
    RequiresAction,
    Succeeded,
)
from payments.gateways.test import TestGateway
from payments.models import (
    CHARGED_TWICE,
    Payment,
    PaymentStatus,
    PaymentTransaction,
    SimulatedOperation,
)
from payments.selectors import transactions_awaiting_an_answer
from payments.services import reconciliation
from payments.services.reconciliation import resolve
from payments.services.results import apply_result
from payments.tests.factories import OrderFactory, jobs_named, paid, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return OrderFactory.create()


def later(**more: int) -> datetime:
    return timezone.now() + timedelta(**(more or {"minutes": 1}))


def reconcile(*, now: datetime) -> int:
    """Resolve at once what the service writes jobs for."""
    waiting = transactions_awaiting_an_answer(since=now - reconciliation.patience())
    for transaction in waiting:
        resolve(transaction_id=transaction.pk, now=now)
    return len(waiting)


def only_transaction() -> PaymentTransaction:
    return PaymentTransaction.objects.get()


def test_a_lost_success_is_found(order: Order) -> None:
    paid(order, "tok_timeout")

    assert reconcile(now=later()) == 1

    order.refresh_from_db()
    assert (order.status, order.payment.status) == (OrderStatus.PAID, PaymentStatus.SUCCEEDED)
    assert SimulatedOperation.objects.count() == 1


def test_a_lost_answer_is_asked_about_soon_after(order: Order) -> None:
    paid(order, "tok_timeout")

    run_jobs("payments.tasks.resolve")

    assert only_transaction().status == "succeeded"


def test_every_unanswered_call_gets_one_job(order: Order) -> None:
    for other in (order, OrderFactory.create()):
        paid(other, "tok_timeout")
    ProcrastinateJob.objects.filter(task_name="payments.tasks.resolve").update(status="succeeded")

    assert reconciliation.reconcile(now=later()) == 2
    assert reconciliation.reconcile(now=later()) == 2

    waiting = ProcrastinateJob.objects.filter(task_name="payments.tasks.resolve", status="todo")
    assert waiting.count() == 2


def test_calls_that_may_still_be_answered_are_left_alone(order: Order) -> None:
    paid(order, "tok_timeout")

    assert reconcile(now=timezone.now()) == 0


def test_reconciling_again_changes_nothing(order: Order) -> None:
    paid(order, "tok_timeout")
    reconcile(now=later())
    before = Payment.objects.values().get()

    assert reconcile(now=later()) == 0

    assert Payment.objects.values().get() == before


class MuteGateway(TestGateway):
    """A provider that gets nothing, or cannot be asked."""

    def sale(self, charge: object) -> GatewayResult:
        raise GatewayTimeout


class DeafGateway(MuteGateway):
    """A provider that cannot be asked either."""

    def fetch(self, enquiry: Enquiry) -> GatewayResult | None:
        raise GatewayUnavailable


def test_a_call_that_never_arrived_is_failed_once_it_cannot_arrive_any_more(
    order: Order, settings: Settings
) -> None:
    settings.PAYMENT_GATEWAYS = [f"{__name__}.MuteGateway"]
    paid(order)

    resolve(transaction_id=only_transaction().pk, now=timezone.now())
    assert only_transaction().status == "requested"
    reconcile(now=later())

    assert (only_transaction().status, only_transaction().error_code) == ("failed", "not_received")
    assert Order.objects.get().status == OrderStatus.PENDING


def test_nothing_is_guessed_while_the_provider_cannot_be_asked(
    order: Order, settings: Settings
) -> None:
    settings.PAYMENT_GATEWAYS = [f"{__name__}.DeafGateway"]
    paid(order)

    reconcile(now=later())

    assert only_transaction().status == "requested"


def test_an_action_that_was_finished_without_a_webhook_is_found(order: Order) -> None:
    waiting = paid(order, "tok_requires_action")
    TestGateway().finish_action(waiting.reference, succeeds=True)

    reconcile(now=later())

    order.refresh_from_db()
    assert order.status == OrderStatus.PAID


def test_an_action_that_nobody_finishes_is_ended_when_the_order_is_due(order: Order) -> None:
    paid(order, "tok_requires_action")

    reconcile(now=later(minutes=20))
    assert PaymentTransaction.objects.count() == 1
    reconcile(now=later(minutes=31))
    run_jobs("payments.tasks.execute")

    assert order.payment.transactions.get(kind="capture").error_code == "cancelled"
    assert order.payment.transactions.get(kind="void").status == "succeeded"


RESULTS: list[GatewayResult] = [
    RequiresAction("cap_1", "cap_1_secret"),
    Failed("card_declined", "", "cap_1"),
    Succeeded("cap_1"),
    Succeeded("cap_1"),
]


@pytest.mark.parametrize("results", sorted(set(permutations(range(4)))))
def test_results_in_any_order_pay_once(order: Order, results: tuple[int, ...]) -> None:
    paid(order, "tok_timeout")
    transaction = only_transaction()

    for index in results:
        apply_result(transaction_id=transaction.pk, result=RESULTS[index])

    payment = Payment.objects.get()
    order.refresh_from_db()
    assert (payment.status, payment.captured) == (PaymentStatus.SUCCEEDED, 100)
    assert (order.status, order.events.count()) == (OrderStatus.PAID, 1)


def test_a_payment_for_an_order_cancelled_meanwhile_refunds_itself(order: Order) -> None:
    paid(order, "tok_timeout")
    Order.objects.filter(pk=order.pk).update(status=OrderStatus.CANCELLED)

    reconcile(now=later())
    run_jobs("payments.tasks.execute")

    order.refresh_from_db()
    payment = Payment.objects.get()
    assert (order.status, payment.status) == (OrderStatus.CANCELLED, PaymentStatus.REFUNDED)
    assert payment.refunded == 100


def test_a_charge_given_up_too_early_is_given_back_when_another_has_paid(
    order: Order, settings: Settings
) -> None:
    settings.PAYMENT_GATEWAYS = [f"{__name__}.MuteGateway"]
    slow = paid(order).transactions.get()
    reconcile(now=later())
    settings.PAYMENT_GATEWAYS = ["payments.gateways.test.TestGateway"]
    paid(order)
    reference = SimulatedOperation.objects.create(
        key=slow.pk,
        reference="cap_slow",
        kind="capture",
        status="succeeded",
        amount=100,
        currency="USD",
    ).reference

    for _ in range(2):
        apply_result(transaction_id=slow.pk, result=Succeeded(reference))
        run_jobs("payments.tasks.execute")

    payment = Payment.objects.get()
    slow.refresh_from_db()
    assert (payment.captured, payment.refunded, slow.error_code) == (100, 0, CHARGED_TWICE)
    assert len(jobs_named("payments.tasks.execute")) == 1
    assert SimulatedOperation.objects.filter(kind="refund", charge__reference="cap_slow").exists()
