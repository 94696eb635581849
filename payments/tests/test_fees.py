"""What providers keep: written once, with the transaction it was kept of."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.tests.factories import StaffFactory
from orders.models import Order
from payments.gateways.base import Fee, GatewayResult, Succeeded
from payments.gateways.test import TestGateway
from payments.models import Payment, PaymentTransaction
from payments.services import staff
from payments.services.fees import FeeNotKnownYet, write_fee
from payments.services.paying import PayOrder, pay
from payments.services.results import apply_result
from payments.services.staff import StaffRequest
from payments.services.webhooks import receive_webhook
from payments.tests.factories import OrderFactory, jobs_named, paid, run_jobs
from payments.tests.fake_stripe import ASKS_CUSTOMER, SUCCEEDS, FakeStripe
from payments.tests.test_stripe_webhooks import deliver

pytestmark = pytest.mark.django_db

JOB = "payments.tasks.fetch_fee"
KEPT = (Decimal("3.20"), "USD")
NOTHING = (Decimal(0), "USD")


@pytest.fixture
def order() -> Order:
    return OrderFactory.create()


@pytest.fixture
def clerk() -> User:
    return StaffFactory.create(role="Order manager")


def fee_of(kind: str = "capture") -> tuple[object, str]:
    row = PaymentTransaction.objects.get(kind=kind, status="succeeded")
    return row.fee, row.fee_currency


def by_stripe(order: Order, token: str = SUCCEEDS) -> Payment:
    return pay(command=PayOrder(order.pk, "stripe", token))


def test_a_fee_told_with_the_answer_is_written_with_it(order: Order) -> None:
    paid(order)

    assert fee_of() == KEPT
    assert jobs_named(JOB) == []


@pytest.mark.parametrize(
    ("currency", "total", "fee"), [("JPY", "1000", "59"), ("KWD", "10.000", "0.320")]
)
def test_a_fee_has_the_minor_digits_of_its_currency(currency: str, total: str, fee: str) -> None:
    paid(OrderFactory.create(currency=currency, total=Decimal(total)))

    assert fee_of() == (Decimal(fee), currency)


def test_a_fee_told_by_webhook_is_written(order: Order) -> None:
    payment = paid(order, "tok_requires_action")
    TestGateway().finish_action(payment.reference, succeeds=True)
    body, headers = TestGateway().webhook_about(payment.reference)
    receive_webhook(provider="test", body=body, headers=headers)

    run_jobs("payments.tasks.apply_webhook")

    assert fee_of() == KEPT


def test_a_refund_has_a_fee_of_its_own(order: Order, clerk: User) -> None:
    staff.refund_payment(request=StaffRequest(paid(order).pk, clerk, everything=True))

    assert fee_of("refund") == NOTHING


def test_a_fee_is_written_once_whatever_is_told_later(order: Order) -> None:
    key = paid(order).transactions.get().pk
    reference = PaymentTransaction.objects.get().reference

    apply_result(transaction_id=key, result=Succeeded(reference, Fee(Decimal("9.99"), "EUR")))

    assert not write_fee(transaction_id=key, fee=Fee(Decimal("9.99"), "EUR"))
    assert fee_of() == KEPT


def test_a_fee_that_comes_after_the_success_is_added(order: Order) -> None:
    paid(order, "tok_timeout")
    key = PaymentTransaction.objects.get().pk
    apply_result(transaction_id=key, result=Succeeded("cap_1"))
    assert fee_of() == (None, "")
    before = Payment.objects.values().get()

    for _ in range(2):
        apply_result(transaction_id=key, result=Succeeded("cap_1", Fee(Decimal("0.59"), "EUR")))

    assert fee_of() == (Decimal("0.59"), "EUR")
    assert Payment.objects.values().get() == before


@pytest.mark.parametrize(
    "change",
    [
        {"fee": Decimal(1)},
        {"fee": None, "fee_currency": ""},
        {"fee_currency": "EUR"},
        {"amount": Decimal(1)},
        {"kind": "refund"},
    ],
)
def test_the_database_keeps_what_was_written(order: Order, change: dict[str, object]) -> None:
    paid(order)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        PaymentTransaction.objects.update(**change)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        PaymentTransaction.objects.get().delete()


@pytest.mark.parametrize("change", [{"fee": Decimal(1)}, {"fee_currency": "EUR"}])
def test_a_fee_has_a_currency_and_a_currency_a_fee(order: Order, change: dict[str, object]) -> None:
    paid(order, "tok_timeout")

    with pytest.raises(IntegrityError, match="transaction_fee"), transaction.atomic():
        PaymentTransaction.objects.update(**change)


def test_stripe_tells_the_fee_with_the_charge(stripe: FakeStripe, order: Order) -> None:
    by_stripe(order)

    assert fee_of() == KEPT


def test_stripe_tells_the_fee_with_capture_and_refund(
    stripe: FakeStripe, order: Order, clerk: User, settings: Settings
) -> None:
    settings.PAYMENT_CAPTURE = "manual"
    payment = by_stripe(order)
    staff.capture_payment(request=StaffRequest(payment.pk, clerk))
    staff.refund_payment(request=StaffRequest(payment.pk, clerk, everything=True))

    assert (fee_of(), fee_of("refund")) == (KEPT, NOTHING)
    assert fee_of("authorize") == (None, "")


def test_what_stripe_books_later_is_asked_for_until_it_is_known(
    stripe: FakeStripe, order: Order, clerk: User
) -> None:
    stripe.books_at_once = False
    staff.refund_payment(request=StaffRequest(by_stripe(order).pk, clerk, Decimal("10.00")))
    with pytest.raises(FeeNotKnownYet):
        run_jobs(JOB)

    stripe.book()
    run_jobs(JOB)
    run_jobs(JOB)

    assert (fee_of(), fee_of("refund")) == (KEPT, NOTHING)


def test_a_fee_that_no_event_of_stripe_tells_is_asked_for(
    stripe: FakeStripe, order: Order, settings: Settings
) -> None:
    stripe.finish_action(by_stripe(order, ASKS_CUSTOMER).reference, succeeds=True)
    deliver(*stripe.events)
    assert fee_of() == (None, "")

    run_jobs(JOB)

    assert fee_of() == KEPT


def test_the_fee_of_a_later_capture_is_asked_for_by_its_charge(
    stripe: FakeStripe, order: Order, clerk: User, settings: Settings
) -> None:
    settings.PAYMENT_CAPTURE = "manual"
    stripe.books_at_once = False
    staff.capture_payment(request=StaffRequest(by_stripe(order).pk, clerk))

    stripe.book()
    run_jobs(JOB)

    assert fee_of() == KEPT


class SilentGateway(TestGateway):
    """A provider that tells no fees."""

    capabilities = ()

    def fetch_fee(self, reference: str) -> Fee | None:
        raise AssertionError("nobody asks")


def test_a_provider_that_tells_no_fees_is_not_asked(order: Order, settings: Settings) -> None:
    settings.PAYMENT_GATEWAYS = [f"{__name__}.SilentGateway"]
    paid(order, "tok_timeout")
    result: GatewayResult = Succeeded("cap_1")

    apply_result(transaction_id=PaymentTransaction.objects.get().pk, result=result)

    assert jobs_named(JOB) == []
