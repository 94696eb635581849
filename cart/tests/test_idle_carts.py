"""Guests' carts that nobody touches are removed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from cart import tasks
from cart.models import Cart, CartItem, CartStatus
from cart.tests.factories import cart_of, fill_cart, fill_guest_cart, sellable

pytestmark = pytest.mark.django_db


@pytest.fixture
def guests() -> Cart:
    return cart_of(fill_guest_cart((sellable(), 1)))


def leave_alone(cart: Cart, days: int) -> None:
    Cart.objects.filter(pk=cart.pk).update(updated_at=timezone.now() - timedelta(days=days))


def test_removes_what_nobody_touched_for_a_month(guests: Cart) -> None:
    leave_alone(guests, 31)

    tasks.remove_idle_carts(0)

    assert (Cart.objects.count(), CartItem.objects.count()) == (0, 0)


def test_keeps_what_was_touched_lately(guests: Cart) -> None:
    leave_alone(guests, 29)

    tasks.remove_idle_carts(0)

    assert Cart.objects.count() == 1


def test_keeps_what_was_ordered(guests: Cart) -> None:
    leave_alone(guests, 31)
    Cart.objects.update(status=CartStatus.ORDERED)

    tasks.remove_idle_carts(0)

    assert Cart.objects.count() == 1


def test_keeps_what_customers_left() -> None:
    leave_alone(cart_of(fill_cart(UserFactory.create(), (sellable(), 1))), 400)

    tasks.remove_idle_carts(0)

    assert Cart.objects.count() == 1
