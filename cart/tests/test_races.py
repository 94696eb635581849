"""Carts under real threads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.db import transaction

from accounts.models import User
from accounts.tests.factories import UserFactory
from cart import selectors, services
from cart.basket import PricedCart
from cart.models import Cart, CartItem, CartStatus
from cart.selectors import Owner
from cart.services import RequestedItem
from cart.tests.factories import cart_of, fill_cart, fill_guest_cart, sellable
from catalog.models import ProductVariant
from inventory.tests.racing import race

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def adding(owner: Owner, variant: ProductVariant) -> partial[PricedCart]:
    return partial(services.add_items, owner=owner, items=[RequestedItem(1, variant_id=variant.pk)])


def test_twenty_first_adds_at_once_make_one_cart_and_lose_nothing() -> None:
    customer, tea = UserFactory.create(), sellable(stocked=100)

    race([adding(Owner(customer), tea)] * 20)

    assert Cart.objects.get().customer == customer
    assert CartItem.objects.get().quantity == 20


def test_adds_of_two_things_at_once_do_not_deadlock() -> None:
    customer, tea, pen = UserFactory.create(), sellable(stocked=100), sellable(stocked=100)
    one_way = [RequestedItem(1, variant_id=tea.pk), RequestedItem(1, variant_id=pen.pk)]

    race(
        [
            partial(services.add_items, owner=Owner(customer), items=items)
            for items in [one_way, one_way[::-1]] * 6
        ]
    )

    assert list(CartItem.objects.values_list("quantity", flat=True)) == [12, 12]


def test_adding_while_the_cart_is_closed_opens_another() -> None:
    customer, tea = UserFactory.create(), sellable(stocked=100)
    cart = cart_of(fill_cart(customer, (tea, 1)))

    rivals: list[Callable[[], object]] = [partial(_close, cart)]
    race(rivals + [adding(Owner(customer), tea)] * 6)

    total = sum(CartItem.objects.values_list("quantity", flat=True))
    assert total == 7
    assert Cart.objects.filter(status=CartStatus.OPEN).count() <= 1


def _close(cart: Cart) -> None:
    with transaction.atomic():
        services.close_cart(cart=services.lock_cart(cart_id=cart.pk))


def test_merged_from_two_tabs_joins_once() -> None:
    customer, tea = UserFactory.create(), sellable(stocked=100)
    token = fill_guest_cart((tea, 3)).token

    race([partial(_merge, customer, token)] * 6)

    assert selectors.priced_cart_of(owner=Owner(customer)).basket.item_count == 3


def _merge(customer: User, token: str) -> object:
    return services.merge_guest_cart(customer=customer, token=token)
