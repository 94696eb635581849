"""Signing in joins the guest's cart with the customer's."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from cart import selectors
from cart.selectors import Owner
from cart.tests.factories import fill_cart, fill_guest_cart, sellable

pytestmark = pytest.mark.django_db


def sign_in(api: APIClient, customer: User, token: str) -> Any:
    body = {"email": customer.email, "password": PASSWORD}
    return api.post("/api/v1/auth/login/", body, headers={"X-Cart-Token": token})


def test_joins_what_was_gathered_as_a_guest(api: APIClient) -> None:
    customer, tea, pen = UserFactory.create(), sellable(), sellable()
    fill_cart(customer, (tea, 1))
    token = fill_guest_cart((tea, 2), (pen, 1)).token

    answer = sign_in(api, customer, token)

    assert answer.status_code == 200
    merged = selectors.priced_cart_of(owner=Owner(customer))
    assert [(line.variant, line.quantity) for line in merged.basket.lines] == [(tea, 3), (pen, 1)]
    assert selectors.open_cart_of(owner=Owner(token=token)) is None


def test_an_unknown_token_does_not_keep_anyone_out(api: APIClient) -> None:
    assert sign_in(api, UserFactory.create(), "not-ours").status_code == 200


def test_a_refused_sign_in_joins_nothing(api: APIClient) -> None:
    customer, token = UserFactory.create(), fill_guest_cart((sellable(), 1)).token
    customer.set_password("something-else-entirely")
    customer.save(update_fields=["password"])

    assert sign_in(api, customer, token).status_code == 401
    assert selectors.open_cart_of(owner=Owner(token=token)) is not None
