"""What runs low is announced once, until it was above its reorder point again."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import pytest

from catalog.models import ProductVariant
from catalog.tests.factories import VariantFactory
from core.models import DomainEvent
from inventory import services, tasks
from inventory.events import StockLow
from inventory.models import StockItem
from inventory.tests.factories import LocationFactory, promise, stock
from inventory.tests.racing import race

pytestmark = pytest.mark.django_db


@pytest.fixture
def tea() -> ProductVariant:
    """Ten units, to be ordered again at four."""
    variant: ProductVariant = VariantFactory.create()
    StockItem.objects.filter(pk=stock(variant, 10).pk).update(reorder_point=4)
    return variant


def announced() -> list[tuple[UUID, ...]]:
    found = []
    for event in DomainEvent.objects.filter(name="stock.low").order_by("id"):
        told = StockLow.from_payload(event.payload)
        assert isinstance(told, StockLow)
        found.append(told.stock_item_ids)
    return found


def test_is_announced_once_when_it_falls_to_its_reorder_point(tea: ProductVariant) -> None:
    item = StockItem.objects.get(variant=tea)
    promise((tea, 5))
    tasks.announce_low_stock(0)
    assert announced() == []

    promise((tea, 1))
    tasks.announce_low_stock(0)
    tasks.announce_low_stock(0)

    assert announced() == [(item.pk,)]


def test_is_announced_again_after_it_was_above(tea: ProductVariant) -> None:
    for change in (-7, 7, -7):
        stock(tea, change)
        tasks.announce_low_stock(0)

    assert len(announced()) == 2


def test_without_a_reorder_point_nothing_is_low(tea: ProductVariant) -> None:
    StockItem.objects.update(reorder_point=0)
    stock(tea, -10)

    assert services.announce_low_stock() == 0


def test_each_location_has_one_announcement(tea: ProductVariant) -> None:
    shop = LocationFactory.create()
    for location in (None, None, shop):
        item = stock(VariantFactory.create(), 1, location)
        StockItem.objects.filter(pk=item.pk).update(reorder_point=1)

    tasks.announce_low_stock(0)

    assert sorted(len(items) for items in announced()) == [1, 2]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_announce_once(tea: ProductVariant) -> None:
    stock(tea, -7)

    race([services.announce_low_stock] * 6 + [partial(promise, (tea, 1))])
    services.announce_low_stock()

    assert len(announced()) == 1
