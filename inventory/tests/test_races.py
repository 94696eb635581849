"""Stock under real threads, on rows that already carry reservations."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

import pytest
from django.db import transaction

from catalog.tests.factories import VariantFactory
from core.audit import discrepancies
from core.models import new_id
from inventory import services
from inventory.models import MovementReason, Reservation, StockItem
from inventory.services import Adjustment, InsufficientStock
from inventory.tests.factories import LocationFactory, demands_for, promise, stock
from inventory.tests.racing import race, wait_until_someone_waits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_twenty_buyers_of_four_units_get_exactly_four() -> None:
    tea = VariantFactory.create()
    item = stock(tea, 7)
    promise((tea, 3))

    results = race([partial(promise, (tea, 1))] * 20)

    refusals = [result for result in results if isinstance(result, InsufficientStock)]
    item.refresh_from_db()
    tea.refresh_from_db()
    assert len(refusals) == 16
    assert {refusal.members["available"] for refusal in refusals} == {0}
    assert (item.on_hand, item.reserved, tea.in_stock) == (7, 7, False)
    assert discrepancies() == []


def test_two_units_each_of_odd_stock_leave_one_over() -> None:
    tea = VariantFactory.create()
    item = stock(tea, 8)
    promise((tea, 1))

    results = race([partial(promise, (tea, 2))] * 12)

    refusals = [result for result in results if isinstance(result, InsufficientStock)]
    item.refresh_from_db()
    assert len(refusals) == 9
    assert {refusal.members["available"] for refusal in refusals} == {1}
    assert item.reserved == 7
    assert discrepancies() == []


@pytest.mark.parametrize("way", ["cancelled", "delivered"])
def test_who_waits_for_the_lock_is_given_what_came_free_meanwhile(way: str) -> None:
    tea = VariantFactory.create()
    item = stock(tea, 3)
    order = promise((tea, 3))

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            if way == "cancelled":
                services.release(order_id=order)
            else:
                stock(tea, 2)
            buyer = pool.submit(race, [partial(promise, (tea, 1))])
            wait_until_someone_waits()
        (bought,) = buyer.result()

    item.refresh_from_db()
    assert isinstance(bought, UUID)
    assert (item.on_hand, item.reserved) == ((3, 1) if way == "cancelled" else (5, 4))
    assert discrepancies() == []


def test_orders_with_the_same_goods_in_opposite_order_do_not_deadlock() -> None:
    variants = [VariantFactory.create() for _ in range(5)]
    for variant in variants:
        stock(variant, 100)
    forwards = demands_for([(variant, 1) for variant in variants])
    backwards = forwards[::-1]

    def place(number: int) -> None:
        lines = [
            services.Demand(new_id(), demand.variant_id, 1)
            for demand in (forwards if number % 2 else backwards)
        ]
        with transaction.atomic():
            services.reserve(order_id=new_id(), demands=lines)

    results = race([partial(place, number) for number in range(20)])

    assert results == [None] * 20
    assert set(StockItem.objects.values_list("reserved", flat=True)) == {20}
    assert discrepancies() == []


def test_two_locations_running_empty_at_once_leave_the_shelf_empty() -> None:
    for _ in range(5):
        tea = VariantFactory.create()
        items = [stock(tea, 1, LocationFactory.create()) for _ in range(2)]

        race([partial(write_off, item) for item in items])

        tea.refresh_from_db()
        assert (tea.in_stock, tea.stock_quantity) == (False, 0)
    assert discrepancies() == []


def write_off(item: StockItem) -> None:
    row = Adjustment(item.variant_id, item.location_id, MovementReason.DAMAGED, delta=-1)
    services.adjust(rows=[row], actor=None)


def test_the_last_unit_sold_while_more_arrives_elsewhere_stays_on_the_shelf() -> None:
    for _ in range(5):
        tea, other = VariantFactory.create(), LocationFactory.create()
        stock(tea, 1)

        race([partial(promise, (tea, 1)), partial(stock, tea, 1, other)])

        tea.refresh_from_db()
        assert tea.in_stock
    assert discrepancies() == []


def test_released_twice_at_once_gives_back_once() -> None:
    tea = VariantFactory.create()
    item = stock(tea, 9)
    promise((tea, 2))
    order_id = promise((tea, 3))

    race([partial(services.release, order_id=order_id)] * 8)

    item.refresh_from_db()
    assert item.reserved == 2
    assert discrepancies() == []


def test_shipped_and_released_at_once_is_one_or_the_other() -> None:
    for _ in range(5):
        tea = VariantFactory.create()
        item = stock(tea, 9)
        promise((tea, 2))
        order_id = promise((tea, 3))

        race([partial(services.release, order_id=order_id), partial(ship, order_id, 3)])

        item.refresh_from_db()
        assert (item.on_hand, item.reserved) in {(9, 2), (6, 2)}
    assert discrepancies() == []


def ship(order_id: UUID, quantity: int) -> None:
    line_id = Reservation.objects.filter(order_id=order_id)[0].line_id
    services.fulfil(
        order_id=order_id,
        quantities={line_id: quantity},
        reason=MovementReason.SHIPPED,
        actor=None,
    )


def test_adjusting_and_reserving_the_same_goods_do_not_deadlock() -> None:
    variants = [VariantFactory.create() for _ in range(4)]
    items = [stock(variant, 50) for variant in variants]
    rows = [
        Adjustment(item.variant_id, item.location_id, MovementReason.RECEIVED, delta=1)
        for item in reversed(items)
    ]
    order = [(variant, 1) for variant in variants]

    results = race([partial(services.adjust, rows=rows, actor=None), partial(promise, *order)] * 6)

    assert not [result for result in results if isinstance(result, Exception)]
    assert set(StockItem.objects.values_list("on_hand", "reserved")) == {(56, 6)}
    assert discrepancies() == []


def test_the_first_stock_of_a_variant_may_arrive_twice_at_once() -> None:
    tea, shop = VariantFactory.create(), LocationFactory.create()

    race([partial(stock, tea, 1, shop)] * 6)

    assert StockItem.objects.get().on_hand == 6
    assert discrepancies() == []
