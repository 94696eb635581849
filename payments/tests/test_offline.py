"""Bank transfer and cash on delivery: promised by the customer, confirmed by staff."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory
from orders import selectors as order_selectors
from orders.models import Order, OrderStatus
from payments.gateways.base import InvalidPaymentMethod
from payments.models import Payment, PaymentStatus, TransactionKind
from payments.selectors import transactions_awaiting_an_answer
from payments.services import staff
from payments.services.automatic_refunds import refund_cancelled_order
from payments.services.locking import HeldPayment
from payments.services.paying import AlreadyPaid, PayOrder, ProviderNotOffered, pay
from payments.services.payment_requests import PaymentRequest, write_request
from payments.services.reconciliation import resolve
from payments.services.staff import StaffRequest
from payments.tests.factories import OrderFactory, run_jobs
from payments.tests.test_races import assert_clean

pytestmark = pytest.mark.django_db

OFFLINE = ["bank_transfer", "cash_on_delivery"]


@pytest.fixture(autouse=True)
def _offline(settings: Settings) -> None:
    settings.PAYMENT_GATEWAYS = [
        *settings.PAYMENT_GATEWAYS,
        "payments.gateways.offline.BankTransferGateway",
        "payments.gateways.offline.CashOnDeliveryGateway",
    ]


@pytest.fixture
def order() -> Order:
    return OrderFactory.create(shipping_address={"country": "DE"})


@pytest.fixture
def clerk() -> User:
    return StaffFactory.create(role="Order manager")


def promised(order: Order, provider: str = "bank_transfer") -> Payment:
    return pay(command=PayOrder(order.pk, provider, provider))


def request(payment: Payment, by: User, amount: str | None = None) -> StaffRequest:
    return StaffRequest(payment.pk, by, Decimal(amount) if amount else None)


def everything(payment: Payment, by: User) -> StaffRequest:
    return StaffRequest(payment.pk, by, everything=True)


def cancelled(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(status=OrderStatus.CANCELLED)
    refund_cancelled_order(order_id=order.pk)
    run_jobs("payments.tasks.execute")


@pytest.mark.parametrize("provider", OFFLINE)
def test_a_promise_leaves_the_order_pending_until_staff_have_the_money(
    order: Order, clerk: User, provider: str
) -> None:
    payment = promised(order, provider)
    order.refresh_from_db()
    assert (order.status, payment.status) == (OrderStatus.PENDING, PaymentStatus.AUTHORIZED)

    staff.capture_payment(request=request(payment, clerk))

    order.refresh_from_db()
    assert order.status == OrderStatus.PAID
    assert_clean()


def test_a_promised_order_is_not_cancelled_for_being_unpaid(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(payment_due_at=timezone.now())
    promised(order)

    later = timezone.now() + timedelta(days=7)
    assert not order_selectors.unpaid_orders_due(now=later)


def test_a_transfer_may_come_in_parts(order: Order, clerk: User) -> None:
    payment = promised(order)
    staff.capture_payment(request=request(payment, clerk, "40.00"))

    payment = staff.capture_payment(request=request(payment, clerk, "60.00"))

    assert payment.status == PaymentStatus.SUCCEEDED


def test_a_promise_is_made_once(order: Order) -> None:
    promised(order)

    with pytest.raises(AlreadyPaid):
        promised(order, "cash_on_delivery")


def test_a_promise_of_a_cancelled_order_is_released(order: Order) -> None:
    promised(order)

    cancelled(order)

    assert Payment.objects.get().status == PaymentStatus.CANCELLED
    assert_clean()


def test_money_of_a_cancelled_order_waits_for_staff_to_send_it_back(
    order: Order, clerk: User
) -> None:
    payment = staff.capture_payment(request=request(promised(order), clerk))
    cancelled(order)
    assert Payment.objects.get().refunded == 0
    assert payment.transactions.get(kind="refund").is_open
    assert_clean()

    payment = staff.refund_payment(request=everything(payment, clerk))

    assert (payment.status, payment.refunded) == (PaymentStatus.REFUNDED, 100)
    assert payment.transactions.get(kind="refund").by == clerk
    assert_clean()


def test_a_refund_that_waits_is_confirmed_in_whole(order: Order, clerk: User) -> None:
    payment = staff.capture_payment(request=request(promised(order), clerk))
    cancelled(order)

    with pytest.raises(staff.InvalidAmount):
        staff.refund_payment(request=request(payment, clerk, "40.00"))


def test_a_refund_that_waits_for_staff_is_not_asked_about(order: Order, clerk: User) -> None:
    staff.capture_payment(request=request(promised(order), clerk))
    cancelled(order)

    assert transactions_awaiting_an_answer(since=timezone.now()) == []


def test_a_promise_is_found_after_a_crash(order: Order) -> None:
    payment = Payment.objects.create(
        order=order, provider="bank_transfer", amount=order.total, currency=order.currency
    )
    attempt = write_request(
        HeldPayment(order, payment, []), PaymentRequest(TransactionKind.AUTHORIZE, payment.amount)
    )

    resolve(transaction_id=attempt.pk, now=timezone.now())

    payment.refresh_from_db()
    assert payment.status == PaymentStatus.AUTHORIZED


def test_there_are_no_tokens(order: Order) -> None:
    with pytest.raises(InvalidPaymentMethod):
        pay(command=PayOrder(order.pk, "bank_transfer", "tok_success"))


@pytest.mark.parametrize("provider", OFFLINE)
def test_nobody_sends_webhooks(api: APIClient, provider: str) -> None:
    assert api.post(f"/api/v1/payments/webhooks/{provider}/", {}).status_code == 400


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["test", "bank_transfer", "cash_on_delivery"]),
        ("?country=DE", ["test", "bank_transfer"]),
        ("?country=ID&currency=USD", ["test", "cash_on_delivery"]),
        ("?country=ID&currency=EUR", ["test", "bank_transfer", "cash_on_delivery"]),
        ("?country=US&currency=USD", ["test"]),
    ],
)
def test_providers_are_offered_by_country_and_currency(
    api: APIClient, settings: Settings, query: str, expected: list[str]
) -> None:
    settings.PAYMENT_COUNTRIES = {"cash_on_delivery": ["ID"]}
    settings.PAYMENT_CURRENCIES = {"bank_transfer": ["EUR"]}

    answer = api.get(f"/api/v1/payments/providers/{query}")

    assert [provider["code"] for provider in answer.json()["results"]] == expected


@pytest.mark.parametrize("query", ["?land=DE", "?country=de", "?country=DEU", "?currency=euro"])
def test_nonsense_is_refused_not_ignored(api: APIClient, query: str) -> None:
    assert api.get(f"/api/v1/payments/providers/{query}").status_code == 400


@pytest.mark.parametrize("limits", [("PAYMENT_COUNTRIES", ["ID"]), ("PAYMENT_CURRENCIES", ["EUR"])])
def test_a_provider_that_is_not_offered_for_the_order_is_refused(
    order: Order, settings: Settings, limits: tuple[str, list[str]]
) -> None:
    setattr(settings, limits[0], {"bank_transfer": limits[1]})

    with pytest.raises(ProviderNotOffered):
        promised(order)

    assert not Payment.objects.exists()
