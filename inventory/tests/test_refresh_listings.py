"""The stock figures of lists follow within seconds."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.tests.factories import VariantFactory
from inventory import services, tasks
from inventory.models import StockItem
from inventory.services import listings
from inventory.tests.factories import LocationFactory, promise, stock
from inventory.tests.racing import race

pytestmark = pytest.mark.django_db


def test_the_figures_of_variant_and_product_follow() -> None:
    tea = VariantFactory.create()
    stock(tea, 5)
    promise((tea, 2))

    services.refresh_listings()

    tea.refresh_from_db()
    tea.product.refresh_from_db()
    assert (tea.stock_quantity, tea.product.stock_quantity) == (3, 3)


def test_what_is_listed_is_not_touched_again() -> None:
    stock(VariantFactory.create(), 5)

    first, second = services.refresh_listings(), services.refresh_listings()

    assert (first, second) == (1, 0)


def test_the_figure_is_of_all_locations() -> None:
    tea = VariantFactory.create()
    stock(tea, 5, LocationFactory.create())
    stock(tea, 2, LocationFactory.create())
    promise((tea, 1))

    services.refresh_listings()

    tea.refresh_from_db()
    assert tea.stock_quantity == 6


def test_costs_the_same_for_one_item_and_for_thirty() -> None:
    costs = []
    for count in (1, 30):
        for _ in range(count):
            stock(VariantFactory.create(), 5)
        with CaptureQueriesContext(connection) as queries:
            services.refresh_listings()
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_walks_all_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "BATCH", 2)
    for _ in range(5):
        stock(VariantFactory.create(), 5)

    assert services.refresh_listings() == 5
    assert not StockItem.objects.filter(is_listed=False).exists()


def test_runs_every_two_seconds_without_piling_up() -> None:
    periodic = tasks.refresh_listings.blueprint.periodic_registry.periodic_tasks
    crons = {task.task.name: task.cron for task in periodic.values()}

    assert crons["inventory.tasks.refresh_listings"] == "* * * * * */2"
    assert tasks.refresh_listings.queueing_lock == "refresh_listings"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_change_while_the_figure_is_copied_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    tea = VariantFactory.create()
    stock(tea, 5)
    refresh = listings.refresh_stock_figures

    def refresh_and_sell(*, variant_ids: set[UUID]) -> None:
        refresh(variant_ids=variant_ids)
        promise((tea, 1))

    with monkeypatch.context() as patched:
        patched.setattr(listings, "refresh_stock_figures", refresh_and_sell)
        services.refresh_listings()
    services.refresh_listings()

    tea.refresh_from_db()
    assert tea.stock_quantity == 4


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_item_that_is_being_sold_is_neither_waited_for_nor_forgotten() -> None:
    tea = VariantFactory.create()
    item = stock(tea, 5)

    with transaction.atomic():
        promise((tea, 1))
        done = race([services.refresh_listings])

    item.refresh_from_db()
    assert (done, item.is_listed) == ([1], False)
