"""Promising stock to orders."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from catalog.models import ProductVariant
from catalog.tests.factories import VariantFactory
from core.models import new_id
from inventory import selectors, services
from inventory.models import Reservation, StockItem
from inventory.services import Demand, InsufficientStock
from inventory.tests.factories import LocationFactory, demands_for, promise, stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def tea() -> ProductVariant:
    return VariantFactory.create()


@pytest.fixture
def cup() -> ProductVariant:
    return VariantFactory.create()


def allocation() -> dict[str, int]:
    """Return how many units are promised from where."""
    rows = Reservation.objects.values_list("stock_item__location__code", "quantity")
    return dict(rows)


def test_reserves_every_line(tea: ProductVariant, cup: ProductVariant) -> None:
    items = [stock(tea, 5), stock(cup, 2)]

    promise((tea, 3), (cup, 1))

    assert [StockItem.objects.get(pk=item.pk).reserved for item in items] == [3, 1]
    assert selectors.available([tea.pk, cup.pk]) == {tea.pk: 2, cup.pk: 1}


def test_remembers_what_was_promised_to_which_line(tea: ProductVariant) -> None:
    item = stock(tea, 5)
    order_id, line_id = new_id(), new_id()

    services.reserve(order_id=order_id, demands=[Demand(line_id, tea.pk, 3)])

    kept = Reservation.objects.get()
    assert (kept.order_id, kept.line_id, kept.stock_item, kept.quantity) == (
        order_id,
        line_id,
        item,
        3,
    )
    assert (kept.fulfilled, kept.released, kept.id.version) == (0, 0, 7)


def test_takes_the_location_of_lowest_priority(tea: ProductVariant) -> None:
    far = LocationFactory.create(code="far", priority=9)
    near = LocationFactory.create(code="near", priority=1)
    stock(tea, 5, far)
    stock(tea, 5, near)

    promise((tea, 2))

    assert allocation() == {"near": 2}


def test_prefers_one_location_that_has_enough(tea: ProductVariant) -> None:
    stock(tea, 2, LocationFactory.create(code="near", priority=1))
    stock(tea, 5, LocationFactory.create(code="far", priority=9))

    promise((tea, 3))

    assert allocation() == {"far": 3}


def test_splits_a_line_where_no_location_has_enough(tea: ProductVariant) -> None:
    stock(tea, 2, LocationFactory.create(code="near", priority=1))
    stock(tea, 3, LocationFactory.create(code="far", priority=9))

    promise((tea, 4))

    assert allocation() == {"near": 2, "far": 2}


def test_two_lines_of_one_variant_share_its_stock(tea: ProductVariant) -> None:
    item = stock(tea, 5)

    promise((tea, 2), (tea, 3))

    assert sorted(Reservation.objects.values_list("quantity", flat=True)) == [2, 3]
    assert StockItem.objects.get(pk=item.pk).reserved == 5


def test_counts_what_others_were_promised(tea: ProductVariant) -> None:
    stock(tea, 7)
    promise((tea, 3))

    with pytest.raises(InsufficientStock) as refusal:
        promise((tea, 5))

    assert refusal.value.members["available"] == 4


def test_refuses_all_when_one_line_is_short(tea: ProductVariant, cup: ProductVariant) -> None:
    stock(tea, 5)
    stock(cup, 1)

    with pytest.raises(InsufficientStock) as refusal:
        promise((tea, 1), (cup, 2))

    assert refusal.value.members == {
        "available": 1,
        "variant": cup.pk,
        "items": [{"variant": cup.pk, "requested": 2, "available": 1}],
    }
    assert not Reservation.objects.exists()
    assert selectors.available([tea.pk, cup.pk]) == {tea.pk: 5, cup.pk: 1}


def test_lists_every_variant_that_is_short(tea: ProductVariant, cup: ProductVariant) -> None:
    stock(cup, 1)

    with pytest.raises(InsufficientStock) as refusal:
        promise((tea, 1), (cup, 2))

    found = {item["variant"]: item["available"] for item in refusal.value.members["items"]}
    assert found == {tea.pk: 0, cup.pk: 1}


@pytest.mark.parametrize("closed", [{"is_active": False}, {"deleted_at": "2026-01-01T00:00Z"}])
def test_takes_nothing_from_a_closed_location(tea: ProductVariant, closed: dict[str, bool]) -> None:
    item = stock(tea, 5)
    type(item.location).objects.filter(pk=item.location_id).update(**closed)

    with pytest.raises(InsufficientStock):
        promise((tea, 1))

    assert selectors.available([tea.pk]) == {tea.pk: 0}


def test_the_last_unit_takes_the_product_off_the_shelf(tea: ProductVariant) -> None:
    stock(tea, 2)
    promise((tea, 1))
    tea.product.refresh_from_db()
    was_in_stock = tea.product.in_stock

    promise((tea, 1))

    tea.refresh_from_db()
    tea.product.refresh_from_db()
    assert was_in_stock
    assert (tea.in_stock, tea.stock_quantity, tea.product.in_stock) == (False, 0, False)


def test_stock_elsewhere_keeps_the_product_on_the_shelf(tea: ProductVariant) -> None:
    stock(tea, 1, LocationFactory.create(priority=1))
    stock(tea, 1, LocationFactory.create(priority=2))

    promise((tea, 1))

    tea.refresh_from_db()
    assert tea.in_stock


def test_the_lists_figure_is_left_to_the_job(tea: ProductVariant) -> None:
    item = stock(tea, 5)
    StockItem.objects.update(is_listed=True)

    promise((tea, 2))

    tea.refresh_from_db()
    item.refresh_from_db()
    assert (tea.stock_quantity, item.is_listed) == (5, False)


def test_what_comes_in_for_a_line_adds_to_its_promise(tea: ProductVariant) -> None:
    stock(tea, 1)
    services.allow_backorders(variant_id=tea.pk, maximum=5)
    services.reserve(order_id=new_id(), demands=[Demand(new_id(), tea.pk, 3)])

    stock(tea, 2)

    assert Reservation.objects.get().quantity == 3


@pytest.mark.parametrize("lines", [1, 10])
def test_costs_three_queries_whatever_the_number_of_lines(lines: int) -> None:
    variants = [VariantFactory.create() for _ in range(lines)]
    for variant in variants:
        stock(variant, 5)
    demands = demands_for([(variant, 1) for variant in variants])

    with CaptureQueriesContext(connection) as queries:
        services.reserve(order_id=new_id(), demands=demands)

    assert len(queries) == 3


def test_locks_stock_in_key_order_before_it_decides(tea: ProductVariant) -> None:
    stock(tea, 5)

    with CaptureQueriesContext(connection) as queries:
        promise((tea, 1))

    lock, *writes = [query["sql"] for query in queries if "inventory_" in query["sql"]]
    assert 'ORDER BY "inventory_stockitem"."id" ASC FOR NO KEY UPDATE' in lock
    assert [sql.split()[0] for sql in writes] == ["INSERT", "INSERT"]


def test_the_database_itself_refuses_to_promise_more_than_there_is(tea: ProductVariant) -> None:
    item = stock(tea, 5)

    with pytest.raises(IntegrityError, match="stock_reserved_within_on_hand"):
        StockItem.objects.filter(pk=item.pk).update(reserved=6)
