"""What becomes of an order: paid, shipped, delivered, cancelled, refunded."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from cart.tests.factories import sellable
from catalog.models import ProductVariant
from core.models import DomainEvent
from inventory import selectors as inventory_selectors
from inventory.models import StockItem, StockMovement
from orders import selectors, services, transitions
from orders.models import Order, OrderEvent, OrderStatus, Shipment
from orders.services import InvalidTransition, MoreThanLeft, UnknownLine
from orders.statuses import fulfillment_status
from orders.tests.factories import pay, place, ship
from orders.transitions import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> User:
    return UserFactory.create()


@pytest.fixture
def tea() -> ProductVariant:
    return sellable()


@pytest.fixture
def order(customer: User, tea: ProductVariant) -> Order:
    return place(customer, [(tea, 4)])


def names() -> list[str]:
    return list(DomainEvent.objects.order_by("id").values_list("name", flat=True))


def stock_of(variant: ProductVariant) -> tuple[int, int]:
    item = StockItem.objects.get(variant=variant)
    return item.on_hand, item.reserved


def test_paying_is_noted_once(order: Order) -> None:
    at = timezone.now()
    services.mark_paid(order_id=order.pk, at=at)
    services.mark_paid(order_id=order.pk, at=timezone.now())

    order.refresh_from_db()
    assert (order.status, order.paid_at, order.payment_due_at) == (OrderStatus.PAID, at, None)
    assert names().count("order.paid") == 1


def test_a_cancelled_order_is_not_paid(order: Order) -> None:
    services.cancel_order(order_id=order.pk, by=None)

    with pytest.raises(InvalidTransition):
        pay(order)

    assert "order.paid" not in names()


def test_cancelling_gives_the_stock_back(order: Order, customer: User, tea: ProductVariant) -> None:
    services.cancel_order(order_id=order.pk, by=customer, note="Too late.")

    order.refresh_from_db()
    assert (order.status, order.cancelled_at is not None) == (OrderStatus.CANCELLED, True)
    assert stock_of(tea) == (10, 0)
    event = OrderEvent.objects.latest("id")
    assert (event.from_status, event.to_status, event.by, event.note) == (
        "pending",
        "cancelled",
        customer,
        "Too late.",
    )
    assert names()[-1] == "order.cancelled"


def test_cancelling_twice_is_refused(order: Order) -> None:
    services.cancel_order(order_id=order.pk, by=None)

    with pytest.raises(InvalidTransition):
        services.cancel_order(order_id=order.pk, by=None)

    assert names().count("order.cancelled") == 1


def test_shipping_takes_the_goods_from_the_stock(order: Order, tea: ProductVariant) -> None:
    ship(pay(order))

    order.refresh_from_db()
    assert order.status == OrderStatus.SHIPPED
    assert stock_of(tea) == (6, 0)
    assert StockMovement.objects.latest("id").delta == -4
    assert "order.shipped" in names()


def test_an_unpaid_order_is_not_shipped(order: Order, tea: ProductVariant) -> None:
    with pytest.raises(InvalidTransition):
        ship(order)

    assert (stock_of(tea), Shipment.objects.count()) == ((10, 4), 0)


def test_an_order_may_travel_in_several_parcels(order: Order, tea: ProductVariant) -> None:
    line = order.loaded_lines[0]
    ship(pay(order), units={line.pk: 1})

    order.refresh_from_db()
    assert (order.status, stock_of(tea)) == (OrderStatus.PAID, (9, 3))
    ship(order)
    order.refresh_from_db()
    assert (order.status, stock_of(tea)) == (OrderStatus.SHIPPED, (6, 0))
    assert names().count("order.shipped") == 2


def test_fulfilment_follows_from_the_parcels(order: Order) -> None:
    line = order.loaded_lines[0]
    seen = [fulfillment_status(selectors.order_page(order.pk))]
    ship(pay(order), units={line.pk: 1})
    seen.append(fulfillment_status(selectors.order_page(order.pk)))
    ship(order)
    seen.append(fulfillment_status(selectors.order_page(order.pk)))
    services.deliver_order(order_id=order.pk, by=None)
    seen.append(fulfillment_status(selectors.order_page(order.pk)))

    assert seen == ["unfulfilled", "partially_shipped", "shipped", "delivered"]


def test_a_parcel_holds_no_more_than_was_bought(order: Order, tea: ProductVariant) -> None:
    line = order.loaded_lines[0]
    pay(order)

    with pytest.raises(MoreThanLeft):
        ship(order, units={line.pk: 5})
    with pytest.raises(UnknownLine):
        ship(order, units={order.pk: 1})

    assert (stock_of(tea), Shipment.objects.count()) == ((10, 4), 0)


def test_what_has_partly_left_is_not_cancelled(order: Order, tea: ProductVariant) -> None:
    ship(pay(order), units={order.loaded_lines[0].pk: 1})

    with pytest.raises(InvalidTransition, match="shipped"):
        services.cancel_order(order_id=order.pk, by=None)

    assert stock_of(tea) == (9, 3)


def test_digital_lines_need_no_parcel(customer: User, tea: ProductVariant) -> None:
    ebook = sellable(stocked=0, variant__is_digital=True)
    order = place(customer, [(tea, 1), (ebook, 1)])

    ship(pay(order))

    order.refresh_from_db()
    assert order.status == OrderStatus.SHIPPED
    assert [line.order_line.variant for line in Shipment.objects.get().lines.all()] == [tea]


def test_an_order_of_digital_goods_alone_is_shipped_as_it_is(customer: User) -> None:
    order = place(customer, [(sellable(stocked=0, variant__is_digital=True), 1)])

    ship(pay(order))

    order.refresh_from_db()
    assert order.status == OrderStatus.SHIPPED


def test_delivery_is_noted_on_every_parcel(order: Order) -> None:
    ship(pay(order))

    services.deliver_order(order_id=order.pk, by=None)

    order.refresh_from_db()
    assert order.status == OrderStatus.DELIVERED
    assert Shipment.objects.get().delivered_at is not None
    assert names()[-1] == "order.delivered"


def test_refunding_frees_what_is_still_reserved(order: Order, tea: ProductVariant) -> None:
    services.mark_refunded(order_id=pay(order).pk, note="All of it.")

    order.refresh_from_db()
    assert (order.status, stock_of(tea)) == (OrderStatus.REFUNDED, (10, 0))


def test_a_cancelled_order_stays_cancelled_when_its_money_goes_back(order: Order) -> None:
    pay(order)
    services.cancel_order(order_id=order.pk, by=None)

    services.mark_refunded(order_id=order.pk)

    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED


@pytest.mark.parametrize(
    ("status", "targets"),
    [
        (OrderStatus.PENDING, ["cancelled"]),
        (OrderStatus.PAID, ["shipped", "cancelled"]),
        (OrderStatus.SHIPPED, ["delivered"]),
        (OrderStatus.DELIVERED, []),
        (OrderStatus.CANCELLED, []),
        (OrderStatus.REFUNDED, []),
    ],
)
def test_staff_are_told_what_may_follow(order: Order, status: Any, targets: list[str]) -> None:
    order.status = status

    assert transitions.allowed_targets(order, Actor.STAFF) == targets


def test_anything_else_is_refused(order: Order) -> None:
    known = {(transition.source, transition.target) for transition in transitions.TRANSITIONS}

    for source, target in itertools.product(OrderStatus, OrderStatus):
        order.status = source
        if (source, target) not in known:
            for actor in Actor:
                with pytest.raises(InvalidTransition):
                    transitions.check(order, target, actor)


def test_only_money_makes_an_order_paid(order: Order) -> None:
    with pytest.raises(InvalidTransition):
        services.set_status(order_id=order.pk, target=OrderStatus.PAID, by=None)


def test_stating_a_status_does_its_work(order: Order, tea: ProductVariant) -> None:
    pay(order)

    services.set_status(order_id=order.pk, target=OrderStatus.SHIPPED, by=None)
    assert stock_of(tea) == (6, 0)
    services.set_status(order_id=order.pk, target=OrderStatus.DELIVERED, by=None)

    chain = OrderEvent.objects.order_by("id").values_list("to_status", flat=True)
    assert list(chain) == ["pending", "paid", "shipped", "delivered"]


def test_available_stays_the_same_when_goods_leave(order: Order, tea: ProductVariant) -> None:
    before = inventory_selectors.available([tea.pk])

    ship(pay(order))

    assert inventory_selectors.available([tea.pk]) == before


def test_a_line_is_named_once_in_a_parcel(order: Order, api_for: Any) -> None:
    item = {"item": str(order.loaded_lines[0].pk), "quantity": 1}
    staff = api_for(StaffFactory.create(role="Order manager"))
    pay(order)

    twice = staff.post(f"/api/v1/orders/{order.pk}/ship/", {"items": [item, item]})
    once = staff.post(f"/api/v1/orders/{order.pk}/ship/", {"items": [item]})

    assert (twice.status_code, once.status_code) == (400, 200)
    assert once.json()["shipments"][0]["items"] == [item]
    assert (once.json()["status"], once.json()["fulfillment_status"]) == (
        "paid",
        "partially_shipped",
    )
