"""Orders for what is not there yet."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from cart.tests.factories import fill_cart, sellable
from catalog.models import ProductVariant
from core.audit import identities
from inventory import services as inventory_services
from inventory.models import BackorderRule
from inventory.services import NotReserved
from inventory.tests.factories import stock
from orders import services
from orders.models import OrderStatus
from orders.services import EditOrder
from orders.tests.factories import pay, place, ship

pytestmark = pytest.mark.django_db


@pytest.fixture
def tea() -> ProductVariant:
    """Two units are there, and three more may be sold."""
    variant = sellable(stocked=2)
    inventory_services.allow_backorders(variant_id=variant.pk, maximum=3)
    return variant


@pytest.fixture
def customer() -> User:
    found: User = UserFactory.create()
    return found


def awaited() -> int:
    return BackorderRule.objects.get().awaited


def discrepancies() -> list[object]:
    checks = [identity.check for identity in identities() if identity.app != "payments"]
    return [found for check in checks for found in check()]


def test_a_cart_holds_what_may_be_sold(customer: User, tea: ProductVariant) -> None:
    assert fill_cart(customer, (tea, 5)).basket.lines[0].available == 5


def test_a_quote_tells_what_may_be_sold(tea: ProductVariant) -> None:
    items = [{"variant": str(tea.pk), "quantity": 1}]

    quote = APIClient().post("/api/v1/cart/quote/", {"items": items}).json()

    assert quote["items"][0]["available"] == 5


def test_is_sent_once_it_has_come_in(customer: User, tea: ProductVariant) -> None:
    order = place(customer, [(tea, 4)])
    pay(order)
    assert awaited() == 2
    with pytest.raises(NotReserved):
        ship(order)

    stock(tea, 2)
    ship(order)

    order.refresh_from_db()
    assert (order.status, awaited()) == (OrderStatus.SHIPPED, 0)
    assert discrepancies() == []


def test_what_is_there_is_sent_first(customer: User, tea: ProductVariant) -> None:
    order = place(customer, [(tea, 4)])
    pay(order)

    ship(order, units={order.loaded_lines[0].pk: 2})

    assert discrepancies() == []


def test_nobody_waits_for_an_order_that_was_not_paid(customer: User, tea: ProductVariant) -> None:
    order = place(customer, [(tea, 4)])
    assert discrepancies() == []

    services.cancel_unpaid_order(order_id=order.pk, now=timezone.now() + timedelta(days=1))

    assert awaited() == 0
    assert discrepancies() == []


def test_an_edit_waits_for_more_or_less(customer: User, tea: ProductVariant) -> None:
    order = place(customer, [(tea, 1)])
    for quantity, waits in ((5, 3), (3, 1), (2, 0)):
        services.edit_order(
            command=EditOrder(order_id=order.pk, quantities={tea.pk: quantity}, by=customer)
        )
        assert awaited() == waits

    assert discrepancies() == []
