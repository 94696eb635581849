"""Selling out, running out of time and merging while ordering, under real threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from cart import services as cart_services
from cart.models import CartItem, CartStatus
from cart.selectors import Owner
from cart.tests.factories import fill_cart, fill_guest_cart, sellable
from core.audit import discrepancies
from inventory.models import StockItem
from inventory.services import InsufficientStock
from inventory.tests.racing import race
from orders import services
from orders.models import Order, OrderLine, OrderStatus
from orders.services import PlaceOrder
from orders.tests.factories import ADDRESS, place, shipping_method
from payments.services.automatic_refunds import refund_cancelled_order
from payments.services.paying import pay
from payments.tests.factories import command_for, run_jobs

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _sound() -> Iterator[None]:
    yield
    assert discrepancies() == []


def ordering(customer: User) -> Callable[[], Order]:
    """Return what orders the customer's cart."""
    method = shipping_method()
    command = PlaceOrder(
        owner=Owner(customer), shipping_address=ADDRESS, shipping_method_id=method.pk
    )
    return partial(services.place_order, command=command)


def each(attempts: list[Callable[[], Any]]) -> Callable[[], list[Any]]:
    """Return what makes one attempt after the other and tells how each ended."""

    def run() -> list[Any]:
        ends = []
        for attempt in attempts:
            try:
                ends.append(attempt())
            except InsufficientStock as refusal:
                ends.append(refusal)
        return ends

    return run


def test_of_fifty_units_200_buyers_get_exactly_fifty() -> None:
    tea = sellable(stocked=60)
    place(UserFactory.create(), [(tea, 10)])
    buyers = [UserFactory.create() for _ in range(200)]
    for buyer in buyers:
        fill_cart(buyer, (tea, 1))
    attempts = [ordering(buyer) for buyer in buyers]

    ends = race([each(attempts[first::25]) for first in range(25)])

    outcomes = [end for some in ends for end in some]
    assert sum(isinstance(end, Order) for end in outcomes) == 50
    assert sum(isinstance(end, InsufficientStock) for end in outcomes) == 150
    item = StockItem.objects.get(variant=tea)
    assert (item.on_hand, item.reserved) == (60, 60)


@pytest.mark.parametrize("_round", range(4))
def test_an_order_that_expires_while_it_is_paid_is_paid_or_gives_the_money_back(
    _round: int,
) -> None:
    tea = sellable(stocked=5)
    place(UserFactory.create(), [(tea, 1)])
    order = place(UserFactory.create(), [(tea, 2)])
    Order.objects.filter(pk=order.pk).update(payment_due_at=timezone.now() - timedelta(seconds=1))
    expire = partial(services.cancel_unpaid_order, order_id=order.pk, now=timezone.now())

    race([partial(pay, command=command_for(order)), expire, expire])
    order.refresh_from_db()
    if order.status == OrderStatus.CANCELLED:
        refund_cancelled_order(order_id=order.pk)
        run_jobs("payments.tasks.execute")

    money = order.payment.captured - order.payment.refunded if hasattr(order, "payment") else 0
    reserved = StockItem.objects.get(variant=tea).reserved
    ends = {OrderStatus.PAID: (order.total, 3), OrderStatus.CANCELLED: (0, 1)}
    assert (money, reserved) == ends[OrderStatus(order.status)]


@pytest.mark.parametrize("_round", range(4))
def test_a_cart_that_is_ordered_while_a_guests_joins_loses_nothing(_round: int) -> None:
    customer, tea, pen = UserFactory.create(), sellable(stocked=20), sellable(stocked=20)
    place(UserFactory.create(), [(tea, 1), (pen, 1)])
    fill_cart(customer, (tea, 2))
    guests = fill_guest_cart((tea, 1), (pen, 3))
    merge = partial(cart_services.merge_guest_cart, customer=customer, token=guests.token)

    race([ordering(customer), merge, merge])

    ordered = OrderLine.objects.filter(order__customer=customer)
    waiting = CartItem.objects.filter(cart__customer=customer, cart__status=CartStatus.OPEN)
    for variant, units in ((tea, 3), (pen, 3)):
        bought = ordered.filter(variant=variant).values_list("quantity", flat=True)
        kept = waiting.filter(variant=variant).values_list("quantity", flat=True)
        assert sum(bought) + sum(kept) == units
