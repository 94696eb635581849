"""Placing and changing orders under real threads, on stock that already carries reservations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from cart import services as cart_services
from cart.selectors import Owner
from cart.tests.factories import cart_of, fill_cart, sellable
from catalog.models import ProductVariant
from core.audit import identities
from core.errors import DomainError
from core.models import DomainEvent
from inventory import selectors as inventory_selectors
from inventory.models import StockItem
from inventory.tests.racing import race, wait_until_someone_waits
from orders import services
from orders.models import Order, OrderStatus
from orders.services import InvalidTransition, PlaceOrder
from orders.tests.factories import ADDRESS, pay, place, ship, shipping_method

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ApiFor = Callable[[User], APIClient]


@pytest.fixture(autouse=True)
def _sound() -> Iterator[None]:
    yield
    # Here orders are marked as paid without a payment, which the audit of payments minds.
    checks = [identity.check for identity in identities() if identity.app != "payments"]
    assert [found for check in checks for found in check()] == []


def held(variant: ProductVariant) -> tuple[int, int]:
    item = StockItem.objects.get(variant=variant)
    return item.on_hand, item.reserved


def ordering(customer: User) -> Callable[[], Order]:
    """Return what places the customer's cart."""
    method = shipping_method()
    command = PlaceOrder(
        owner=Owner(customer), shipping_address=ADDRESS, shipping_method_id=method.pk
    )
    return partial(services.place_order, command=command)


def test_twenty_buyers_of_seven_units_of_which_three_are_promised(api_for: ApiFor) -> None:
    tea = sellable(stocked=7)
    place(UserFactory.create(), [(tea, 3)])
    buyers = [UserFactory.create() for _ in range(20)]
    for buyer in buyers:
        fill_cart(buyer, (tea, 1))
    body = {"shipping_address": ADDRESS, "shipping_method": str(shipping_method().pk)}
    clients = [api_for(buyer) for buyer in buyers]

    answers: list[Any] = race([partial(client.post, "/api/v1/orders/", body) for client in clients])

    assert Counter(answer.status_code for answer in answers) == {201: 4, 409: 16}
    refusals = [answer.json() for answer in answers if answer.status_code == 409]
    assert {(refusal["code"], refusal["available"]) for refusal in refusals} == {
        ("insufficient_stock", 0)
    }
    assert held(tea) == (7, 7)


def test_one_cart_ordered_from_two_tabs_makes_one_order() -> None:
    customer, tea = UserFactory.create(), sellable()
    fill_cart(customer, (tea, 2))

    orders = race([ordering(customer)] * 8)

    # Those who waited for the first got its order; those who came later found an empty cart.
    placed = [order for order in orders if isinstance(order, Order)]
    assert len({order.pk for order in placed}) == Order.objects.count() == 1
    assert DomainEvent.objects.filter(name="order.placed").count() == 1
    assert held(tea) == (10, 2)


def test_a_twin_that_waits_for_the_cart_gets_the_first_ones_order() -> None:
    customer, tea = UserFactory.create(), sellable()
    cart = cart_of(fill_cart(customer, (tea, 2)))
    place_it = ordering(customer)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            cart_services.lock_cart(cart_id=cart.pk)
            twin = pool.submit(race, [place_it])
            wait_until_someone_waits()
            first = place_it()
        (second,) = twin.result()

    assert isinstance(second, Order)
    assert second.pk == first.pk == Order.objects.get().pk


def test_locks_the_cart_before_its_items_are_read_and_the_stock_last() -> None:
    customer = UserFactory.create()
    fill_cart(customer, (sellable(), 2))
    place_it = ordering(customer)

    with CaptureQueriesContext(connection) as captured:
        place_it()

    statements = [query["sql"] for query in captured]
    lock = next(i for i, sql in enumerate(statements) if "cart_cart" in sql)
    items = next(i for i, sql in enumerate(statements) if 'FROM "cart_cartitem"' in sql)
    reserved = next(i for i, sql in enumerate(statements) if "inventory_reservation" in sql)
    assert statements[lock].rstrip().endswith("FOR UPDATE")
    assert lock < items < reserved
    assert not [sql for sql in statements[reserved + 1 :] if "INSERT" in sql or "UPDATE" in sql]


def test_carts_with_the_same_goods_in_opposite_order_do_not_deadlock() -> None:
    tea, pen = sellable(stocked=100), sellable(stocked=100)
    place(UserFactory.create(), [(tea, 1), (pen, 1)])
    buyers = [UserFactory.create() for _ in range(12)]
    for index, buyer in enumerate(buyers):
        items = [(tea, 1), (pen, 1)]
        fill_cart(buyer, *(items if index % 2 else reversed(items)))

    orders = race([ordering(buyer) for buyer in buyers])

    assert all(isinstance(order, Order) for order in orders)
    assert (held(tea), held(pen)) == ((100, 13), (100, 13))


def test_the_same_key_twenty_times_at_once_makes_one_order(api_for: ApiFor) -> None:
    customer, tea = UserFactory.create(), sellable()
    place(UserFactory.create(), [(tea, 1)])
    client = api_for(customer)
    body = {
        "items": [{"variant": str(tea.pk), "quantity": 1}],
        "shipping_address": ADDRESS,
        "shipping_method": str(shipping_method().pk),
    }
    send = partial(client.post, "/api/v1/orders/", body, headers={"Idempotency-Key": "once"})

    answers: list[Any] = race([send] * 20)

    assert {answer.status_code for answer in answers} <= {201, 409}
    ids = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert ids == {str(Order.objects.get(customer=customer).pk)}
    assert held(tea) == (10, 2)
    assert send().json()["id"] in ids


def test_cancelled_and_shipped_at_once_is_one_or_the_other() -> None:
    tea = sellable()
    place(UserFactory.create(), [(tea, 1)])
    for _ in range(5):
        order = pay(place(UserFactory.create(), [(tea, 1)]))

        results = race(
            [
                partial(services.cancel_order, order_id=order.pk, by=None),
                partial(ship, order),
            ]
        )

        order.refresh_from_db()
        assert [type(result) for result in results if isinstance(result, DomainError)] == [
            InvalidTransition
        ]
        assert order.status in {OrderStatus.CANCELLED, OrderStatus.SHIPPED}


def test_cancelled_and_paid_at_once_is_one_after_the_other() -> None:
    for _ in range(5):
        order = place(UserFactory.create())

        race([partial(services.cancel_order, order_id=order.pk, by=None), partial(pay, order)])

        order.refresh_from_db()
        assert order.status == OrderStatus.CANCELLED


def test_cancelled_ten_times_at_once_gives_back_once() -> None:
    tea = sellable()
    place(UserFactory.create(), [(tea, 1)])
    order = place(UserFactory.create(), [(tea, 4)])

    race([partial(services.cancel_order, order_id=order.pk, by=None)] * 10)

    assert held(tea) == (10, 1)
    assert DomainEvent.objects.filter(name="order.cancelled").count() == 1


def test_two_parcels_at_once_hold_no_more_than_was_bought() -> None:
    tea = sellable()
    place(UserFactory.create(), [(tea, 1)])
    order = pay(place(UserFactory.create(), [(tea, 3)]))
    units = {line.pk: 2 for line in order.lines.all()}

    results = race([partial(ship, order, units=units)] * 2)

    assert len([result for result in results if isinstance(result, Order)]) == 1
    assert held(tea) == (8, 2)


def test_buyers_of_two_share_an_odd_stock() -> None:
    tea = sellable(stocked=10)
    place(UserFactory.create(), [(tea, 3)])
    buyers = [UserFactory.create() for _ in range(8)]
    for buyer in buyers:
        fill_cart(buyer, (tea, 2))

    race([ordering(buyer) for buyer in buyers])

    assert Order.objects.count() == 1 + 3
    assert inventory_selectors.available([tea.pk]) == {tea.pk: 1}
