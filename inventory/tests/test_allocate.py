"""Sharing out stock, whatever is asked for and whatever is there."""

from __future__ import annotations

from collections import Counter
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from inventory.services.allocation import Allocation, Demand, Shortage, Supply, allocate

TEA, PEN = UUID(int=1), UUID(int=2)

some_demands = st.lists(
    st.tuples(st.sampled_from([TEA, PEN]), st.integers(1, 9)), min_size=1, max_size=6
).map(lambda rows: [Demand(UUID(int=100 + n), *row) for n, row in enumerate(rows)])
some_supplies = st.lists(
    st.tuples(st.sampled_from([TEA, PEN]), st.integers(0, 20), st.integers(0, 2)), max_size=8
).map(lambda rows: [Supply(UUID(int=200 + n), *row) for n, row in enumerate(rows)])


def supply(number: int, units: int, priority: int = 0) -> Supply:
    return Supply(UUID(int=number), TEA, units, priority)


def demand(number: int, quantity: int) -> Demand:
    return Demand(UUID(int=number), TEA, quantity)


@given(demands=some_demands, supplies=some_supplies)
def test_every_line_gets_all_or_no_line_anything(
    demands: list[Demand], supplies: list[Supply]
) -> None:
    allocations, shortages = allocate(demands, supplies)

    received: Counter[UUID] = Counter()
    for allocation in allocations:
        received[allocation.line_id] += allocation.units
    assert received == ({} if shortages else {line.line_id: line.quantity for line in demands})


@given(demands=some_demands, supplies=some_supplies)
def test_no_stock_item_gives_more_than_it_has_or_another_variant(
    demands: list[Demand], supplies: list[Supply]
) -> None:
    allocations, _ = allocate(demands, supplies)

    left = {supply.stock_item_id: supply.units for supply in supplies}
    variants = {supply.stock_item_id: supply.variant_id for supply in supplies}
    lines = {line.line_id: line.variant_id for line in demands}
    for allocation in allocations:
        left[allocation.stock_item_id] -= allocation.units
        assert allocation.units > 0
        assert variants[allocation.stock_item_id] == lines[allocation.line_id]
    assert min(left.values(), default=0) >= 0


@given(demands=some_demands, supplies=some_supplies)
def test_exactly_what_is_short_is_told(demands: list[Demand], supplies: list[Supply]) -> None:
    _, shortages = allocate(demands, supplies)

    requested = {
        variant: sum(line.quantity for line in demands if line.variant_id == variant)
        for variant in (TEA, PEN)
    }
    available = {
        variant: sum(supply.units for supply in supplies if supply.variant_id == variant)
        for variant in (TEA, PEN)
    }
    assert shortages == [
        Shortage(variant, requested[variant], available[variant])
        for variant in (TEA, PEN)
        if requested[variant] > available[variant]
    ]


@given(demands=some_demands, supplies=some_supplies)
def test_a_variant_is_split_only_where_no_location_has_enough(
    demands: list[Demand], supplies: list[Supply]
) -> None:
    allocations, shortages = allocate(demands, supplies)

    for variant in (TEA, PEN):
        items = [supply for supply in supplies if supply.variant_id == variant]
        requested = sum(line.quantity for line in demands if line.variant_id == variant)
        enough = [supply for supply in items if supply.units >= requested]
        if requested and enough and not shortages:
            first = min(enough, key=lambda supply: (supply.priority, supply.stock_item_id))
            own = {supply.stock_item_id for supply in items}
            used = {allocation.stock_item_id for allocation in allocations} & own
            assert used == {first.stock_item_id}


@given(demands=some_demands, supplies=some_supplies, seed=st.randoms())
def test_the_order_in_which_rows_are_given_does_not_matter(
    demands: list[Demand], supplies: list[Supply], seed: Random
) -> None:
    expected = allocate(demands, supplies)
    seed.shuffle(demands)
    seed.shuffle(supplies)

    assert allocate(demands, supplies) == expected


def test_lines_take_from_locations_in_turn() -> None:
    allocations, _ = allocate([demand(1, 2), demand(2, 3)], [supply(8, 4, 9), supply(9, 3, 1)])

    assert allocations == [
        Allocation(UUID(int=1), UUID(int=9), 2),
        Allocation(UUID(int=2), UUID(int=9), 1),
        Allocation(UUID(int=2), UUID(int=8), 2),
    ]
