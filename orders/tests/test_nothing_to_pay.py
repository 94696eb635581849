"""An order of 0.00: nothing to pay means paid at once, without a provider."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from cart.tests.factories import fill_cart, sellable
from catalog.models import ProductVariant
from core.audit import discrepancies
from core.models import DomainEvent
from inventory import selectors as inventory_selectors
from orders import selectors, services
from orders.models import Order, OrderStatus
from orders.services import EditOrder, RequestReturn, ReturnStep, TotalChanged
from orders.statuses import PaymentStatus, payment_status
from orders.tests.factories import ADDRESS, place, place_as_guest, ship, shipping_method
from pricing.models import CouponUse
from pricing.tests.factories import CouponFactory

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]
FIVE_OFF: dict[str, Any] = {"kind": "fixed_amount", "rate": None, "amount": Decimal(5)}


def announced(name: str) -> int:
    return DomainEvent.objects.filter(name=name).count()


@pytest.fixture
def tea() -> ProductVariant:
    return sellable(variant__price=Decimal("5.00"))


@pytest.fixture
def free(tea: ProductVariant) -> Order:
    """An order of two units with 100 % off and free delivery."""
    shipping_method("0")
    coupon = CouponFactory.create(rate=1)
    return place(UserFactory.create(), [(tea, 2)], coupons=[coupon.code])


def test_the_api_answers_that_it_is_paid(api_for: ApiFor, tea: ProductVariant) -> None:
    customer, method = UserFactory.create(), shipping_method()
    CouponFactory.create(code="ALL", rate=1)
    CouponFactory.create(code="SENT", kind="free_shipping", rate=None)
    fill_cart(customer, (tea, 2))
    body = {
        "shipping_address": ADDRESS,
        "shipping_method": str(method.pk),
        "coupons": ["ALL", "SENT"],
    }

    answer = api_for(customer).post("/api/v1/orders/", body)

    order = answer.json()
    assert (answer.status_code, order["total"]) == (201, "0.00")
    assert (order["status"], order["payment_status"]) == ("paid", "paid")
    assert (order["payment_due_at"], order["paid_at"]) == (None, order["placed_at"])
    assert [step["to"] for step in order["history"]] == ["pending", "paid"]
    assert api_for(customer).get(f"/api/v1/orders/{order['id']}/").json() == order
    assert (announced("order.placed"), announced("order.paid")) == (1, 1)
    assert discrepancies() == []


def test_a_guest_gets_digital_goods_for_nothing() -> None:
    coupon = CouponFactory.create(rate=1)
    book = sellable(variant__is_digital=True)

    order = place_as_guest(
        [(book, 1)], coupons=[coupon.code], shipping_address=None, shipping_method_id=None
    )

    assert (order.status, payment_status(order)) == (OrderStatus.PAID, PaymentStatus.PAID)
    assert discrepancies() == []


def test_the_clock_leaves_it_alone(free: Order) -> None:
    due = selectors.unpaid_orders_due(now=timezone.now() + timedelta(days=1))

    assert not due.filter(pk=free.pk).exists()


def test_it_has_an_invoice_and_can_be_sent_and_returned(free: Order) -> None:
    ship(free)
    services.deliver_order(order_id=free.pk, by=None)
    line = free.loaded_lines[0].pk
    returned = services.request_return(command=RequestReturn(free.pk, {line: 1}))
    step = ReturnStep(free.pk, returned.pk)
    services.approve_return(step=step)

    assert services.receive_return(step=step).refund_amount == Decimal("0.00")
    assert services.issue_invoice(order_id=free.pk).order == free
    assert payment_status(selectors.order_page(free.pk)) == PaymentStatus.PAID
    assert discrepancies() == []


def test_called_off_it_frees_stock_and_coupon(free: Order, tea: ProductVariant) -> None:
    assert inventory_selectors.available([tea.pk])[tea.pk] == 8

    services.cancel_order(order_id=free.pk, by=None)

    order = selectors.order_page(free.pk)
    assert (order.status, payment_status(order)) == ("cancelled", PaymentStatus.REFUNDED)
    assert inventory_selectors.available([tea.pk])[tea.pk] == 10
    assert CouponUse.objects.get().released_at is not None
    assert discrepancies() == []


def test_changed_down_to_nothing_it_is_paid(tea: ProductVariant) -> None:
    shipping_method("0")
    coupon = CouponFactory.create(**FIVE_OFF)
    order = place(UserFactory.create(), [(tea, 2)], coupons=[coupon.code])
    assert (order.status, order.total) == (OrderStatus.PENDING, Decimal("5.00"))

    command = EditOrder(order_id=order.pk, quantities={tea.pk: 1})
    services.edit_order(command=command)

    changed = selectors.order_page(order.pk)
    assert (changed.total, changed.status) == (Decimal(0), OrderStatus.PAID)
    assert (changed.payment_due_at, payment_status(changed)) == (None, PaymentStatus.PAID)
    assert (announced("order.changed"), announced("order.paid")) == (1, 1)
    assert inventory_selectors.available([tea.pk])[tea.pk] == 9
    assert discrepancies() == []


def test_what_is_refused_is_not_paid(tea: ProductVariant) -> None:
    shipping_method("0")
    coupon = CouponFactory.create(**FIVE_OFF)
    order = place(UserFactory.create(), [(tea, 2)], coupons=[coupon.code])

    with pytest.raises(TotalChanged):
        services.edit_order(
            command=EditOrder(order.pk, quantities={tea.pk: 1}, expected_total=Decimal("5.00"))
        )

    assert Order.objects.get(pk=order.pk).status == OrderStatus.PENDING
    assert announced("order.paid") == 0
