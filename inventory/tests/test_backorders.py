"""Selling what is not there yet, and serving who came first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from django.db import IntegrityError

from catalog.models import ProductVariant
from catalog.tests.factories import VariantFactory
from core.audit import discrepancies
from core.models import new_id
from inventory import selectors, services, tasks
from inventory.models import Backorder, BackorderRule, Location, MovementReason, StockItem
from inventory.services import FewerThanAwaited, InsufficientStock, NotReserved
from inventory.tests.factories import LocationFactory, demands_for, promise, stock
from inventory.tests.racing import race

pytestmark = pytest.mark.django_db


@pytest.fixture
def tea() -> ProductVariant:
    """Three units are there, and five more may be sold."""
    variant: ProductVariant = VariantFactory.create()
    stock(variant, 3)
    services.allow_backorders(variant_id=variant.pk, maximum=5)
    return variant


def held(variant: ProductVariant) -> tuple[int, int, int]:
    """Return on hand, reserved and awaited."""
    item = StockItem.objects.get(variant=variant)
    return item.on_hand, item.reserved, BackorderRule.objects.get(variant=variant).awaited


def waiting() -> dict[UUID, int]:
    return {
        backorder.order_id: backorder.open
        for backorder in Backorder.objects.order_by("id")
        if backorder.open
    }


def sound() -> bool:
    return not discrepancies("inventory")


def test_what_is_short_is_awaited(tea: ProductVariant) -> None:
    order = promise((tea, 5))

    assert held(tea) == (3, 3, 2)
    assert waiting() == {order: 2}
    assert selectors.available([tea.pk]) == {tea.pk: 3}
    assert sound()


def test_a_pre_order_needs_no_stock_at_all() -> None:
    book = VariantFactory.create()
    LocationFactory.create()
    services.allow_backorders(variant_id=book.pk, maximum=10)
    order = promise((book, 4))
    assert selectors.available([book.pk]) == {book.pk: 6}

    stock(book, 3)

    assert held(book) == (3, 3, 1)
    assert waiting() == {order: 1}
    assert sound()


def test_no_more_than_the_maximum_is_sold(tea: ProductVariant) -> None:
    promise((tea, 4))

    with pytest.raises(InsufficientStock) as refusal:
        promise((tea, 5))

    assert refusal.value.members["available"] == 4
    assert held(tea) == (3, 3, 1)


def test_one_thing_that_cannot_be_had_refuses_all(tea: ProductVariant) -> None:
    pen = VariantFactory.create()
    stock(pen, 1)

    with pytest.raises(InsufficientStock) as refusal:
        promise((tea, 5), (pen, 2))

    assert refusal.value.members["variant"] == pen.pk
    assert held(tea) == (3, 0, 0)


def test_who_came_first_is_served_first(tea: ProductVariant) -> None:
    promise((tea, 3))
    first, second, third = (promise((tea, units)) for units in (2, 1, 2))

    stock(tea, 2)
    assert waiting() == {second: 1, third: 2}
    stock(tea, 2)

    assert waiting() == {third: 1}
    assert held(tea) == (7, 7, 1)
    assert first not in waiting()
    assert sound()


def test_what_another_order_gives_back_serves_who_waits(tea: ProductVariant) -> None:
    first = promise((tea, 3))
    second = promise((tea, 4))

    services.release(order_id=first)

    assert waiting() == {second: 1}
    assert held(tea) == (3, 3, 1)
    assert sound()


def test_who_gives_up_waits_no_longer(tea: ProductVariant) -> None:
    order = promise((tea, 5))

    services.release(order_id=order)
    services.release(order_id=order)

    assert held(tea) == (3, 0, 0)
    assert waiting() == {}
    assert sound()


def test_an_order_that_is_changed_keeps_what_it_has(tea: ProductVariant) -> None:
    first = promise((tea, 3))
    second = promise((tea, 2))

    services.re_reserve(order_id=first, demands=demands_for([(tea, 2)]))

    assert waiting() == {second: 1}
    assert held(tea) == (3, 3, 1)
    assert sound()


def test_what_is_awaited_cannot_be_sent(tea: ProductVariant) -> None:
    order = promise((tea, 3))
    demand = demands_for([(tea, 2)])
    waiting_order = new_id()
    services.reserve(order_id=waiting_order, demands=demand)

    with pytest.raises(NotReserved):
        services.fulfil(
            order_id=waiting_order,
            quantities={demand[0].line_id: 1},
            reason=MovementReason.SHIPPED,
            actor=None,
        )

    assert order not in waiting()
    assert held(tea) == (3, 3, 2)


def test_a_sale_in_the_shop_takes_only_what_is_there(tea: ProductVariant) -> None:
    with pytest.raises(InsufficientStock):
        services.sell(variant=tea, quantity=4, actor=None)

    assert held(tea) == (3, 0, 0)


def test_a_location_that_opens_serves_who_waits(tea: ProductVariant) -> None:
    shop = LocationFactory.create(is_active=False)
    stock(tea, 4, shop)
    order = promise((tea, 5))
    assert waiting() == {order: 2}

    Location.objects.filter(pk=shop.pk).update(is_active=True)
    tasks.serve_backorders(0)

    assert waiting() == {}
    assert sound()


def test_the_maximum_stays_above_what_is_awaited(tea: ProductVariant) -> None:
    promise((tea, 5))

    with pytest.raises(FewerThanAwaited):
        services.allow_backorders(variant_id=tea.pk, maximum=1)
    with pytest.raises(IntegrityError, match="backorders_within_maximum"):
        BackorderRule.objects.update(awaited=6)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_twenty_buyers_of_three_units_and_five_awaited(tea: ProductVariant) -> None:
    promise((tea, 1))

    answers = race([partial(promise, (tea, 1))] * 20)

    assert Counter(isinstance(answer, InsufficientStock) for answer in answers) == {
        True: 13,
        False: 7,
    }
    assert held(tea) == (3, 3, 5)
    assert sound()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_orders_cancellations_and_deliveries_at_once_lose_nothing(tea: ProductVariant) -> None:
    pen = VariantFactory.create()
    stock(pen, 3)
    services.allow_backorders(variant_id=pen.pk, maximum=50)
    services.allow_backorders(variant_id=tea.pk, maximum=50)
    orders = [promise((tea, 2), (pen, 2)) for _ in range(4)]
    steps: list[Callable[[], object]] = [
        partial(services.release, order_id=order) for order in orders
    ]
    steps += [partial(promise, (pen, 1), (tea, 1)) for _ in range(6)]
    steps += [partial(stock, variant, 1) for variant in (tea, pen) * 3]

    race(steps)
    tasks.serve_backorders(0)

    for variant in (tea, pen):
        on_hand, reserved, awaited = held(variant)
        assert on_hand == 6
        assert reserved + awaited == 6
        assert awaited == 0
    assert sound()
