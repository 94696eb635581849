"""Promising something else to an order than before."""

from __future__ import annotations

from uuid import UUID

import pytest

from cart.tests.factories import sellable
from core.audit import discrepancies
from core.models import new_id
from inventory import services
from inventory.models import StockItem
from inventory.services import Demand, InsufficientStock

pytestmark = pytest.mark.django_db


@pytest.fixture
def order_id() -> UUID:
    return new_id()


def test_the_new_promise_takes_the_place_of_the_old(order_id: UUID) -> None:
    tea, pen = sellable(stocked=5), sellable(stocked=5)
    line, other = new_id(), new_id()
    services.reserve(order_id=order_id, demands=[Demand(line, tea.pk, 3)])

    services.re_reserve(
        order_id=order_id, demands=[Demand(line, tea.pk, 5), Demand(other, pen.pk, 2)]
    )

    held = dict(StockItem.objects.values_list("variant", "reserved"))
    assert held == {tea.pk: 5, pen.pk: 2}
    tea.refresh_from_db()
    assert not tea.in_stock
    assert discrepancies("inventory") == []


def test_what_the_order_holds_counts_as_available_to_it(order_id: UUID) -> None:
    tea, line = sellable(stocked=5), new_id()
    services.reserve(order_id=order_id, demands=[Demand(line, tea.pk, 3)])

    with pytest.raises(InsufficientStock) as refusal:
        services.re_reserve(order_id=order_id, demands=[Demand(line, tea.pk, 6)])

    assert refusal.value.shortages[0].available == 5
    assert StockItem.objects.get().reserved == 3


def test_nothing_promised_is_everything_released(order_id: UUID) -> None:
    tea = sellable(stocked=5)
    services.reserve(order_id=order_id, demands=[Demand(new_id(), tea.pk, 5)])

    services.re_reserve(order_id=order_id, demands=[])

    tea.refresh_from_db()
    assert (StockItem.objects.get().reserved, tea.in_stock) == (0, True)
