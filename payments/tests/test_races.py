"""Many at once: one charge, no more refunded than captured, no money kept of cancelled orders."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest

from accounts.tests.factories import StaffFactory
from core.audit import identities
from core.errors import DomainError
from inventory.tests.racing import race
from orders import services as order_services
from orders.models import Order, OrderStatus
from payments.gateways.test import TestGateway
from payments.models import Payment, PaymentStatus, SimulatedOperation
from payments.services.automatic_refunds import refund_cancelled_order
from payments.services.paying import AlreadyPaid, CardDeclined, PaymentInProgress, pay
from payments.services.reconciliation import enquiry_about
from payments.services.results import apply_result
from payments.services.staff import RefundExceedsCaptured, StaffRequest, refund_payment
from payments.tests.factories import OrderFactory, command_for, paid, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def assert_clean() -> None:
    own = [identity for identity in identities() if identity.app == "payments"]
    assert [list(identity.check()) for identity in own] == [[]] * len(own)


def test_paying_20_times_at_once_charges_once() -> None:
    order = OrderFactory.create()

    outcomes = race([partial(pay, command=command_for(order))] * 20)

    refusals = [type(outcome) for outcome in outcomes if isinstance(outcome, DomainError)]
    assert len(refusals) == 19
    assert set(refusals) <= {AlreadyPaid, PaymentInProgress}
    assert SimulatedOperation.objects.count() == 1
    assert Payment.objects.get().captured == 100
    assert_clean()


def test_paying_with_good_and_bad_cards_at_once_charges_once() -> None:
    order = OrderFactory.create()
    tokens = ["tok_success", "tok_declined", "tok_requires_action"] * 4

    outcomes = race([partial(pay, command=command_for(order, token)) for token in tokens])

    expected = (AlreadyPaid, PaymentInProgress, CardDeclined, Payment)
    assert all(isinstance(outcome, expected) for outcome in outcomes)
    assert SimulatedOperation.objects.filter(kind="capture", status="succeeded").count() <= 1
    assert_clean()


@pytest.mark.parametrize("_round", range(5))
def test_paying_against_cancelling_keeps_no_money(_round: int) -> None:
    order = OrderFactory.create()
    attempt = partial(pay, command=command_for(order))
    cancel = partial(order_services.cancel_order, order_id=order.pk, by=order.customer)

    race([lambda: bool(attempt()), lambda: bool(cancel())])
    refund_cancelled_order(order_id=order.pk)
    run_jobs("payments.tasks.execute")

    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED
    payment = Payment.objects.filter(order=order).first()
    assert payment is None or payment.captured == payment.refunded
    assert_clean()


def test_20_refunds_at_once_give_back_no_more_than_was_captured() -> None:
    payment, clerk = paid(OrderFactory.create()), StaffFactory.create()
    request = StaffRequest(payment.pk, clerk, Decimal("10.00"))

    outcomes = race([partial(refund_payment, request=request)] * 20)

    refusals = [outcome for outcome in outcomes if isinstance(outcome, RefundExceedsCaptured)]
    payment.refresh_from_db()
    assert len(refusals) == 10
    assert (payment.refunded, payment.status) == (100, PaymentStatus.REFUNDED)
    assert SimulatedOperation.objects.filter(kind="refund", status="succeeded").count() == 10
    assert Order.objects.get().status == OrderStatus.REFUNDED
    assert_clean()


def test_webhook_reconciliation_and_answer_at_once_pay_once() -> None:
    order = OrderFactory.create()
    transaction = paid(order, "tok_timeout").transactions.get()
    result = TestGateway().fetch(enquiry_about(transaction))
    assert result

    race([partial(apply_result, transaction_id=transaction.pk, result=result)] * 10)

    order.refresh_from_db()
    assert (order.status, order.events.count()) == (OrderStatus.PAID, 1)
    assert_clean()
