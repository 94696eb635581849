"""One figure for the whole shop, as product pages and imports give it."""

from __future__ import annotations

import time
from uuid import UUID

import pytest
from django.db import connection

from catalog.models import Product, ProductVariant
from catalog.tests.factories import CategoryFactory, VariantFactory
from core.audit import discrepancies
from inventory import selectors, services
from inventory.models import Location, MovementReason, StockItem, StockMovement
from inventory.tests.factories import LocationFactory, promise, stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def tea() -> ProductVariant:
    return VariantFactory.create()


def set_quantity(tea: ProductVariant, quantity: int) -> int:
    services.set_quantity(variant_id=tea.pk, quantity=quantity, actor=None)
    return selectors.available([tea.pk])[tea.pk]


@pytest.mark.parametrize("quantity", [0, 3, 8])
def test_exactly_so_many_are_available_afterwards(tea: ProductVariant, quantity: int) -> None:
    stock(tea, 5)

    assert set_quantity(tea, quantity) == quantity


def test_a_new_shop_gets_its_first_location(tea: ProductVariant) -> None:
    assert set_quantity(tea, 4) == 4
    assert Location.objects.get().code == "main"


def test_what_is_promised_is_not_counted(tea: ProductVariant) -> None:
    item = stock(tea, 5)
    promise((tea, 3))

    assert set_quantity(tea, 4) == 4

    item.refresh_from_db()
    assert (item.on_hand, item.reserved) == (7, 3)


def test_the_default_location_takes_the_difference(tea: ProductVariant) -> None:
    main = stock(tea, 2, LocationFactory.create(priority=1))
    other = stock(tea, 5, LocationFactory.create(priority=2))

    assert set_quantity(tea, 9) == 9

    main.refresh_from_db()
    other.refresh_from_db()
    assert (main.on_hand, other.on_hand) == (4, 5)


def test_other_locations_give_where_the_default_has_too_little(tea: ProductVariant) -> None:
    main = stock(tea, 2, LocationFactory.create(priority=1))
    other = stock(tea, 5, LocationFactory.create(priority=2))

    assert set_quantity(tea, 1) == 1

    main.refresh_from_db()
    other.refresh_from_db()
    assert (main.on_hand, other.on_hand) == (0, 1)


def test_a_closed_location_does_not_count(tea: ProductVariant) -> None:
    LocationFactory.create()
    stock(tea, 5, LocationFactory.create(is_active=False))

    assert set_quantity(tea, 3) == 3


def test_counts_what_changed() -> None:
    tea, cup = VariantFactory.create(), VariantFactory.create()
    stock(tea, 5)

    changed = services.set_quantities(quantities={tea.pk: 5, cup.pk: 2}, actor=None)

    assert changed == 1
    assert StockMovement.objects.filter(reason=MovementReason.IMPORTED).count() == 1


def test_the_same_import_twice_moves_nothing() -> None:
    quantities = {VariantFactory.create().pk: 3 for _ in range(3)}
    services.set_quantities(quantities=quantities, actor=None)

    changed = services.set_quantities(quantities=quantities, actor=None)

    assert changed == 0
    assert StockMovement.objects.count() == 3


@pytest.mark.slow
def test_thousands_of_quantities_take_a_moment() -> None:
    quantities = dict.fromkeys(_variants(2_000), 7)

    started = time.perf_counter()
    changed = services.set_quantities(quantities=quantities, actor=None)
    seconds = time.perf_counter() - started

    assert changed == StockItem.objects.filter(on_hand=7).count() == 2_000
    assert not discrepancies("inventory")
    assert seconds < 5  # a third of a second on an idle machine


def _variants(count: int) -> list[UUID]:
    """Make variants in bulk, and tell the planner that there are more than a moment ago."""
    category = CategoryFactory.create()
    products = Product.objects.bulk_create(
        [Product(name=f"Book {n}", slug=f"book-{n}", category=category) for n in range(count)],
        batch_size=1000,
    )
    variants = ProductVariant.objects.bulk_create(
        [
            ProductVariant(product=product, sku=f"BOOK-{n}", price=1)
            for n, product in enumerate(products)
        ],
        batch_size=1000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE catalog_product, catalog_productvariant")
    return [variant.pk for variant in variants]
