"""Changing orders under real threads, on stock that already carries reservations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory
from cart.tests.factories import sellable
from catalog.models import ProductVariant
from core.audit import discrepancies
from inventory.models import StockItem
from inventory.services import InsufficientStock
from inventory.tests.racing import race
from orders import services
from orders.models import Order, OrderStatus
from orders.services import EditOrder, InvalidTransition, PaymentInProgress
from orders.tests.factories import place, ship
from payments.services.paying import pay
from payments.tests.factories import command_for

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _sound() -> Iterator[None]:
    yield
    assert discrepancies() == []


@pytest.fixture
def tea() -> ProductVariant:
    tea = sellable()
    place(UserFactory.create(), [(tea, 1)])
    return tea


def reserved(variant: ProductVariant) -> int:
    return StockItem.objects.get(variant=variant).reserved


def editing(order: Order, quantity: int) -> Callable[[], Order]:
    """Return what gives every line of the order another quantity."""
    quantities = {line.pk: quantity for line in order.lines.all()}
    command = EditOrder(order_id=order.pk, quantities=quantities)
    return partial(services.edit_order, command=command)


def test_two_edits_at_once_are_one_after_the_other(tea: ProductVariant) -> None:
    order = place(UserFactory.create(), [(tea, 2)])

    race([editing(order, 3), editing(order, 5)] * 4)

    assert reserved(tea) in {4, 6}
    assert order.lines.get().quantity == reserved(tea) - 1


def test_edits_and_new_orders_share_what_is_left(tea: ProductVariant) -> None:
    first, second = (place(UserFactory.create(), [(tea, 3)]) for _ in range(2))
    buyers = [UserFactory.create() for _ in range(4)]

    race(
        [editing(first, 5), editing(second, 5)]
        + [partial(place, buyer, [(tea, 1)]) for buyer in buyers]
    )

    assert reserved(tea) == 10


def test_what_an_order_holds_is_not_sold_while_it_is_changed() -> None:
    tea = sellable(stocked=5)
    order = place(UserFactory.create(), [(tea, 5)])
    place(UserFactory.create())

    for quantity in (4, 5, 3, 5):
        buyers = [partial(place, UserFactory.create(), [(tea, 5)]) for _ in range(4)]
        edited, *refusals = race([editing(order, quantity), *buyers])
        assert isinstance(edited, Order)
        assert {type(refusal) for refusal in refusals} == {InsufficientStock}

    assert (reserved(tea), Order.objects.count()) == (5, 2)


def test_edits_of_the_same_goods_in_opposite_order_do_not_deadlock() -> None:
    tea, pen = sellable(stocked=100), sellable(stocked=100)
    items = [(tea, 1), (pen, 1)]
    orders = [
        place(UserFactory.create(), items if index % 2 else items[::-1]) for index in range(8)
    ]

    results = race([editing(order, 2) for order in orders])

    assert all(isinstance(result, Order) for result in results)
    assert (reserved(tea), reserved(pen)) == (16, 16)


def test_an_edit_against_a_cancellation_leaves_nothing_promised(tea: ProductVariant) -> None:
    for _ in range(4):
        order = place(UserFactory.create(), [(tea, 2)])

        race([editing(order, 4), partial(services.cancel_order, order_id=order.pk, by=None)])

        order.refresh_from_db()
        assert (order.status, reserved(tea)) == (OrderStatus.CANCELLED, 1)


def test_an_edit_against_a_payment_charges_what_the_order_costs(tea: ProductVariant) -> None:
    for _ in range(4):
        order = place(UserFactory.create(), [(tea, 1)])

        edited, _paid = race([editing(order, 2), partial(pay, command=command_for(order))])

        order.refresh_from_db()
        assert order.status == OrderStatus.PAID
        assert isinstance(edited, Order | InvalidTransition | PaymentInProgress)
        assert order.payment.captured == order.total


def test_an_edit_against_payment_and_parcel_ships_what_was_paid(tea: ProductVariant) -> None:
    for _ in range(2):
        order = place(UserFactory.create(), [(tea, 1)])

        def pay_and_ship(order: Order = order) -> None:
            pay(command=command_for(order))
            ship(order)

        race([editing(order, 2), pay_and_ship])

        order.refresh_from_db()
        assert order.status == OrderStatus.SHIPPED
        assert reserved(tea) == 1


def test_locks_the_order_then_all_stock_before_it_gives_anything_back(
    tea: ProductVariant,
) -> None:
    edit = editing(place(UserFactory.create(), [(tea, 2)]), 3)

    with CaptureQueriesContext(connection) as captured:
        edit()

    statements = [query["sql"].strip() for query in captured]
    order = next(i for i, sql in enumerate(statements) if sql.endswith("FOR UPDATE"))
    locked = next(i for i, sql in enumerate(statements) if "FOR NO KEY UPDATE" in sql)
    moved = [i for i, sql in enumerate(statements) if 'INSERT INTO "inventory_stockitem"' in sql]
    assert order < locked < min(moved)
    assert 'ORDER BY "inventory_stockitem"."id" ASC FOR NO KEY UPDATE' in statements[locked]
