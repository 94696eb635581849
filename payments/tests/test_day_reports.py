"""Our books against the provider's, day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.tests.factories import StaffFactory
from inventory.tests.racing import race
from payments.comparison import Books, pairs_of
from payments.gateways.base import Fee, GatewayTimeout, Movement, Succeeded
from payments.gateways.test import TestGateway
from payments.models import (
    CHARGED_TWICE,
    DayReport,
    DayReportRow,
    Finding,
    Payment,
    PaymentTransaction,
    SimulatedOperation,
)
from payments.selectors import rows_of_report, transactions_matching
from payments.services import staff, statements
from payments.services.paying import PayOrder, pay
from payments.services.results import apply_result
from payments.services.staff import StaffRequest
from payments.services.statements import DayNotOver, NoStatements, StatementUnavailable
from payments.tests.factories import OrderFactory, jobs_named, paid, run_jobs
from payments.tests.fake_stripe import SUCCEEDS, FakeStripe

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MORNING_AFTER = datetime(2026, 3, 11, 3, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOON):
        yield


def compare(provider: str = "test", day: date = DAY) -> DayReport:
    now = datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=1)
    return statements.compare_day(provider=provider, day=day, now=now)


def findings(report: DayReport) -> list[tuple[Finding, str]]:
    return [(Finding(row.finding), row.kind) for row in rows_of_report(report)]


def there(**details: Any) -> SimulatedOperation:
    """Let the network have done something on its own."""
    known = {
        "key": "0198f3a2-8c00-7a11-8f00-1b2c3d4e5f60",
        "reference": "cap_of_nobody",
        "kind": "capture",
        "status": "succeeded",
        "amount": Decimal("12.00"),
        "currency": "USD",
    }
    return SimulatedOperation.objects.create(**(known | details))


def test_what_both_know_agrees() -> None:
    payment = paid(OrderFactory.create())
    staff.refund_payment(request=StaffRequest(payment.pk, StaffFactory.create(), Decimal("10.00")))

    report = compare()

    assert findings(report) == [(Finding.AGREES, "capture"), (Finding.AGREES, "refund")]
    assert (report.agreeing, report.differing) == (2, 0)


def test_a_charge_known_there_and_not_here_comes_first() -> None:
    paid(OrderFactory.create())
    there()

    report = compare()

    assert findings(report) == [(Finding.ONLY_THERE, "capture"), (Finding.AGREES, "capture")]
    row = rows_of_report(report)[0]
    assert (row.reference, row.our_amount, row.their_amount) == ("cap_of_nobody", None, 12)


def test_what_is_known_here_and_not_there_is_told() -> None:
    payment = paid(OrderFactory.create())
    SimulatedOperation.objects.all().delete()

    row = rows_of_report(compare()).get()

    assert (row.finding, row.reference) == (Finding.ONLY_HERE, payment.reference)
    assert (row.our_amount, row.their_amount) == (100, None)


def test_an_amount_that_differs_is_told() -> None:
    paid(OrderFactory.create())
    SimulatedOperation.objects.update(amount=Decimal("99.99"))

    row = rows_of_report(compare()).get()

    assert row.finding == Finding.AMOUNT_DIFFERS
    assert (row.our_amount, row.their_amount) == (Decimal(100), Decimal("99.99"))


def test_another_currency_is_another_amount() -> None:
    paid(OrderFactory.create())
    SimulatedOperation.objects.update(currency="EUR")

    assert findings(compare()) == [(Finding.AMOUNT_DIFFERS, "capture")]


def test_a_charge_whose_answer_is_lost_is_not_done_here() -> None:
    paid(OrderFactory.create(), "tok_timeout")

    assert findings(compare()) == [(Finding.NOT_DONE_HERE, "capture")]


def test_a_refund_that_was_made_twice_there_is_told_once_as_a_difference() -> None:
    payment = paid(OrderFactory.create())
    staff.refund_payment(request=StaffRequest(payment.pk, StaffFactory.create(), Decimal("10.00")))
    first = payment.transactions.get(kind="refund")

    class Doubled(TestGateway):
        def movements(self, **day: Any) -> Iterator[Movement]:
            for movement in super().movements(**day):
                yield movement
                if movement.key == first.pk:
                    yield movement

    pairs = list(Doubled().movements(since=NOON - timedelta(days=1), until=NOON + timedelta(1)))
    books = Books(transactions_matching("test", pairs))
    found = [pair.finding for pair in pairs_of([], pairs, books)]

    assert found == [Finding.AGREES, Finding.AGREES, Finding.ONLY_THERE]


def test_money_taken_twice_and_given_back_agrees() -> None:
    paid(OrderFactory.create())
    payment = Payment.objects.get()
    twice = there(amount=Decimal(100))
    PaymentTransaction.objects.create(
        id=twice.key,
        payment=payment,
        kind="capture",
        status="failed",
        error_code=CHARGED_TWICE,
        reference=twice.reference,
        amount=100,
        provider="test",
        at=NOON,
        finished_at=NOON,
    )

    assert {finding for finding, _ in findings(compare())} == {Finding.AGREES}


def test_a_day_ends_at_midnight_utc() -> None:
    for moment in ("2026-03-09T23:59:59Z", "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z"):
        with time_machine.travel(moment, tick=False):
            paid(OrderFactory.create())

    assert compare().agreeing == 1


def test_what_is_learnt_a_day_late_belongs_to_the_day_it_moved() -> None:
    paid(OrderFactory.create(), "tok_timeout")
    transaction = PaymentTransaction.objects.get()
    with time_machine.travel(NOON + timedelta(days=1)):
        reference = SimulatedOperation.objects.get().reference
        apply_result(transaction_id=transaction.pk, result=Succeeded(reference))

    assert findings(compare()) == [(Finding.AGREES, "capture")]
    assert findings(compare(day=DAY + timedelta(days=1))) == []


def test_a_fee_that_was_not_known_is_learnt_and_one_that_differs_is_told() -> None:
    paid(OrderFactory.create(), "tok_timeout")
    transaction = PaymentTransaction.objects.get()
    reference = SimulatedOperation.objects.get().reference
    apply_result(transaction_id=transaction.pk, result=Succeeded(reference))

    assert findings(compare()) == [(Finding.AGREES, "capture")]
    transaction.refresh_from_db()
    assert (transaction.fee, transaction.fee_currency) == (Decimal("3.20"), "USD")

    other = paid(OrderFactory.create(), "tok_timeout").transactions.get()
    reference = SimulatedOperation.objects.get(pk=other.pk).reference
    fee = Fee(Decimal("1.00"), "USD")
    apply_result(transaction_id=other.pk, result=Succeeded(reference, fee))
    assert findings(compare())[0] == (Finding.FEE_DIFFERS, "capture")


def test_comparing_again_replaces_the_report() -> None:
    there()
    first = compare()
    SimulatedOperation.objects.all().delete()

    again = compare()

    assert (again.pk, again.differing, DayReport.objects.count()) == (first.pk, 0, 1)
    assert not DayReportRow.objects.exists()


def test_a_day_that_is_not_over_is_refused() -> None:
    with pytest.raises(DayNotOver):
        statements.compare_day(provider="test", day=DAY, now=NOON)

    assert not DayReport.objects.exists()


def test_a_provider_without_books_is_refused(settings: Settings) -> None:
    settings.PAYMENT_GATEWAYS = ["payments.gateways.offline.BankTransferGateway"]

    with pytest.raises(NoStatements):
        compare("bank_transfer")


class SilentGateway(TestGateway):
    """A provider that cannot be asked."""

    def movements(self, **_day: Any) -> Iterator[Movement]:
        raise GatewayTimeout


def test_what_was_found_stays_while_the_provider_is_silent(settings: Settings) -> None:
    there()
    compare()
    settings.PAYMENT_GATEWAYS = [f"{__name__}.SilentGateway"]

    with pytest.raises(StatementUnavailable):
        compare()

    assert DayReport.objects.get().differing == 1


def test_every_night_yesterday_is_compared_with_every_provider_that_keeps_books(
    stripe: FakeStripe, settings: Settings
) -> None:
    settings.PAYMENT_GATEWAYS += ["payments.gateways.offline.BankTransferGateway"]
    paid(OrderFactory.create())

    with time_machine.travel(MORNING_AFTER):
        statements.compare_yesterday(now=timezone.now())
        asked = jobs_named("payments.tasks.compare_day")
        run_jobs("payments.tasks.compare_day")

    day = DAY.isoformat()
    assert asked == [{"provider": "test", "day": day}, {"provider": "stripe", "day": day}]
    counts = DayReport.objects.order_by("provider").values_list("provider", "agreeing")
    assert list(counts) == [("stripe", 0), ("test", 1)]


def test_a_report_costs_the_same_queries_for_1_and_30_movements(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for count in (1, 29):
        for order in OrderFactory.create_batch(count):
            paid(order)
        report = compare()
        with django_assert_num_queries(1):
            rows = list(rows_of_report(report))
            assert all(row.transaction and row.transaction.payment.order.number for row in rows)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_comparing_a_day_10_times_at_once_makes_one_report() -> None:
    there()

    outcomes = race([partial(compare)] * 10)

    assert all(isinstance(outcome, DayReport) for outcome in outcomes), outcomes
    assert DayReportRow.objects.count() == DayReport.objects.get().differing == 1


def by_stripe(amount: str = "100.00") -> Payment:
    order = OrderFactory.create(total=Decimal(amount))
    return pay(command=PayOrder(order.pk, "stripe", SUCCEEDS))


@pytest.mark.parametrize("capture", ["automatic", "manual"])
def test_stripe_agrees_on_charges_refunds_and_fees_over_many_pages(
    stripe: FakeStripe, settings: Settings, capture: str
) -> None:
    settings.PAYMENT_CAPTURE = capture
    stripe.largest_page = 2
    clerk = StaffFactory.create()
    for _ in range(3):
        payment = by_stripe()
        if capture == "manual":
            staff.capture_payment(request=StaffRequest(payment.pk, clerk))
        staff.refund_payment(request=StaffRequest(payment.pk, clerk, Decimal("33.33")))

    report = compare("stripe")

    assert (report.agreeing, report.differing) == (6, 0)
    fees = {row.fee for row in rows_of_report(report) if row.kind == "capture"}
    assert fees == {Decimal("3.20")}


def test_stripe_is_found_to_differ(stripe: FakeStripe) -> None:
    lost, changed = by_stripe(), by_stripe()
    stripe.refund_in_dashboard(changed.reference, 500)
    stripe.charges[stripe.intents[changed.reference]["latest_charge"]]["amount_captured"] = 9_999
    stripe.entries.pop(stripe.charge_of(lost.reference)["booked_as"])

    assert findings(compare("stripe")) == [
        (Finding.ONLY_THERE, "refund"),
        (Finding.ONLY_HERE, "capture"),
        (Finding.AMOUNT_DIFFERS, "capture"),
    ]


def test_what_stripe_keeps_for_itself_is_not_the_shops_business(stripe: FakeStripe) -> None:
    by_stripe()
    entry = next(iter(stripe.entries.values()))
    stripe.entries["txn_payout"] = entry | {"id": "txn_payout", "type": "payout", "source": "po_1"}
    stripe.entries["txn_dispute"] = entry | {
        "id": "txn_dispute",
        "type": "adjustment",
        "amount": -10_000,
        "source": None,
    }

    assert findings(compare("stripe")) == [
        (Finding.ONLY_THERE, "adjustment"),
        (Finding.AGREES, "capture"),
    ]
