"""How attempts to pay ended: the source of the payment success rate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.tests.factories import StaffFactory
from payments.models import CHARGED_TWICE, Payment, PaymentTransaction
from payments.selectors import AttemptFigures, attempt_figures
from payments.services import staff
from payments.services.paying import CardDeclined
from payments.services.staff import StaffRequest
from payments.tests.factories import OrderFactory, paid

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = {"since": NOON, "until": NOON + timedelta(days=1)}


def attempt(seconds: float | None = 1, status: str = "succeeded", **more: Any) -> None:
    """Write an attempt at noon that took so long."""
    order = OrderFactory.create()
    payment = Payment.objects.create(order=order, provider="test", amount=100, currency="USD")
    row = {
        "payment": payment,
        "kind": "capture",
        "status": status,
        "amount": 100,
        "provider": "test",
        "at": NOON,
        "finished_at": None if seconds is None else NOON + timedelta(seconds=seconds),
    }
    PaymentTransaction.objects.create(**(row | more))


def test_counts_outcomes_and_tells_the_rate() -> None:
    for _ in range(3):
        attempt()
    attempt(status="failed", error_code="card_declined")
    attempt(status="failed", error_code="cancelled")
    attempt(status="failed", error_code=CHARGED_TWICE)
    attempt(None, status="requested")
    attempt(None, status="requires_action")

    figures = attempt_figures(**DAY)[0]

    assert (figures.succeeded, figures.refused, figures.abandoned, figures.open) == (4, 1, 1, 2)
    assert figures.success_rate == 0.8


def test_tells_how_long_answers_took() -> None:
    for seconds in range(1, 101):
        attempt(seconds)
    attempt(9000, status="failed", error_code="cancelled")

    figures = attempt_figures(**DAY)[0]

    assert figures.median_seconds == 50.5
    assert figures.p95_seconds == pytest.approx(95.05)


def test_takes_what_began_in_the_time_by_provider(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    attempt()
    attempt(provider="acme")
    attempt(at=DAY["until"], finished_at=DAY["until"])
    attempt(at=NOON - timedelta(microseconds=1))

    with django_assert_num_queries(1):
        figures = attempt_figures(**DAY)

    assert [(figure.provider, figure.succeeded) for figure in figures] == [("acme", 1), ("test", 1)]


def test_without_outcomes_there_is_no_rate() -> None:
    assert attempt_figures(**DAY) == []

    attempt(None, status="requested")

    assert attempt_figures(**DAY) == [AttemptFigures("test", 0, 0, 0, 1, None, None)]
    assert attempt_figures(**DAY)[0].success_rate is None


def test_every_attempt_is_stored_with_outcome_and_duration(settings: Settings) -> None:
    settings.PAYMENT_CAPTURE = "manual"
    order, clerk = OrderFactory.create(), StaffFactory.create()
    with pytest.raises(CardDeclined):
        paid(order, "tok_declined")
    payment = paid(order)
    staff.capture_payment(request=StaffRequest(payment.pk, clerk))
    staff.refund_payment(request=StaffRequest(payment.pk, clerk, everything=True))

    now = datetime.now(UTC)
    figures = attempt_figures(since=now - timedelta(minutes=1), until=now)[0]

    assert (figures.succeeded, figures.refused, figures.success_rate) == (1, 1, 0.5)
    assert figures.median_seconds is not None
    assert figures.median_seconds > 0
