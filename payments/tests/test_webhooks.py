"""What the provider tells by webhook."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from orders.models import Order, OrderStatus
from payments.gateways.base import Failed, Succeeded
from payments.gateways.test import TestGateway, signed
from payments.models import Payment, PaymentStatus, WebhookEvent
from payments.services.results import apply_result
from payments.tests.factories import OrderFactory, jobs_named, paid, run_jobs

pytestmark = pytest.mark.django_db

URL = "/api/v1/payments/webhooks/test/"
JOB = "payments.tasks.apply_webhook"
FEE = {"amount": "0.59", "currency": "USD"}
A_CHARGE = {
    "type": "charge.succeeded",
    "key": "0198f3a2-8c00-7a11-8f00-1b2c3d4e5f60",
    "reference": "cap_of_another_shop",
}


@pytest.fixture
def waiting() -> Payment:
    return paid(OrderFactory.create(), "tok_requires_action")


def send(body: bytes, headers: dict[str, str], url: str = URL) -> Any:
    return Client().post(url, body, content_type="application/json", headers=headers)


def finished(payment: Payment, *, succeeds: bool = True) -> tuple[bytes, dict[str, str]]:
    TestGateway().finish_action(payment.reference, succeeds=succeeds)
    return TestGateway().webhook_about(payment.reference)


def test_a_confirmed_payment_is_told_and_the_order_paid(waiting: Payment) -> None:
    answer = send(*finished(waiting))
    run_jobs(JOB)

    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert Order.objects.get().status == OrderStatus.PAID
    assert Payment.objects.get().client_secret == ""


def test_a_refused_confirmation_leaves_the_order_payable(waiting: Payment) -> None:
    send(*finished(waiting, succeeds=False))
    run_jobs(JOB)

    payment = Payment.objects.get()
    assert (payment.status, payment.client_secret) == (PaymentStatus.FAILED, "")
    assert payment.transactions.get().error_code == "authentication_failed"
    assert Order.objects.get().status == OrderStatus.PENDING


def test_an_event_is_stored_and_applied_once_however_often_it_comes(waiting: Payment) -> None:
    body, headers = finished(waiting)

    answers = [send(body, headers).status_code for _ in range(3)]
    run_jobs(JOB)
    run_jobs(JOB)

    assert answers == [200, 200, 200]
    assert (WebhookEvent.objects.count(), len(jobs_named(JOB))) == (1, 1)
    assert Payment.objects.get().captured == 100


def test_a_late_event_after_the_answer_changes_nothing() -> None:
    payment = paid(OrderFactory.create())
    before = Payment.objects.values().get()

    send(*TestGateway().webhook_about(payment.reference))
    run_jobs(JOB)

    assert Payment.objects.values().get() == before


@pytest.mark.parametrize(
    "event",
    [
        {"type": "payout.paid"},
        A_CHARGE,
    ],
)
def test_events_that_say_nothing_to_us_are_taken(event: dict[str, Any]) -> None:
    answer = send(*signed(event))
    run_jobs(JOB)

    assert answer.status_code == 200
    assert WebhookEvent.objects.get().applied_at
    assert not Payment.objects.exists()


@pytest.mark.parametrize("change", ["body", "webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_forged_webhook_is_refused(waiting: Payment, change: str) -> None:
    body, headers = finished(waiting)
    if change == "body":
        body += b" "
    else:
        other = "x" if headers[change][-3] != "x" else "y"
        headers[change] = headers[change][:-3] + other + headers[change][-2:]

    answer = send(body, headers)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_signature")
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("headers", [{}, {"webhook-signature": "v1"}, {"webhook-id": "x" * 500}])
def test_an_unsigned_webhook_is_refused(headers: dict[str, str]) -> None:
    assert send(b"\xff\x00", headers).status_code == 400


def test_an_old_webhook_is_refused(waiting: Payment) -> None:
    with time_machine.travel("2020-01-01T00:00:00Z", tick=False):
        body, headers = signed({"type": "charge.succeeded"})

    assert send(body, headers).status_code == 400


def test_a_signed_body_that_is_no_event_is_refused() -> None:
    assert send(*signed({"kind": "nonsense"})).status_code == 400


def test_an_event_that_tells_nothing_new_costs_one_statement_and_no_job(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    payment = paid(OrderFactory.create())
    body, headers = TestGateway().webhook_about(payment.reference)

    with django_assert_num_queries(1):
        assert send(body, headers).status_code == 200
    with django_assert_num_queries(5):  # two of them are the savepoint of the test's transaction
        assert send(body, headers).status_code == 200

    assert WebhookEvent.objects.get().applied_at
    assert jobs_named(JOB) == []


def test_an_event_that_tells_something_new_costs_its_job_besides(
    waiting: Payment, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    body, headers = finished(waiting)

    with django_assert_num_queries(6):  # two of them are the savepoint of the test's transaction
        assert send(body, headers).status_code == 200

    assert len(jobs_named(JOB)) == 1


def test_a_success_after_a_refusal_and_a_missing_fee_are_news() -> None:
    payment = paid(OrderFactory.create(), "tok_timeout")
    transaction = payment.transactions.get()
    for result in (Failed("not_received"), Succeeded("cap_1")):
        apply_result(transaction_id=transaction.pk, result=result)
        told = {"key": str(transaction.pk), "reference": "cap_1"}
        send(*signed({"type": "charge.succeeded", **told, "fee": FEE}))

    assert len(jobs_named(JOB)) == 2
    send(*signed({"type": "charge.failed", **told, "error_code": "card_declined"}))
    assert len(jobs_named(JOB)) == 2


def test_an_unknown_provider_is_refused(waiting: Payment) -> None:
    answer = send(*finished(waiting), url=URL.replace("test", "nobody"))

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_provider")
