"""Taking a promise back, and keeping it."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory
from catalog.models import ProductVariant
from catalog.tests.factories import VariantFactory
from core.models import new_id
from inventory import selectors, services
from inventory.models import MovementReason, Reservation, StockItem, StockMovement
from inventory.services import Demand, InsufficientStock, NotReserved
from inventory.tests.factories import LocationFactory, promise, stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def tea() -> ProductVariant:
    return VariantFactory.create()


def line_of(order_id: UUID) -> UUID:
    return Reservation.objects.filter(order_id=order_id)[0].line_id


def ship(order_id: UUID, quantity: int) -> None:
    services.fulfil(
        order_id=order_id,
        quantities={line_of(order_id): quantity},
        reason=MovementReason.SHIPPED,
        actor=None,
    )


def test_release_gives_back_what_was_promised(tea: ProductVariant) -> None:
    stock(tea, 5)
    order_id = promise((tea, 3))

    services.release(order_id=order_id)

    assert selectors.available([tea.pk]) == {tea.pk: 5}
    assert Reservation.objects.get().released == 3


def test_release_does_nothing_the_second_time(tea: ProductVariant) -> None:
    item = stock(tea, 5)
    order_id = promise((tea, 3))
    promise((tea, 1))

    services.release(order_id=order_id)
    services.release(order_id=order_id)

    item.refresh_from_db()
    assert item.reserved == 1


def test_release_puts_the_product_back_on_the_shelf(tea: ProductVariant) -> None:
    stock(tea, 1)
    order_id = promise((tea, 1))

    services.release(order_id=order_id)

    tea.refresh_from_db()
    assert (tea.in_stock, tea.stock_quantity) == (True, 1)


def test_release_keeps_what_has_left(tea: ProductVariant) -> None:
    item = stock(tea, 5)
    order_id = promise((tea, 3))
    ship(order_id, 2)

    services.release(order_id=order_id)

    item.refresh_from_db()
    kept = Reservation.objects.get()
    assert (item.on_hand, item.reserved) == (3, 0)
    assert (kept.fulfilled, kept.released) == (2, 1)


def test_fulfil_lets_the_units_leave_and_says_why(tea: ProductVariant) -> None:
    item, staff = stock(tea, 5), UserFactory.create()
    order_id = promise((tea, 3))

    services.fulfil(
        order_id=order_id,
        quantities={line_of(order_id): 3},
        reason=MovementReason.SHIPPED,
        actor=staff,
    )

    item.refresh_from_db()
    movement = StockMovement.objects.get(delta__lt=0)
    assert (item.on_hand, item.reserved) == (2, 0)
    assert (movement.delta, movement.reason, movement.actor) == (-3, "shipped", staff)
    assert (movement.reference, movement.id.version) == (str(order_id), 7)


def test_fulfil_takes_a_split_line_from_its_locations_in_turn(tea: ProductVariant) -> None:
    near = stock(tea, 2, LocationFactory.create(priority=1))
    far = stock(tea, 3, LocationFactory.create(priority=2))
    order_id = promise((tea, 5))

    ship(order_id, 4)
    left = sorted(StockItem.objects.values_list("on_hand", "reserved"))
    ship(order_id, 1)

    assert left in ([(0, 0), (1, 1)], [(0, 0), (1, 1)])
    near.refresh_from_db()
    far.refresh_from_db()
    assert (near.on_hand, near.reserved, far.on_hand, far.reserved) == (0, 0, 0, 0)


def test_fulfil_refuses_more_than_is_reserved(tea: ProductVariant) -> None:
    item = stock(tea, 5)
    order_id = promise((tea, 3))

    with pytest.raises(NotReserved):
        ship(order_id, 4)

    item.refresh_from_db()
    assert (item.on_hand, item.reserved) == (5, 3)
    assert StockMovement.objects.count() == 1


def test_fulfil_refuses_what_was_released(tea: ProductVariant) -> None:
    stock(tea, 5)
    order_id = promise((tea, 3))
    services.release(order_id=order_id)

    with pytest.raises(NotReserved):
        ship(order_id, 1)


def test_fulfil_passes_over_lines_that_need_no_stock() -> None:
    services.fulfil(
        order_id=new_id(), quantities={new_id(): 1}, reason=MovementReason.SHIPPED, actor=None
    )

    assert not StockMovement.objects.exists()


def test_fulfil_takes_nothing_of_another_order(tea: ProductVariant) -> None:
    item = stock(tea, 5)
    line_id = new_id()
    services.reserve(order_id=new_id(), demands=[Demand(line_id, tea.pk, 2)])

    services.fulfil(
        order_id=new_id(), quantities={line_id: 2}, reason=MovementReason.SHIPPED, actor=None
    )

    item.refresh_from_db()
    assert (item.on_hand, item.reserved) == (5, 2)


def test_a_sale_made_elsewhere_takes_stock_at_once(tea: ProductVariant) -> None:
    item = stock(tea, 5)

    sale_id = services.sell(variant=tea, quantity=2, actor=None)

    item.refresh_from_db()
    movement = StockMovement.objects.get(reason=MovementReason.SOLD)
    assert (item.on_hand, item.reserved) == (3, 0)
    assert (movement.delta, movement.reference) == (-2, str(sale_id))


def test_a_sale_made_elsewhere_leaves_promised_units_alone(tea: ProductVariant) -> None:
    stock(tea, 5)
    promise((tea, 4))

    with pytest.raises(InsufficientStock, match="Only 1 available"):
        services.sell(variant=tea, quantity=2, actor=None)


def test_a_digital_sale_needs_no_stock() -> None:
    services.sell(variant=VariantFactory.create(is_digital=True), quantity=9, actor=None)

    assert not StockMovement.objects.exists()


@pytest.mark.parametrize("use_case", ["release", "fulfil"])
def test_locks_stock_in_key_order_before_reservations(tea: ProductVariant, use_case: str) -> None:
    stock(tea, 5)
    order_id = promise((tea, 3))

    with CaptureQueriesContext(connection) as queries:
        if use_case == "release":
            services.release(order_id=order_id)
        else:
            ship(order_id, 1)

    statements = [query["sql"] for query in queries if "inventory_" in query["sql"]]
    locks = [number for number, sql in enumerate(statements) if " FOR " in sql]
    items, reservations = (statements[number] for number in locks)
    assert 'ORDER BY "inventory_stockitem"."id" ASC FOR NO KEY UPDATE' in items
    assert 'ORDER BY "inventory_reservation"."id" ASC FOR UPDATE' in reservations
    assert not [sql for sql in statements[: locks[-1]] if not sql.startswith("SELECT")]
