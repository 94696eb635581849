"""A charge that was given up and succeeds after all, when the order costs something else by now."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pytest_django.fixtures import Settings

from accounts.tests.factories import UserFactory
from cart.tests.factories import sellable
from core.models import DomainEvent
from orders import services as order_services
from orders.models import Order, OrderStatus
from orders.services import EditOrder
from orders.tests.factories import place, shipping_method
from payments import audit
from payments.gateways.base import Succeeded
from payments.models import Payment, PaymentTransaction
from payments.services.automatic_refunds import refund_cancelled_order
from payments.services.paying import AlreadyPaid, CardDeclined
from payments.services.results import apply_result
from payments.tests.factories import paid
from pricing.tests.factories import CouponFactory

pytestmark = pytest.mark.django_db


def declined_then_changed(quantity: int) -> Order:
    """Return an order that was changed from two units after a refused attempt to pay."""
    order = place(UserFactory.create())
    with pytest.raises(CardDeclined):
        paid(order, "tok_declined")
    command = EditOrder(order_id=order.pk, quantities={order.loaded_lines[0].pk: quantity})
    return order_services.edit_order(command=command)


@pytest.mark.parametrize("quantity", [1, 5])
@pytest.mark.parametrize("capture", ["automatic", "manual"])
def test_money_for_another_total_goes_back(settings: Settings, capture: str, quantity: int) -> None:
    settings.PAYMENT_CAPTURE = capture
    order = declined_then_changed(quantity)
    with pytest.raises(CardDeclined):
        paid(order, "tok_declined")
    first = PaymentTransaction.objects.earliest("at")

    apply_result(transaction_id=first.pk, result=Succeeded("late"))
    refund_cancelled_order(order_id=order.pk)

    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED
    assert DomainEvent.objects.filter(name="order.cancelled").count() == 1
    back = PaymentTransaction.objects.get(charge_reference="late")
    assert (back.kind, back.amount) == (
        "refund" if capture == "automatic" else "void",
        first.amount,
    )


def test_a_changed_order_is_paid_with_its_new_total() -> None:
    order = declined_then_changed(3)

    paid(order)

    order.refresh_from_db()
    payment = Payment.objects.get()
    assert order.status == OrderStatus.PAID
    assert order.total == 3 * order.lines.get().unit_price + Decimal("4.90")
    assert payment.captured == payment.amount == order.total


def free_after_a_refused_attempt() -> Order:
    """Return an order that costs nothing since it was changed, after a refused attempt to pay."""
    shipping_method("0")
    tea = sellable(variant__price=Decimal("5.00"))
    coupon = CouponFactory.create(kind="fixed_amount", rate=None, amount=Decimal(5))
    order = place(UserFactory.create(), [(tea, 2)], coupons=[coupon.code])
    with pytest.raises(CardDeclined):
        paid(order, "tok_declined")
    return order_services.edit_order(command=EditOrder(order.pk, quantities={tea.pk: 1}))


@pytest.mark.parametrize("capture", ["automatic", "manual"])
def test_money_for_an_order_that_costs_nothing_by_now_goes_back_and_it_stays_paid(
    settings: Settings, capture: str
) -> None:
    settings.PAYMENT_CAPTURE = capture
    order = free_after_a_refused_attempt()
    charge = PaymentTransaction.objects.get()

    apply_result(transaction_id=charge.pk, result=Succeeded("late"))
    back = PaymentTransaction.objects.get(charge_reference="late")
    apply_result(transaction_id=back.pk, result=Succeeded("back"))

    order.refresh_from_db()
    assert order.status == OrderStatus.PAID
    assert (back.kind, back.amount) == (
        "refund" if capture == "automatic" else "void",
        charge.amount,
    )
    assert not DomainEvent.objects.filter(name="order.cancelled").exists()
    assert not [*audit.paid_orders_are_captured(), *audit.cancelled_orders_keep_no_money()]


def test_an_order_that_costs_nothing_is_paid_once() -> None:
    order = free_after_a_refused_attempt()

    with pytest.raises(AlreadyPaid):
        paid(order)

    assert Payment.objects.get().captured == 0
