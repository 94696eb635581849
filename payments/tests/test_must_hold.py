"""What must hold whatever happens at once or in between; every test ends with the whole audit."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from cart.tests.factories import sellable
from core.audit import discrepancies
from core.tests.waiting import PATIENCE_SECONDS
from inventory import selectors as inventory_selectors
from inventory.services import InsufficientStock
from inventory.tests.racing import race
from orders import services as order_services
from orders.models import Order, OrderStatus
from orders.tests.factories import place
from payments.gateways.base import Charge, GatewayResult, GatewayUnavailable
from payments.gateways.test import TestGateway
from payments.models import Payment, PaymentTransaction, SimulatedOperation
from payments.selectors import transactions_awaiting_an_answer
from payments.services.automatic_refunds import refund_cancelled_order
from payments.services.paying import pay
from payments.services.reconciliation import resolve
from payments.services.staff import RefundExceedsCaptured, StaffRequest, refund_payment
from payments.services.webhooks import receive_webhook
from payments.tests.factories import command_for, paid, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS = range(4)


def assert_clean() -> None:
    assert discrepancies() == []


@pytest.fixture
def order() -> Order:
    """Return an order of all there is of a product, whose time to pay is up."""
    order = place(UserFactory.create(), [(sellable(stocked=2), 2)])
    Order.objects.filter(pk=order.pk).update(payment_due_at=timezone.now())
    return order


def free_units(order: Order) -> int:
    variant_id = order.loaded_lines[0].variant_id
    return inventory_selectors.available([variant_id])[variant_id]


def charges() -> int:
    return SimulatedOperation.objects.filter(kind="capture", status="succeeded").count()


def reconcile() -> None:
    later = timezone.now() + timedelta(minutes=1)
    for transaction in transactions_awaiting_an_answer(since=later):
        resolve(transaction_id=transaction.pk, now=later)


def test_paying_twice_at_once_charges_once(order: Order) -> None:
    race([partial(pay, command=command_for(order))] * 8)

    order.refresh_from_db()
    assert (order.status, charges()) == (OrderStatus.PAID, 1)
    assert_clean()


@pytest.mark.parametrize("_round", ROUNDS)
def test_paying_against_running_out_of_time_never_sells_stock_that_is_gone(
    order: Order, _round: int
) -> None:
    expire = partial(order_services.cancel_unpaid_order, order_id=order.pk, now=timezone.now())

    race([lambda: bool(pay(command=command_for(order))), expire])
    order.refresh_from_db()
    if order.status == OrderStatus.CANCELLED:  # as the handler of its event does
        refund_cancelled_order(order_id=order.pk)
        run_jobs("payments.tasks.execute")

    payment = Payment.objects.filter(order=order).first()
    if order.status == OrderStatus.PAID:
        assert free_units(order) == 0
    else:
        assert order.status == OrderStatus.CANCELLED
        assert free_units(order) == 2
        assert payment is None or payment.captured == payment.refunded
    assert_clean()


def test_stock_is_kept_while_a_payment_is_under_way_and_sold_to_nobody_else(order: Order) -> None:
    paid(order, "tok_timeout")

    expired = order_services.cancel_unpaid_order(
        order_id=order.pk, now=timezone.now() + timedelta(days=1)
    )
    with pytest.raises(InsufficientStock):
        place(UserFactory.create(), [(order.loaded_lines[0].variant, 1)])
    reconcile()

    order.refresh_from_db()
    assert (expired, order.status, charges()) == (False, OrderStatus.PAID, 1)
    assert free_units(order) == 0
    assert_clean()


def test_refunds_of_different_amounts_at_once_give_back_no_more_than_was_captured(
    order: Order,
) -> None:
    payment, clerk = paid(order), StaffFactory.create()
    requests = [StaffRequest(payment.pk, clerk, Decimal(amount)) for amount in range(1, 15)]
    requests.append(StaffRequest(payment.pk, clerk, everything=True))

    outcomes = race([partial(refund_payment, request=request) for request in requests])

    given = PaymentTransaction.objects.filter(kind="refund", status="succeeded")
    assert any(isinstance(outcome, RefundExceedsCaptured) for outcome in outcomes)
    assert sum(refund.amount for refund in given) == payment.captured == order.total
    order.refresh_from_db()
    assert order.status == OrderStatus.REFUNDED
    assert_clean()


def tell_as_soon_as_it_happened() -> bool:
    """Send the provider's event the moment the charge exists, and apply it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if operation := SimulatedOperation.objects.first():
            body, headers = TestGateway().webhook_about(operation.reference)
            receive_webhook(provider="test", body=body, headers=headers)
            run_jobs("payments.tasks.apply_webhook")
            return True
    return False


@pytest.mark.parametrize("_round", ROUNDS)
def test_webhook_against_answer_pays_once(order: Order, _round: int) -> None:
    outcomes = race(
        [partial(pay, command=command_for(order)), *([tell_as_soon_as_it_happened] * 3)]
    )

    order.refresh_from_db()
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)], outcomes
    assert (order.status, order.payment.captured, charges()) == (
        OrderStatus.PAID,
        order.total,
        1,
    )
    assert order.events.filter(to_status=OrderStatus.PAID).count() == 1
    assert_clean()


class ChattyGateway(TestGateway):
    """A provider whose event is there, and applied, before its answer."""

    def sale(self, charge: Charge) -> GatewayResult:
        result = super().sale(charge)
        assert tell_as_soon_as_it_happened()
        return result


def test_a_webhook_that_is_applied_before_the_answer_pays_once(
    order: Order, settings: Settings
) -> None:
    settings.PAYMENT_GATEWAYS = [f"{__name__}.ChattyGateway"]

    payment = paid(order)

    order.refresh_from_db()
    assert (order.status, payment.captured, charges()) == (OrderStatus.PAID, order.total, 1)
    assert_clean()


def test_a_gateway_that_times_out_after_charging_is_found_and_charged_once(order: Order) -> None:
    paid(order, "tok_timeout")

    race([reconcile] * 5)

    order.refresh_from_db()
    assert (order.status, charges()) == (OrderStatus.PAID, 1)
    assert_clean()


def test_a_payment_for_an_order_cancelled_meanwhile_goes_back_by_itself(order: Order) -> None:
    paid(order, "tok_timeout")
    order_services.cancel_order(order_id=order.pk, by=order.customer)

    reconcile()
    run_jobs("payments.tasks.execute")

    payment = Payment.objects.get()
    assert payment.captured == payment.refunded == order.total
    assert free_units(order) == 2
    assert_clean()


class DownGateway(TestGateway):
    """A provider whose network is down."""

    def sale(self, charge: Charge) -> GatewayResult:
        raise GatewayUnavailable


@pytest.mark.parametrize(
    ("gateway", "token", "told"),
    [
        (f"{__name__}.DownGateway", "tok_success", (503, "provider_unavailable")),
        ("payments.gateways.test.TestGateway", "tok_declined", (402, "card_declined")),
    ],
)
def test_a_gateway_that_is_down_or_refuses_is_told_and_the_order_stays_payable(
    order: Order,
    settings: Settings,
    api_for: Callable[[User], APIClient],
    gateway: str,
    token: str,
    told: tuple[int, str],
) -> None:
    assert order.customer
    client, body = api_for(order.customer), {"order": str(order.pk), "provider": "test"}
    settings.PAYMENT_GATEWAYS = [gateway]

    answer = client.post("/api/v1/payments/", body | {"payment_method": token})
    assert (answer.status_code, answer.json()["code"]) == told
    assert charges() == 0
    assert_clean()

    settings.PAYMENT_GATEWAYS = ["payments.gateways.test.TestGateway"]
    again = client.post("/api/v1/payments/", body | {"payment_method": "tok_success"})
    assert (again.status_code, again.json()["status"]) == (201, "succeeded")
    assert_clean()
