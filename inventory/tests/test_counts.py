"""Stock-taking: what was counted, and what came and went meanwhile."""

from __future__ import annotations

from functools import partial

import pytest

from catalog.models import ProductVariant
from catalog.tests.factories import VariantFactory
from core.audit import identities
from core.errors import NotFound
from core.models import new_id
from inventory import services
from inventory.models import (
    CountLine,
    Location,
    MovementReason,
    StockCount,
    StockItem,
    StockMovement,
)
from inventory.services import CountFinished, InsufficientStock
from inventory.tests.factories import LocationFactory, promise, stock
from inventory.tests.racing import race

pytestmark = pytest.mark.django_db


@pytest.fixture
def warehouse() -> Location:
    return LocationFactory.create()


@pytest.fixture
def tea(warehouse: Location) -> ProductVariant:
    """Ten units in the warehouse, of which three are promised."""
    variant: ProductVariant = VariantFactory.create()
    stock(variant, 10, warehouse)
    promise((variant, 3))
    return variant


@pytest.fixture
def count(warehouse: Location) -> StockCount:
    return services.start_count(location_id=warehouse.pk, actor=None)


def on_hand(variant: ProductVariant) -> int:
    return StockItem.objects.get(variant=variant).on_hand


def confirm(count: StockCount) -> StockCount:
    return services.confirm_count(count_id=count.pk, actor=None)


def test_stock_follows_what_was_counted(count: StockCount, tea: ProductVariant) -> None:
    pen = VariantFactory.create()
    services.record_count(count_id=count.pk, units={tea.pk: 8, pen.pk: 2})
    assert (on_hand(tea), CountLine.objects.get(variant=tea).difference) == (10, -2)

    confirm(count)

    assert (on_hand(tea), on_hand(pen)) == (8, 2)
    ledger = StockMovement.objects.filter(reference=str(count.pk))
    assert set(ledger.values_list("delta", "reason")) == {(-2, "counted"), (2, "counted")}


def test_what_came_and_went_since_the_counting_stays(
    count: StockCount, tea: ProductVariant
) -> None:
    services.record_count(count_id=count.pk, units={tea.pk: 9})
    stock(tea, 5)
    services.sell(variant=tea, quantity=4, actor=None)

    confirm(count)

    assert on_hand(tea) == 10 - 1 + 5 - 4


def test_counting_again_counts_anew(count: StockCount, tea: ProductVariant) -> None:
    services.record_count(count_id=count.pk, units={tea.pk: 9})
    stock(tea, 5)
    services.record_count(count_id=count.pk, units={tea.pk: 15})

    confirm(count)

    assert on_hand(tea) == 15
    assert not StockMovement.objects.filter(reason=MovementReason.COUNTED).exists()


def test_a_discarded_count_changes_nothing(count: StockCount, tea: ProductVariant) -> None:
    services.record_count(count_id=count.pk, units={tea.pk: 1})

    services.discard_count(count_id=count.pk)

    assert on_hand(tea) == 10


def test_a_finished_count_stays(count: StockCount, tea: ProductVariant) -> None:
    confirm(count)

    for step in (
        partial(confirm, count),
        partial(services.discard_count, count_id=count.pk),
        partial(services.record_count, count_id=count.pk, units={tea.pk: 1}),
    ):
        with pytest.raises(CountFinished):
            step()


def test_fewer_than_are_promised_is_refused(count: StockCount, tea: ProductVariant) -> None:
    services.record_count(count_id=count.pk, units={tea.pk: 2})

    with pytest.raises(InsufficientStock):
        confirm(count)

    count.refresh_from_db()
    assert (on_hand(tea), count.status) == (10, "open")


def test_an_unknown_count_is_not_found() -> None:
    with pytest.raises(NotFound):
        services.discard_count(count_id=new_id())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_confirmed_twice_while_goods_are_sold_changes_stock_once(
    count: StockCount, tea: ProductVariant
) -> None:
    services.record_count(count_id=count.pk, units={tea.pk: 9})
    selling = partial(services.sell, variant=tea, quantity=1, actor=None)

    answers = race([partial(confirm, count), selling] * 5)

    assert sum(isinstance(answer, CountFinished) for answer in answers) == 4
    assert on_hand(tea) == 10 - 1 - 5
    found = [list(identity.check()) for identity in identities() if identity.app == "inventory"]
    assert found == [[]] * len(found)
