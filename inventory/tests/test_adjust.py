"""Moving stock by hand."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory
from catalog.models import ProductVariant
from catalog.tests.factories import VariantFactory
from core.models import new_id
from inventory import services
from inventory.models import Location, MovementReason, StockItem, StockMovement
from inventory.services import Adjustment, InsufficientStock
from inventory.services.stock import MOST_UNITS, TooManyUnits, UnknownStock
from inventory.tests.factories import LocationFactory, promise, stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def tea() -> ProductVariant:
    return VariantFactory.create()


@pytest.fixture
def shop() -> Location:
    return LocationFactory.create()


def change(tea: ProductVariant, shop: Location, **how: Any) -> Adjustment:
    return Adjustment(tea.pk, shop.pk, MovementReason.COUNTED, **how)


def ledger() -> list[int]:
    return list(StockMovement.objects.order_by("id").values_list("delta", flat=True))


def test_adds_and_takes_by_delta(tea: ProductVariant, shop: Location) -> None:
    services.adjust(rows=[change(tea, shop, delta=5)], actor=None)

    items = services.adjust(rows=[change(tea, shop, delta=-2)], actor=None)

    assert [item.on_hand for item in items] == [3]
    assert StockItem.objects.get().on_hand == 3
    assert ledger() == [5, -2]


def test_sets_to_what_was_counted(tea: ProductVariant, shop: Location) -> None:
    stock(tea, 5, shop)

    services.adjust(rows=[change(tea, shop, set_to=3)], actor=None)

    assert StockItem.objects.get().on_hand == 3
    assert ledger() == [5, -2]


def test_writes_reason_note_and_actor_into_the_ledger(tea: ProductVariant, shop: Location) -> None:
    staff = UserFactory.create()
    row = Adjustment(tea.pk, shop.pk, MovementReason.RECEIVED, delta=5, note="Invoice 17")

    services.adjust(rows=[row], actor=staff)

    entry = StockMovement.objects.get()
    assert (entry.reason, entry.note, entry.actor) == ("received", "Invoice 17", staff)


def test_rows_apply_one_after_another(tea: ProductVariant, shop: Location) -> None:
    rows = [change(tea, shop, delta=5), change(tea, shop, set_to=2), change(tea, shop, delta=1)]

    services.adjust(rows=rows, actor=None)

    assert StockItem.objects.get().on_hand == 3
    assert ledger() == [5, -3, 1]


def test_what_changes_nothing_is_no_entry(tea: ProductVariant, shop: Location) -> None:
    services.adjust(rows=[change(tea, shop, set_to=0)], actor=None)

    assert StockItem.objects.get().on_hand == 0
    assert ledger() == []


def test_leaves_what_is_promised(tea: ProductVariant, shop: Location) -> None:
    stock(tea, 5, shop)
    promise((tea, 3))

    with pytest.raises(InsufficientStock) as refusal:
        services.adjust(rows=[change(tea, shop, set_to=2)], actor=None)

    assert refusal.value.members["available"] == 2
    assert StockItem.objects.get().on_hand == 5
    assert ledger() == [5]


def test_applies_all_rows_or_none(tea: ProductVariant, shop: Location) -> None:
    rows = [change(tea, shop, delta=5), change(tea, shop, delta=-6)]

    with pytest.raises(InsufficientStock):
        services.adjust(rows=rows, actor=None)

    assert not StockItem.objects.exists()


def test_refuses_an_unknown_variant(shop: Location) -> None:
    with pytest.raises(UnknownStock):
        services.adjust(
            rows=[Adjustment(new_id(), shop.pk, MovementReason.COUNTED, delta=1)], actor=None
        )


def test_refuses_more_than_can_be_counted(tea: ProductVariant, shop: Location) -> None:
    rows = [change(tea, shop, set_to=MOST_UNITS), change(tea, shop, delta=1)]

    with pytest.raises(TooManyUnits):
        services.adjust(rows=rows, actor=None)


def test_running_in_and_out_of_stock_shows_at_once(tea: ProductVariant, shop: Location) -> None:
    shown = []
    for units in (5, 0, 2):
        services.adjust(rows=[change(tea, shop, set_to=units)], actor=None)
        tea.refresh_from_db()
        shown.append((tea.in_stock, tea.stock_quantity))

    assert shown == [(True, 5), (False, 0), (True, 2)]


def test_costs_the_same_for_one_row_and_for_thirty(shop: Location) -> None:
    costs = []
    for count in (1, 30):
        rows = [change(VariantFactory.create(), shop, delta=5) for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            services.adjust(rows=rows, actor=None)
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_the_ledger_cannot_be_rewritten(tea: ProductVariant) -> None:
    stock(tea, 5)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        StockMovement.objects.update(delta=9)

    assert ledger() == [5]


def test_the_ledger_forgets_nothing(tea: ProductVariant) -> None:
    stock(tea, 5)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        StockMovement.objects.all().delete()

    assert ledger() == [5]
