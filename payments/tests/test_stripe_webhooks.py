"""Stripe's events, as Stripe sends them: signed, retried, doubled, in any order."""

from __future__ import annotations

import json
import time
from itertools import permutations
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.tests.factories import StaffFactory
from orders.models import Order, OrderStatus
from payments.models import Payment, PaymentStatus, WebhookEvent
from payments.services import staff
from payments.services.paying import PayOrder, pay
from payments.services.staff import StaffRequest
from payments.tests.factories import OrderFactory, run_jobs
from payments.tests.fake_stripe import ASKS_CUSTOMER, SUCCEEDS, FakeStripe, signed

pytestmark = pytest.mark.django_db

URL = "/api/v1/payments/webhooks/stripe/"
JOB = "payments.tasks.apply_webhook"


def paid(token: str = SUCCEEDS) -> Payment:
    return pay(command=PayOrder(OrderFactory.create().pk, "stripe", token))


def send(body: bytes, headers: dict[str, str]) -> int:
    answer = Client().post(URL, body, content_type="application/json", headers=headers)
    return answer.status_code


def deliver(*events: dict[str, Any]) -> None:
    for event in events:
        assert send(*signed(event)) == 200
    run_jobs(JOB)


def test_a_confirmed_payment_makes_the_order_paid(stripe: FakeStripe) -> None:
    stripe.finish_action(paid(ASKS_CUSTOMER).reference, succeeds=True)

    deliver(*stripe.events)

    payment = Payment.objects.get()
    assert (payment.status, payment.client_secret) == (PaymentStatus.SUCCEEDED, "")
    assert Order.objects.get().status == OrderStatus.PAID


def test_a_customer_who_fails_to_confirm_may_try_another_card(stripe: FakeStripe) -> None:
    stripe.finish_action(paid(ASKS_CUSTOMER).reference, succeeds=False)

    deliver(*stripe.events)

    payment = Payment.objects.get()
    assert payment.status == PaymentStatus.FAILED
    assert payment.transactions.get().error_code == "authentication_failed"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_events_may_come_in_any_order_and_doubled(
    stripe: FakeStripe, order: tuple[int, ...]
) -> None:
    payment = paid(ASKS_CUSTOMER)
    stripe.finish_action(payment.reference, succeeds=False)
    stripe.finish_action(payment.reference, succeeds=True)  # the same page, another card

    for number in order:
        deliver(stripe.events[number], stripe.events[number])

    payment.refresh_from_db()
    assert (payment.status, payment.captured) == (PaymentStatus.SUCCEEDED, 100)
    assert WebhookEvent.objects.count() == 3


def test_a_retry_is_signed_anew_and_stored_once(stripe: FakeStripe) -> None:
    paid()
    first, retry = (signed(stripe.events[0], at=time.time() - age) for age in (60, 0))

    assert first[1] != retry[1]
    assert [send(*first), send(*retry)] == [200, 200]
    assert WebhookEvent.objects.count() == 1


def test_an_event_before_the_answer_pays_once(stripe: FakeStripe) -> None:
    stripe.loses_answers = True
    paid()
    stripe.loses_answers = False

    deliver(*stripe.events)

    assert (Payment.objects.get().captured, stripe.taken()) == (100, 10_000)


@pytest.mark.parametrize(("status", "refunded"), [("succeeded", 30), ("failed", 0)])
def test_a_pending_refund_is_told_by_event(stripe: FakeStripe, status: str, refunded: int) -> None:
    payment = paid()
    stripe.refunds_begin_as = "pending"
    clerk = StaffFactory.create()
    staff.refund_payment(request=StaffRequest(payment.pk, clerk, amount=payment.amount))
    stripe.finish_refund(next(iter(stripe.refunds)), status)

    deliver(*stripe.events)

    payment.refresh_from_db()
    assert payment.refunded == (100 if refunded else 0)


@pytest.mark.parametrize(
    "about",
    [
        {"id": "cus_1", "object": "customer"},
        {"id": "pi_1", "status": "succeeded", "metadata": {}},
        {"id": "pi_1", "status": "succeeded", "metadata": {"transaction": "of another shop"}},
        {
            "id": "pi_1",
            "status": "succeeded",
            "metadata": {"transaction": "0198f3a2-8c00-7a11-8f00-1b2c3d4e5f60"},
        },
    ],
)
def test_what_is_not_about_our_payments_is_taken(stripe: FakeStripe, about: dict[str, Any]) -> None:
    deliver({"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": about}})

    assert WebhookEvent.objects.get().applied_at


@pytest.mark.parametrize("age", [301, 86_400])
def test_an_old_event_is_refused(stripe: FakeStripe, age: int) -> None:
    paid()

    assert send(*signed(stripe.events[0], at=time.time() - age)) == 400


@pytest.mark.parametrize(
    "headers",
    [{}, {"stripe-signature": "nonsense"}, {"stripe-signature": f"t={int(time.time())},v1=00"}],
)
def test_a_forged_event_is_refused(stripe: FakeStripe, headers: dict[str, str]) -> None:
    paid()

    assert send(json.dumps(stripe.events[0]).encode(), headers) == 400
    assert not WebhookEvent.objects.exists()


def test_without_a_secret_no_event_is_believed(stripe: FakeStripe, settings: Settings) -> None:
    paid()
    settings.STRIPE_WEBHOOK_SECRET = ""

    assert send(*signed(stripe.events[0])) == 400


@pytest.mark.parametrize(
    "event", [[], {}, {"id": 1, "type": 2, "data": {"object": {}}}, {"id": "x" * 121, "type": "a"}]
)
def test_a_signed_body_that_is_no_event_is_refused(stripe: FakeStripe, event: Any) -> None:
    assert send(*signed(event)) == 400


def test_a_body_that_is_no_text_is_refused(stripe: FakeStripe) -> None:
    assert send(b"\xff\xfe", {"stripe-signature": "t=1,v1=00"}) == 400


def test_secrets_and_personal_data_are_not_kept(stripe: FakeStripe) -> None:
    paid(ASKS_CUSTOMER)
    event = stripe.events[0]
    event["data"]["object"]["receipt_email"] = "ada@example.com"

    deliver(event)

    kept = json.dumps(WebhookEvent.objects.get().payload)
    assert "_secret_" not in kept
    assert "ada@example.com" not in kept
