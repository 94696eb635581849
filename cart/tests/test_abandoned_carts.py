"""Carts that nobody comes back to are announced once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.tests.factories import UserFactory
from cart import services, tasks
from cart.models import Cart, CartItem, CartStatus
from cart.selectors import Owner
from cart.services import RequestedItem
from cart.tests.factories import cart_of, fill_cart, fill_guest_cart, sellable
from core.models import DomainEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def left() -> Cart:
    cart = cart_of(fill_cart(UserFactory.create(), (sellable(stocked=50), 1)))
    leave_alone(cart, hours=5)
    return cart


def leave_alone(cart: Cart, *, hours: float) -> None:
    Cart.objects.filter(pk=cart.pk).update(updated_at=timezone.now() - timedelta(hours=hours))


def announced() -> list[str]:
    tasks.announce_abandoned_carts(0)
    told = DomainEvent.objects.filter(name="cart.abandoned").order_by("id")
    return [event.payload["cart_id"] for event in told]


def test_a_cart_left_for_hours_is_announced_once(left: Cart) -> None:
    assert announced() == [str(left.pk)]
    assert announced() == [str(left.pk)]


def test_a_guests_cart_is_announced_as_well() -> None:
    guests = cart_of(fill_guest_cart((sellable(), 1)))
    leave_alone(guests, hours=5)

    assert announced() == [str(guests.pk)]


def test_one_that_is_left_again_is_announced_again(left: Cart) -> None:
    announced()
    assert left.customer is not None
    tea = CartItem.objects.select_related("variant__product").get(cart=left).variant
    services.add_items(owner=Owner(left.customer), items=[RequestedItem(1, variant_id=tea.pk)])
    assert len(announced()) == 1

    leave_alone(left, hours=5)
    Cart.objects.update(abandoned_at=timezone.now() - timedelta(hours=6))

    assert announced() == [str(left.pk)] * 2


def test_the_shop_says_after_how_many_hours(left: Cart, settings: Settings) -> None:
    settings.ABANDONED_CART_HOURS = 6

    assert announced() == []


@pytest.mark.parametrize("why", ["touched", "empty", "ordered", "long ago"])
def test_others_are_left_alone(left: Cart, why: str) -> None:
    if why == "touched":
        leave_alone(left, hours=3)
    if why == "empty":
        CartItem.objects.all().delete()
    if why == "ordered":
        Cart.objects.update(status=CartStatus.ORDERED)
    if why == "long ago":
        leave_alone(left, hours=24 * 9)

    assert announced() == []


def test_many_are_announced_in_several_goes(left: Cart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cart.services.abandoned_carts.ANNOUNCED_AT_ONCE", 2)
    for _ in range(4):
        leave_alone(cart_of(fill_guest_cart((sellable(), 1))), hours=5)

    assert len(announced()) == 5
