"""The audit finds what is wrong with an order, and nothing where nothing is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.tests.factories import UserFactory
from cart.models import Cart
from cart.tests.factories import cart_of, fill_cart, sellable
from core.audit import identities
from inventory.models import Reservation
from orders import services
from orders.models import Order, OrderEvent, OrderLine, ShipmentLine
from orders.tests.factories import pay, place, ship

pytestmark = pytest.mark.django_db


def broken() -> set[str]:
    return {
        identity.statement
        for identity in identities()
        if identity.app in {"orders", "inventory"} and list(identity.check())
    }


def shipped_order() -> Order:
    order = place(UserFactory.create())
    ship(pay(order))
    return order


def test_sound_orders_pass() -> None:
    place(UserFactory.create())
    shipped_order()
    services.cancel_order(order_id=place(UserFactory.create()).pk, by=None)
    services.mark_refunded(order_id=pay(place(UserFactory.create())).pk)
    partly = pay(place(UserFactory.create()))
    ship(partly, units={OrderLine.objects.get(order=partly).pk: 1})

    assert broken() == set()


@pytest.mark.parametrize(
    ("damage", "statement"),
    [
        (lambda: OrderLine.objects.update(quantity=9), "sums of its lines"),
        (lambda: OrderLine.objects.update(line_total=9), "a line's total"),
        (lambda: OrderEvent.objects.update(from_status="paid"), "a history that leads"),
        (lambda: Order.objects.update(status="delivered"), "a history that leads"),
        (lambda: Order.objects.update(paid_at=None), "an order's times"),
        (lambda: ShipmentLine.objects.update(quantity=9), "no more units of a line"),
        (lambda: Reservation.objects.update(fulfilled=1), "an open order's units"),
    ],
)
def test_tells_what_is_wrong(damage: Callable[[], Any], statement: str) -> None:
    shipped_order()

    damage()

    assert any(statement in told for told in broken())


def test_tells_of_a_cart_that_was_closed_without_an_order() -> None:
    cart = cart_of(fill_cart(UserFactory.create(), (sellable(), 1)))

    Cart.objects.filter(pk=cart.pk).update(status="ordered")

    assert broken() == {"a cart is ordered exactly when an order was made from it"}
