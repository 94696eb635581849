"""Paying an order at the test gateway: every token, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import NoReturn

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from core.errors import DomainError
from core.models import DomainEvent
from orders.models import Order, OrderStatus
from payments.gateways import UnknownProvider
from payments.gateways.base import GatewayUnavailable, InvalidPaymentMethod
from payments.gateways.test import TestGateway
from payments.models import Payment, PaymentStatus, PaymentTransaction, SimulatedOperation
from payments.services import paying
from payments.services.paying import PayOrder, pay
from payments.tests.factories import OrderFactory, paid

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return OrderFactory.create()


def attempts(order: Order) -> list[tuple[str, str, str]]:
    rows = PaymentTransaction.objects.filter(payment__order=order).order_by("at", "id")
    return [(row.kind, row.status, row.error_code) for row in rows]


def test_success_captures_the_total_and_marks_the_order_paid(order: Order) -> None:
    payment = paid(order)

    order.refresh_from_db()
    assert (order.status, payment.status) == (OrderStatus.PAID, PaymentStatus.SUCCEEDED)
    assert (payment.amount, payment.captured, payment.refunded) == (100, 100, 0)
    assert attempts(order) == [("capture", "succeeded", "")]
    assert SimulatedOperation.objects.get().amount == Decimal(100)


def test_success_is_announced(order: Order) -> None:
    payment = paid(order)

    event = DomainEvent.objects.get(name="payment.succeeded")
    assert event.payload == {"payment_id": str(payment.pk), "order_id": str(order.pk)}


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("tok_declined", paying.CardDeclined),
        ("tok_insufficient_funds", paying.InsufficientFunds),
    ],
)
def test_refusal_is_recorded_and_leaves_the_order_pending(
    order: Order, token: str, error: type[DomainError]
) -> None:
    with pytest.raises(error):
        paid(order, token)

    order.refresh_from_db()
    assert order.status == OrderStatus.PENDING
    assert order.payment.status == PaymentStatus.FAILED
    assert attempts(order) == [
        ("capture", "failed", token.removeprefix("tok_").replace("declined", "card_declined"))
    ]
    assert DomainEvent.objects.filter(name="payment.failed").count() == 1


def test_a_refused_order_can_be_paid_with_another_card(order: Order) -> None:
    with pytest.raises(paying.CardDeclined):
        paid(order, "tok_declined")

    assert paid(order).status == PaymentStatus.SUCCEEDED
    assert [status for _, status, _ in attempts(order)] == ["failed", "succeeded"]


def test_action_waits_for_the_customer(order: Order) -> None:
    payment = paid(order, "tok_requires_action")

    order.refresh_from_db()
    assert (order.status, payment.status) == (OrderStatus.PENDING, PaymentStatus.REQUIRES_ACTION)
    assert payment.client_secret.startswith(payment.reference)


def test_another_card_ends_the_attempt_that_waits_for_the_customer(order: Order) -> None:
    waiting = paid(order, "tok_requires_action")

    payment = paid(order)

    assert payment.status == PaymentStatus.SUCCEEDED
    assert payment.client_secret == ""
    assert attempts(order) == [
        ("capture", "failed", "cancelled"),
        ("void", "succeeded", ""),
        ("capture", "succeeded", ""),
    ]
    assert SimulatedOperation.objects.get(reference=waiting.reference).status == "failed"


def test_another_card_does_not_pay_twice_what_the_customer_has_just_confirmed(
    order: Order,
) -> None:
    waiting = paid(order, "tok_requires_action")
    TestGateway().finish_action(waiting.reference, succeeds=True)

    with pytest.raises(paying.PaymentInProgress):
        paid(order)

    assert SimulatedOperation.objects.filter(kind="capture").count() == 1


def test_lost_answer_leaves_the_payment_pending(order: Order) -> None:
    payment = paid(order, "tok_timeout")

    order.refresh_from_db()
    assert (order.status, payment.status) == (OrderStatus.PENDING, PaymentStatus.PENDING)
    assert attempts(order) == [("capture", "requested", "")]
    assert SimulatedOperation.objects.get().status == "succeeded"


def test_no_second_attempt_while_an_answer_is_missing(order: Order) -> None:
    paid(order, "tok_timeout")

    with pytest.raises(paying.PaymentInProgress):
        paid(order)

    assert SimulatedOperation.objects.count() == 1


def test_a_paid_order_is_not_paid_again(order: Order) -> None:
    paid(order)

    with pytest.raises(paying.AlreadyPaid):
        paid(order)

    assert SimulatedOperation.objects.count() == 1


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.REFUNDED])
def test_an_order_that_is_over_is_not_paid(status: OrderStatus) -> None:
    order = OrderFactory.create(status=status)

    with pytest.raises(paying.OrderNotPayable):
        paid(order)

    assert not Payment.objects.exists()


def test_an_order_that_costs_nothing_is_not_paid() -> None:
    with pytest.raises(paying.OrderNotPayable):
        paid(OrderFactory.create(total=0))


def test_unknown_provider_is_refused(order: Order) -> None:
    with pytest.raises(UnknownProvider):
        pay(command=PayOrder(order.pk, "nobody", "tok_success"))


def test_unknown_token_is_refused_before_anything_is_written(order: Order) -> None:
    with pytest.raises(InvalidPaymentMethod):
        paid(order, "tok_nonsense")

    assert not Payment.objects.exists()


class BrokenGateway(TestGateway):
    """A provider whose network is down."""

    def sale(self, charge: object) -> NoReturn:
        raise GatewayUnavailable


def test_unreachable_provider_charges_nothing_and_leaves_the_order_payable(
    order: Order, settings: Settings
) -> None:
    settings.PAYMENT_GATEWAYS = [f"{__name__}.BrokenGateway"]
    with pytest.raises(paying.ProviderUnavailable):
        paid(order)

    settings.PAYMENT_GATEWAYS = ["payments.gateways.test.TestGateway"]
    assert paid(order).status == PaymentStatus.SUCCEEDED


def test_the_provider_is_never_called_inside_a_transaction(order: Order) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        paid(order)


def test_order_and_payment_are_locked_in_this_order(order: Order) -> None:
    with CaptureQueriesContext(connection) as queries:
        paid(order)

    locks = [sql for query in queries if "FOR" in (sql := query["sql"]) and "UPDATE" in sql]
    tables = [sql.split('FROM "')[1].split('"')[0] for sql in locks if sql.startswith("SELECT")]
    assert tables[:2] == ["orders_order", "payments_payment"]
    assert tables[2:4] == ["orders_order", "payments_paymenttransaction"]
    assert 'OF "payments_paymenttransaction", "payments_payment"' in locks[3]


def test_costs_at_most_15_queries_besides_the_provider(order: Order) -> None:
    with CaptureQueriesContext(connection) as queries:
        paid(order)

    ours = [
        query["sql"]
        for query in queries
        if "simulatedoperation" not in query["sql"]
        and not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))
    ]
    assert len(ours) <= 15, "\n".join(ours)


def test_manual_capture_only_authorizes(order: Order, settings: Settings) -> None:
    settings.PAYMENT_CAPTURE = "manual"

    payment = paid(order)

    order.refresh_from_db()
    assert (order.status, payment.status) == (OrderStatus.PENDING, PaymentStatus.AUTHORIZED)
    assert (payment.authorized, payment.captured) == (100, 0)
    with pytest.raises(paying.AlreadyPaid):
        paid(order)
