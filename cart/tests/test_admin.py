"""Carts in the backoffice."""

import pytest
from django.test import Client

from accounts.tests.factories import StaffFactory, UserFactory
from cart.tests.factories import cart_of, fill_cart, fill_guest_cart, sellable

pytestmark = pytest.mark.django_db

LIST = "/admin/cart/cart/"


@pytest.fixture
def clerk() -> Client:
    client = Client()
    client.force_login(StaffFactory.create(role="Support"), "accounts.backends.RoleBackend")
    return client


def test_shows_whose_carts_hold_what(clerk: Client) -> None:
    customer, tea = UserFactory.create(), sellable()
    cart = cart_of(fill_cart(customer, (tea, 2)))
    fill_guest_cart((sellable(), 1))

    listed = clerk.get(LIST).content.decode()
    found = clerk.get(LIST, {"q": tea.sku}).content.decode()

    assert customer.email in listed
    assert "a guest" in listed
    assert "a guest" not in found
    assert tea.sku in clerk.get(f"{LIST}{cart.pk}/change/").content.decode()


def test_nobody_changes_a_cart_by_hand(clerk: Client) -> None:
    cart = cart_of(fill_cart(UserFactory.create(), (sellable(), 2)))

    assert clerk.get(f"{LIST}add/").status_code == 403
    assert clerk.post(f"{LIST}{cart.pk}/change/", {}).status_code == 403
