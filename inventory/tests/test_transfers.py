"""Goods that go from one location to another."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.models import ProductVariant
from catalog.tests.factories import VariantFactory
from core.audit import discrepancies
from core.errors import NotFound
from core.models import new_id
from inventory import services
from inventory.models import Location, StockItem, StockMovement, Transfer, TransferStatus
from inventory.services import (
    InsufficientStock,
    InvalidTransfer,
    LocationNotEmpty,
    NewTransfer,
    TransferFinished,
)
from inventory.services.stock import UnknownStock
from inventory.tests.factories import LocationFactory, promise, stock
from inventory.tests.racing import race

pytestmark = pytest.mark.django_db


@pytest.fixture
def warehouse() -> Location:
    return LocationFactory.create()


@pytest.fixture
def shop(warehouse: Location) -> Location:
    return LocationFactory.create()


@pytest.fixture
def tea(warehouse: Location) -> ProductVariant:
    """Ten units in the warehouse, of which three are promised."""
    variant: ProductVariant = VariantFactory.create()
    stock(variant, 10, warehouse)
    promise((variant, 3))
    return variant


def send(source: Location, destination: Location, units: dict[Any, int], **more: Any) -> Transfer:
    new = NewTransfer(source.pk, destination.pk, units, **more)
    return services.start_transfer(new=new, actor=None)


def on_hand(variant: ProductVariant, *locations: Location) -> list[int]:
    held = dict(StockItem.objects.filter(variant=variant).values_list("location", "on_hand"))
    return [held.get(location.pk, 0) for location in locations]


def sound() -> bool:
    return not discrepancies("inventory")


def test_goods_on_their_way_are_nowhere_until_they_arrive(
    warehouse: Location, shop: Location, tea: ProductVariant
) -> None:
    transfer = send(warehouse, shop, {tea.pk: 7})
    assert on_hand(tea, warehouse, shop) == [3, 0]

    received = services.receive_transfer(transfer_id=transfer.pk, actor=None)

    assert on_hand(tea, warehouse, shop) == [3, 7]
    assert received.status == TransferStatus.RECEIVED
    deltas = StockMovement.objects.filter(reference=str(transfer.pk)).values_list("delta", "reason")
    assert set(deltas) == {(-7, "transferred"), (7, "transferred")}
    assert sound()


def test_moves_at_once(warehouse: Location, shop: Location, tea: ProductVariant) -> None:
    transfer = send(warehouse, shop, {tea.pk: 2}, is_immediate=True)

    assert on_hand(tea, warehouse, shop) == [8, 2]
    assert transfer.status == TransferStatus.RECEIVED
    assert sound()


def test_a_cancelled_transfer_goes_back(
    warehouse: Location, shop: Location, tea: ProductVariant
) -> None:
    transfer = send(warehouse, shop, {tea.pk: 7})

    services.cancel_transfer(transfer_id=transfer.pk, actor=None)

    assert on_hand(tea, warehouse, shop) == [10, 0]
    assert sound()


@pytest.mark.parametrize("finish", [services.receive_transfer, services.cancel_transfer])
def test_a_transfer_ends_once(
    warehouse: Location, shop: Location, tea: ProductVariant, finish: Any
) -> None:
    transfer = send(warehouse, shop, {tea.pk: 7}, is_immediate=True)

    with pytest.raises(TransferFinished):
        finish(transfer_id=transfer.pk, actor=None)

    assert on_hand(tea, warehouse, shop) == [3, 7]


def test_what_is_promised_stays(warehouse: Location, shop: Location, tea: ProductVariant) -> None:
    with pytest.raises(InsufficientStock):
        send(warehouse, shop, {tea.pk: 8})

    assert on_hand(tea, warehouse, shop) == [10, 0]
    assert not Transfer.objects.exists()


def test_refuses_to_move_nothing(warehouse: Location, shop: Location, tea: ProductVariant) -> None:
    for nothing in ({}, {tea.pk: 0}):
        with pytest.raises(InvalidTransfer):
            send(warehouse, shop, nothing)


def test_refuses_what_and_where_it_does_not_know(
    warehouse: Location, shop: Location, tea: ProductVariant
) -> None:
    with pytest.raises(InvalidTransfer):
        send(warehouse, warehouse, {tea.pk: 1})
    with pytest.raises(NotFound):
        send(warehouse, Location(pk=new_id()), {tea.pk: 1})
    with pytest.raises(NotFound):
        services.receive_transfer(transfer_id=new_id(), actor=None)
    with pytest.raises((UnknownStock, IntegrityError)), transaction.atomic():
        send(warehouse, shop, {new_id(): 1})

    assert not Transfer.objects.exists()


def test_no_location_closes_while_goods_are_on_their_way_to_it(
    warehouse: Location, shop: Location, tea: ProductVariant
) -> None:
    transfer = send(warehouse, shop, {tea.pk: 1})

    with pytest.raises(LocationNotEmpty):
        services.delete_location(location_id=shop.pk)

    services.cancel_transfer(transfer_id=transfer.pk, actor=None)
    services.delete_location(location_id=shop.pk)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_both_ways_with_orders_at_once_neither_deadlock_nor_go_below_zero(
    warehouse: Location, shop: Location, tea: ProductVariant
) -> None:
    pen = VariantFactory.create()
    stock(pen, 10, shop)
    stock(tea, 5, shop)
    stock(pen, 5, warehouse)
    there = partial(send, warehouse, shop, {tea.pk: 2, pen.pk: 1}, is_immediate=True)
    back = partial(send, shop, warehouse, {pen.pk: 2, tea.pk: 1}, is_immediate=True)

    answers = race([there, back, partial(promise, (tea, 1)), partial(promise, (pen, 1))] * 4)

    assert all(isinstance(answer, InsufficientStock) or answer for answer in answers)
    assert sum(on_hand(tea, warehouse, shop)) == sum(on_hand(pen, warehouse, shop)) == 15
    assert sound()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_received_and_cancelled_at_once_ends_one_way(
    warehouse: Location, shop: Location, tea: ProductVariant
) -> None:
    transfer = send(warehouse, shop, {tea.pk: 7})
    ways = [services.receive_transfer, services.cancel_transfer]

    answers = race([partial(way, transfer_id=transfer.pk, actor=None) for way in ways * 5])

    assert Counter(isinstance(answer, TransferFinished) for answer in answers) == {
        True: 9,
        False: 1,
    }
    assert sum(on_hand(tea, warehouse, shop)) == 10
    assert sound()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_location_that_closes_while_goods_are_sent_loses_none(
    warehouse: Location, shop: Location, tea: ProductVariant
) -> None:
    closing = partial(services.delete_location, location_id=shop.pk)
    sending = partial(send, warehouse, shop, {tea.pk: 1})

    race([sending, closing] * 4)

    is_closed = not Location.objects.filter(pk=shop.pk).exists()
    assert is_closed != Transfer.objects.filter(status=TransferStatus.IN_TRANSIT).exists()
    assert sound()
