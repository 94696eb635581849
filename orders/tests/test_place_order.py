"""Placing an order."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.tests.factories import UserFactory
from cart.models import CartStatus
from cart.selectors import Owner
from cart.services import CurrencyMismatch
from cart.tests.factories import cart_of, fill_cart, sellable
from core.models import DomainEvent
from inventory import selectors as inventory_selectors
from orders import numbers, services
from orders.models import Order, OrderStatus
from orders.services import PlaceOrder
from orders.tests.factories import ADDRESS, place, shipping_method

pytestmark = pytest.mark.django_db


def test_turns_the_cart_into_a_pending_order() -> None:
    customer, tea = UserFactory.create(), sellable(variant__price=Decimal("9.90"))
    cart = cart_of(fill_cart(customer, (tea, 2)))

    order = services.place_order(
        command=PlaceOrder(
            owner=Owner(customer),
            shipping_address=ADDRESS,
            shipping_method_id=shipping_method().pk,
        )
    )

    cart.refresh_from_db()
    assert (order.status, order.subtotal, order.total) == (
        OrderStatus.PENDING,
        Decimal("19.80"),
        Decimal("24.70"),
    )
    assert (order.cart, cart.status) == (cart, CartStatus.ORDERED)
    assert inventory_selectors.available([tea.pk]) == {tea.pk: 8}
    assert DomainEvent.objects.filter(name="order.placed").count() == 1


def test_a_number_that_is_taken_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = place(UserFactory.create()).number
    drawn = iter([taken, taken, "TP-FREE-0000"])
    monkeypatch.setattr(numbers, "new_number", lambda: next(drawn))

    assert place(UserFactory.create()).number == "TP-FREE-0000"


def test_numbers_are_short_random_and_readable() -> None:
    drawn = {numbers.new_number() for _ in range(1000)}

    assert len(drawn) == 1000
    assert all(re.fullmatch(r"TP-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", n) for n in drawn)


def test_payment_is_due_after_the_time_that_the_settings_give(settings: Any) -> None:
    settings.ORDER_PAYMENT_MINUTES = 45

    order = place(UserFactory.create())

    assert order.payment_due_at == order.placed_at + timedelta(minutes=45)


def test_joins_lines_of_the_same_variant() -> None:
    tea = sellable()

    order = place(UserFactory.create(), [(tea, 1), (tea, 2)])

    assert [line.quantity for line in order.loaded_lines] == [3]


def test_refuses_lines_in_two_currencies() -> None:
    yen = sellable(variant__currency="JPY")

    with pytest.raises(CurrencyMismatch):
        place(UserFactory.create(), [(sellable(), 1), (yen, 1)])

    assert not Order.objects.exists()
