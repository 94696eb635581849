"""Refunds, captures and voids by staff, and the money of cancelled orders."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.tests.factories import StaffFactory
from core.models import DomainEvent
from orders.models import Order, OrderStatus
from payments.models import Payment, PaymentStatus, SimulatedOperation
from payments.services import staff
from payments.services.automatic_refunds import refund_cancelled_order
from payments.services.staff import StaffRequest
from payments.tests.factories import OrderFactory, jobs_named, paid, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return OrderFactory.create()


@pytest.fixture
def clerk() -> User:
    return StaffFactory.create(role="Order manager")


@pytest.fixture
def authorized(order: Order, settings: Settings) -> Payment:
    settings.PAYMENT_CAPTURE = "manual"
    return paid(order)


def request(payment: Payment, by: User, amount: str | None = None) -> StaffRequest:
    return StaffRequest(payment.pk, by, Decimal(amount) if amount else None, "Because.")


def everything(payment: Payment, by: User) -> StaffRequest:
    return StaffRequest(payment.pk, by, reason="Because.", everything=True)


def test_a_partial_refund_leaves_the_order_paid(order: Order, clerk: User) -> None:
    payment = staff.refund_payment(request=request(paid(order), clerk, "30.00"))

    order.refresh_from_db()
    assert (order.status, payment.status) == (OrderStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED)
    assert (payment.captured, payment.refunded) == (100, 30)
    transaction = payment.transactions.get(kind="refund")
    assert (transaction.amount, transaction.reason, transaction.by) == (30, "Because.", clerk)
    assert DomainEvent.objects.get(name="payment.refunded").payload["amount"] == "30.0000"


def test_refunding_all_that_is_left_marks_the_order_refunded(order: Order, clerk: User) -> None:
    payment = paid(order)
    staff.refund_payment(request=request(payment, clerk, "30.00"))

    payment = staff.refund_payment(request=everything(payment, clerk))

    order.refresh_from_db()
    assert (order.status, payment.status) == (OrderStatus.REFUNDED, PaymentStatus.REFUNDED)
    amounts = payment.transactions.order_by("at").values_list("amount", flat=True)
    assert list(amounts) == [100, 30, 70]


def test_never_refunds_more_than_was_captured(order: Order, clerk: User) -> None:
    payment = staff.refund_payment(request=request(paid(order), clerk, "30.00"))

    with pytest.raises(staff.RefundExceedsCaptured) as refusal:
        staff.refund_payment(request=request(payment, clerk, "70.01"))

    payment.refresh_from_db()
    assert refusal.value.members == {"refundable": "70.00"}
    assert payment.refunded == 30
    assert SimulatedOperation.objects.filter(kind="refund").count() == 1


@pytest.mark.parametrize("amount", ["0", "-1", "0.001"])
def test_an_amount_is_positive_and_in_whole_cents(order: Order, clerk: User, amount: str) -> None:
    payment = paid(order)

    with pytest.raises(staff.InvalidAmount):
        staff.refund_payment(request=request(payment, clerk, amount))


def test_nothing_is_refunded_of_a_payment_that_waits(order: Order, clerk: User) -> None:
    payment = paid(order, "tok_requires_action")

    with pytest.raises(staff.RefundExceedsCaptured):
        staff.refund_payment(request=everything(payment, clerk))


def test_capturing_all_makes_the_order_paid(order: Order, authorized: Payment, clerk: User) -> None:
    part = staff.capture_payment(request=request(authorized, clerk, "60.00"))
    assert (part.status, part.captured) == (PaymentStatus.PARTIALLY_CAPTURED, 60)

    payment = staff.capture_payment(request=request(authorized, clerk))

    order.refresh_from_db()
    assert (order.status, payment.status) == (OrderStatus.PAID, PaymentStatus.SUCCEEDED)
    assert payment.captured == 100


def test_never_captures_more_than_is_authorized(authorized: Payment, clerk: User) -> None:
    with pytest.raises(staff.CaptureExceedsAuthorized):
        staff.capture_payment(request=request(authorized, clerk, "100.01"))


def test_voiding_releases_the_authorization(order: Order, authorized: Payment, clerk: User) -> None:
    payment = staff.void_payment(request=request(authorized, clerk))

    order.refresh_from_db()
    assert (order.status, payment.status) == (OrderStatus.PENDING, PaymentStatus.CANCELLED)
    assert (payment.authorized, payment.captured) == (0, 0)


def test_what_is_captured_is_not_voided(authorized: Payment, clerk: User) -> None:
    staff.capture_payment(request=request(authorized, clerk))

    with pytest.raises(staff.NotVoidable):
        staff.void_payment(request=request(authorized, clerk))


def test_a_voided_order_can_be_paid_again(
    order: Order, authorized: Payment, clerk: User, settings: Settings
) -> None:
    staff.void_payment(request=request(authorized, clerk))
    settings.PAYMENT_CAPTURE = "automatic"

    assert paid(order).status == PaymentStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("capture", "token", "kind", "status"),
    [
        ("automatic", "tok_success", "refund", PaymentStatus.REFUNDED),
        ("manual", "tok_success", "void", PaymentStatus.CANCELLED),
        ("automatic", "tok_requires_action", "void", PaymentStatus.CANCELLED),
    ],
)
def test_a_cancelled_order_gives_its_money_back_once(
    order: Order, settings: Settings, capture: str, token: str, kind: str, status: str
) -> None:
    settings.PAYMENT_CAPTURE = capture
    payment = paid(order, token)
    Order.objects.filter(pk=order.pk).update(status=OrderStatus.CANCELLED)

    refund_cancelled_order(order_id=order.pk)
    refund_cancelled_order(order_id=order.pk)
    run_jobs("payments.tasks.execute")
    refund_cancelled_order(order_id=order.pk)

    payment.refresh_from_db()
    assert payment.status == status
    assert payment.transactions.filter(kind=kind, status="succeeded").count() == 1
    assert len(jobs_named("payments.tasks.execute")) == 1


def test_a_cancelled_order_that_nobody_paid_has_nothing_to_give_back(order: Order) -> None:
    refund_cancelled_order(order_id=order.pk)

    assert not Payment.objects.exists()
