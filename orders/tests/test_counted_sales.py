"""Paid orders are counted in the catalog: what sells, and what sells together."""

import pytest
from django.core.management import call_command

from accounts.tests.factories import UserFactory
from cart.tests.factories import sellable
from catalog.models import Product, ProductAffinity
from catalog.services import note_sales
from catalog.tests.factories import ProductFactory
from core.audit import identities
from core.events import deliver
from core.models import DomainEvent
from orders.models import Order
from orders.tests.factories import pay, place

pytestmark = pytest.mark.django_db


def counted() -> tuple[list[int], list[int]]:
    units = Product.objects.order_by("pk").values_list("units_sold", flat=True)
    pairs = ProductAffinity.objects.order_by("product_id", "other_id")
    return list(units), list(pairs.values_list("orders", flat=True))


def deliver_paid(order: Order) -> None:
    event = DomainEvent.objects.get(name="order.paid", payload__order_id=str(order.pk))
    deliver(event_id=event.pk, handler="orders.tasks.count_sale")


def test_once_however_often_the_event_comes_and_only_when_paid() -> None:
    goods = [sellable(stocked=10) for _ in range(2)]
    order = place(UserFactory.create(), [(goods[0], 2), (goods[1], 1)])
    place(UserFactory.create(), [(goods[0], 1)])
    assert counted() == ([0, 0], [])

    pay(order)
    for _ in range(2):
        deliver_paid(order)

    assert counted() == ([2, 1], [1, 1])


def test_the_same_when_they_are_counted_anew() -> None:
    goods = [sellable(stocked=10) for _ in range(3)]
    for items in ([(goods[0], 2), (goods[1], 1)], [(goods[0], 1), (goods[1], 1), (goods[2], 4)]):
        deliver_paid(pay(place(UserFactory.create(), items)))
    place(UserFactory.create(), [(goods[2], 1)])
    before = counted()
    Product.objects.update(units_sold=7)
    ProductAffinity.objects.update(orders=9)

    call_command("recount_sales", verbosity=0)

    assert counted() == before == ([3, 2, 4], [2, 1, 2, 1, 1, 1])


def test_forgets_what_no_order_sold_when_it_is_counted_anew() -> None:
    note_sales(sales=[{product.pk: 1 for product in ProductFactory.create_batch(2)}])

    call_command("recount_sales", verbosity=0)

    assert not ProductAffinity.objects.exists()
    assert set(Product.objects.values_list("units_sold", flat=True)) == {0}


def wrong_figures() -> list[tuple[str, str, str]]:
    check = next(
        identity.check for identity in identities() if "sold the units" in identity.statement
    )
    return [(found.subject, found.expected, found.found) for found in check()]


def test_the_audit_finds_a_wrong_figure_and_waits_for_the_job() -> None:
    goods = [sellable(stocked=10) for _ in range(2)]
    order = pay(place(UserFactory.create(), [(goods[0], 2)]))
    assert wrong_figures() == []

    deliver_paid(order)
    assert wrong_figures() == []

    Product.objects.filter(pk=goods[1].product_id).update(units_sold=5)
    assert wrong_figures() == [(goods[1].product.slug, "0", "5")]
