"""Orders that nobody pays are cancelled when their time is up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from cart.tests.factories import sellable
from core.models import new_id
from inventory import selectors as inventory_selectors
from orders import services, tasks
from orders.models import Order, OrderEvent, OrderStatus
from orders.tests.factories import pay, place
from payments.models import Payment, PaymentTransaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def overdue() -> Order:
    order = place(UserFactory.create())
    Order.objects.filter(pk=order.pk).update(payment_due_at=timezone.now() - timedelta(seconds=1))
    return order


def status_of(order: Order) -> str:
    return str(Order.objects.values_list("status", flat=True).get(pk=order.pk))


def attempt(order: Order, status: str) -> None:
    payment = Payment.objects.create(
        order=order, provider="test", amount=order.total, currency=order.currency
    )
    PaymentTransaction.objects.create(
        id=new_id(),
        payment=payment,
        kind="capture",
        status=status,
        amount=order.total,
        provider="test",
        at=timezone.now(),
    )


def test_cancels_and_gives_the_stock_back(overdue: Order) -> None:
    variant_id = overdue.loaded_lines[0].variant_id
    before = inventory_selectors.available([variant_id])[variant_id]

    tasks.cancel_unpaid_orders(0)

    assert status_of(overdue) == OrderStatus.CANCELLED
    assert inventory_selectors.available([variant_id])[variant_id] == before + 2
    event = OrderEvent.objects.latest("id")
    assert (event.by, event.note) == (None, "Not paid in time.")


def test_running_again_changes_nothing(overdue: Order) -> None:
    tasks.cancel_unpaid_orders(0)
    tasks.cancel_unpaid_orders(0)

    assert OrderEvent.objects.filter(to_status=OrderStatus.CANCELLED).count() == 1


def test_leaves_what_is_not_due_yet() -> None:
    order = place(UserFactory.create(), [(sellable(), 1)])

    tasks.cancel_unpaid_orders(0)

    assert status_of(order) == OrderStatus.PENDING


def test_leaves_what_is_paid(overdue: Order) -> None:
    pay(overdue)

    tasks.cancel_unpaid_orders(0)

    assert status_of(overdue) == OrderStatus.PAID


@pytest.mark.parametrize("status", ["requested", "requires_action"])
def test_leaves_what_is_being_paid(overdue: Order, status: str) -> None:
    attempt(overdue, status)

    tasks.cancel_unpaid_orders(0)

    assert status_of(overdue) == OrderStatus.PENDING


def test_a_customer_who_never_comes_back_keeps_nothing_alive(overdue: Order) -> None:
    attempt(overdue, "requires_action")
    PaymentTransaction.objects.update(at=timezone.now() - timedelta(minutes=31))

    tasks.cancel_unpaid_orders(0)

    assert status_of(overdue) == OrderStatus.CANCELLED


def test_what_the_provider_has_not_answered_is_waited_for(overdue: Order) -> None:
    attempt(overdue, "requested")
    PaymentTransaction.objects.update(at=timezone.now() - timedelta(days=1))

    tasks.cancel_unpaid_orders(0)

    assert status_of(overdue) == OrderStatus.PENDING


def test_what_is_authorized_is_kept(overdue: Order) -> None:
    Payment.objects.create(
        order=overdue,
        provider="test",
        amount=overdue.total,
        currency=overdue.currency,
        authorized=overdue.total,
        status="authorized",
    )

    tasks.cancel_unpaid_orders(0)

    assert status_of(overdue) == OrderStatus.PENDING


def test_a_failed_attempt_keeps_nothing_alive(overdue: Order) -> None:
    attempt(overdue, "failed")

    tasks.cancel_unpaid_orders(0)

    assert status_of(overdue) == OrderStatus.CANCELLED


def test_looks_again_under_the_lock(overdue: Order) -> None:
    now = timezone.now()
    pay(overdue)

    assert services.cancel_unpaid_order(order_id=overdue.pk, now=now) is False
