"""Paying with Stripe, over real HTTP against the fake."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.tests.factories import StaffFactory
from core.errors import DomainError
from orders.models import Order, OrderStatus
from payments import gateways
from payments.gateways.base import InvalidPaymentMethod
from payments.gateways.stripe import API_VERSION
from payments.gateways.stripe_amounts import stripe_amount
from payments.models import Payment, PaymentStatus, PaymentTransaction
from payments.services import paying, staff
from payments.services.automatic_refunds import refund_cancelled_order
from payments.services.paying import PayOrder, pay
from payments.services.reconciliation import resolve
from payments.services.staff import StaffRequest
from payments.tests.factories import OrderFactory, run_jobs
from payments.tests.fake_stripe import ASKS_CUSTOMER, SUCCEEDS, FakeStripe

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return OrderFactory.create()


@pytest.fixture
def clerk() -> User:
    return StaffFactory.create(role="Order manager")


def paid(order: Order, token: str = SUCCEEDS) -> Payment:
    return pay(command=PayOrder(order.pk, "stripe", token))


def request(payment: Payment, by: User, amount: str | None = None) -> StaffRequest:
    return StaffRequest(payment.pk, by, Decimal(amount) if amount else None)


def everything(payment: Payment, by: User) -> StaffRequest:
    return StaffRequest(payment.pk, by, everything=True)


def ask_again(minutes: int = 1) -> None:
    """Do what reconciliation does with every open transaction."""
    for transaction in PaymentTransaction.objects.filter(status="requested"):
        resolve(transaction_id=transaction.pk, now=timezone.now() + timedelta(minutes=minutes))


def test_a_good_card_pays_the_order(stripe: FakeStripe, order: Order) -> None:
    payment = paid(order)

    order.refresh_from_db()
    intent = stripe.intents[payment.reference]
    assert (order.status, payment.status) == (OrderStatus.PAID, PaymentStatus.SUCCEEDED)
    assert (intent["amount_received"], intent["currency"]) == (10_000, "usd")
    transaction = payment.transactions.get()
    assert intent["metadata"] == {"transaction": str(transaction.pk), "order": order.number}


def test_speaks_one_version_of_the_interface(stripe: FakeStripe, order: Order) -> None:
    paid(order)

    assert stripe.versions == {API_VERSION}


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("pm_card_visa_chargeDeclined", paying.CardDeclined),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", paying.InsufficientFunds),
        ("pm_unknown", paying.PaymentRefused),
    ],
)
def test_a_bad_card_is_refused_and_another_one_pays(
    stripe: FakeStripe, order: Order, token: str, error: type[DomainError]
) -> None:
    with pytest.raises(error):
        paid(order, token)

    assert stripe.taken() == 0
    assert paid(order).status == PaymentStatus.SUCCEEDED


@pytest.mark.parametrize("token", ["4242424242424242", "tok_visa", "pm_", "pm_x/../y", "pm_ä"])
def test_what_is_no_token_never_leaves_the_shop(
    stripe: FakeStripe, order: Order, token: str
) -> None:
    with pytest.raises(InvalidPaymentMethod):
        paid(order, token)

    assert not stripe.intents


def test_a_customer_who_must_act_gets_the_secret(stripe: FakeStripe, order: Order) -> None:
    payment = paid(order, ASKS_CUSTOMER)

    assert payment.status == PaymentStatus.REQUIRES_ACTION
    assert payment.client_secret == stripe.intents[payment.reference]["client_secret"]


def test_another_card_cancels_the_attempt_that_waits(stripe: FakeStripe, order: Order) -> None:
    waiting = paid(order, ASKS_CUSTOMER)

    assert paid(order).status == PaymentStatus.SUCCEEDED
    assert stripe.intents[waiting.reference]["status"] == "canceled"
    assert stripe.taken() == 10_000


def test_a_waiting_attempt_that_was_just_confirmed_is_not_paid_twice(
    stripe: FakeStripe, order: Order
) -> None:
    stripe.finish_action(paid(order, ASKS_CUSTOMER).reference, succeeds=True)

    with pytest.raises(paying.PaymentInProgress):
        paid(order)

    assert stripe.taken() == 10_000


def test_a_charge_whose_answer_is_lost_is_found_and_charged_once(
    stripe: FakeStripe, order: Order
) -> None:
    stripe.loses_answers = True
    assert paid(order).status == PaymentStatus.PENDING

    stripe.loses_answers = False
    ask_again()

    order.refresh_from_db()
    assert (order.status, len(stripe.intents)) == (OrderStatus.PAID, 1)


def test_a_charge_that_is_slow_is_found_later(
    stripe: FakeStripe, order: Order, settings: Settings
) -> None:
    settings.PAYMENT_TIMEOUT_SECONDS = 0.2
    gateways.forget()
    stripe.seconds_to_answer = 0.4
    assert paid(order).status == PaymentStatus.PENDING

    stripe.seconds_to_answer = 0
    ask_again()

    assert Payment.objects.get().status == PaymentStatus.SUCCEEDED


def test_a_charge_that_stripe_never_got_is_failed(stripe: FakeStripe, order: Order) -> None:
    stripe.fails_with = 500
    assert paid(order).status == PaymentStatus.PENDING

    stripe.fails_with = None
    ask_again()

    assert PaymentTransaction.objects.get().error_code == "not_received"


@pytest.mark.parametrize("minutes", [1, 60 * 24 * 30])
def test_nothing_is_guessed_while_stripe_is_silent(
    stripe: FakeStripe, order: Order, minutes: int
) -> None:
    stripe.fails_with = 500
    paid(order)

    ask_again(minutes)

    assert PaymentTransaction.objects.get().status == "requested"


@pytest.mark.parametrize("trouble", ["busy", "down", "wrong key"])
def test_stripe_out_of_reach_charges_nothing_and_leaves_the_order_payable(
    stripe: FakeStripe, order: Order, settings: Settings, trouble: str
) -> None:
    match trouble:
        case "busy":
            stripe.fails_with = 429
        case "down":
            settings.STRIPE_API_BASE = "http://127.0.0.1:9"
        case "wrong key":
            settings.STRIPE_SECRET_KEY = "sk_test_other"
    gateways.forget()

    with pytest.raises(paying.ProviderUnavailable):
        paid(order)

    assert Payment.objects.get().status == PaymentStatus.FAILED


def test_manual_capture_authorizes_and_staff_take_it(
    stripe: FakeStripe, order: Order, clerk: User, settings: Settings
) -> None:
    settings.PAYMENT_CAPTURE = "manual"
    payment = paid(order)
    assert (payment.status, stripe.taken()) == (PaymentStatus.AUTHORIZED, 0)

    staff.capture_payment(request=request(payment, clerk))

    order.refresh_from_db()
    assert (order.status, stripe.taken()) == (OrderStatus.PAID, 10_000)


def test_a_part_of_an_authorization_is_not_captured_since_the_rest_would_be_lost(
    stripe: FakeStripe, order: Order, clerk: User, settings: Settings
) -> None:
    settings.PAYMENT_CAPTURE = "manual"
    payment = paid(order)

    with pytest.raises(staff.WholeAmountOnly):
        staff.capture_payment(request=request(payment, clerk, "60.00"))

    assert stripe.taken() == 0


def test_a_capture_whose_answer_is_lost_is_found(
    stripe: FakeStripe, order: Order, clerk: User, settings: Settings
) -> None:
    settings.PAYMENT_CAPTURE = "manual"
    payment = paid(order)
    stripe.loses_answers = True
    staff.capture_payment(request=request(payment, clerk))

    stripe.loses_answers = False
    stripe.answers.clear()  # as Stripe does after a day
    ask_again()

    assert Payment.objects.get().captured == 100


def test_voiding_cancels_at_stripe(
    stripe: FakeStripe, order: Order, clerk: User, settings: Settings
) -> None:
    settings.PAYMENT_CAPTURE = "manual"
    payment = staff.void_payment(request=request(paid(order), clerk))

    assert payment.status == PaymentStatus.CANCELLED
    assert stripe.intents[payment.reference]["status"] == "canceled"


def test_a_void_whose_answer_is_lost_is_found(
    stripe: FakeStripe, order: Order, clerk: User, settings: Settings
) -> None:
    settings.PAYMENT_CAPTURE = "manual"
    payment = paid(order)
    stripe.loses_answers = True
    staff.void_payment(request=request(payment, clerk))

    stripe.loses_answers = False
    stripe.answers.clear()
    ask_again()

    assert Payment.objects.get().status == PaymentStatus.CANCELLED


def test_refunds_in_parts_up_to_the_whole(stripe: FakeStripe, order: Order, clerk: User) -> None:
    payment = staff.refund_payment(request=request(paid(order), clerk, "30.01"))
    assert stripe.refunded(payment.reference) == 3001

    payment = staff.refund_payment(request=everything(payment, clerk))

    assert (payment.status, payment.refunded) == (PaymentStatus.REFUNDED, 100)
    assert stripe.refunded(payment.reference) == 10_000


def test_a_refund_made_elsewhere_makes_stripe_refuse_ours(
    stripe: FakeStripe, order: Order, clerk: User
) -> None:
    payment = paid(order)
    stripe.intents[payment.reference]["amount_received"] = 2_000

    with pytest.raises(staff.RefusedByProvider) as refusal:
        staff.refund_payment(request=request(payment, clerk, "30.00"))

    payment.refresh_from_db()
    assert refusal.value.members == {"reason": "not_refundable"}
    assert payment.refunded == 0


def test_a_refund_whose_answer_is_lost_is_made_once_even_after_a_day(
    stripe: FakeStripe, order: Order, clerk: User
) -> None:
    payment = paid(order)
    stripe.loses_answers = True
    staff.refund_payment(request=request(payment, clerk, "30.00"))
    # The refund was not sent at all: looking for an earlier one had no answer either.
    stripe.loses_answers = False
    ask_again()
    PaymentTransaction.objects.filter(kind="refund").update(status="requested")
    stripe.answers.clear()
    ask_again()

    assert stripe.refunded(payment.reference) == 3_000
    assert Payment.objects.get().refunded == 30


def test_a_pending_refund_stays_open_until_stripe_knows(
    stripe: FakeStripe, order: Order, clerk: User
) -> None:
    stripe.refunds_begin_as = "pending"
    payment = staff.refund_payment(request=request(paid(order), clerk, "30.00"))
    assert payment.refunded == 0

    stripe.finish_refund(next(iter(stripe.refunds)), "succeeded")
    ask_again()

    assert Payment.objects.get().refunded == 30


def test_a_cancelled_order_gets_its_money_back(stripe: FakeStripe, order: Order) -> None:
    payment = paid(order)
    Order.objects.filter(pk=order.pk).update(status=OrderStatus.CANCELLED)

    refund_cancelled_order(order_id=order.pk)
    run_jobs("payments.tasks.execute")

    assert stripe.refunded(payment.reference) == 10_000


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("19.90", "USD", 1990),
        ("1990", "JPY", 1990),
        ("1.990", "KWD", 1990),
        ("1.995", "KWD", None),
        ("500", "ISK", 50_000),
        ("500", "UGX", 50_000),
        ("500.00", "MGA", 500),
        ("500.50", "MGA", None),
        ("0.001", "USD", None),
    ],
)
def test_amounts_are_counted_as_stripe_counts(
    amount: str, currency: str, expected: int | None
) -> None:
    assert stripe_amount(Decimal(amount), currency) == expected


def test_an_amount_that_stripe_cannot_count_is_refused(stripe: FakeStripe) -> None:
    order = OrderFactory.create(currency="KWD", total=Decimal("1.995"))

    with pytest.raises(paying.PaymentRefused) as refusal:
        paid(order)

    assert refusal.value.members["reason"] == "amount_too_fine"
    assert not stripe.intents
