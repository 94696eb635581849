"""What is put aside for later: from the cart, back into it, over sign-in and order."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from cart import services
from cart.models import MAXIMUM_QUANTITY, CartItem, SavedItem
from cart.privacy import export_cart, export_saved_items
from cart.selectors import Owner
from cart.tests.factories import cart_of, fill_cart, fill_guest_cart, sellable
from catalog.models import ProductVariant

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]
SAVED = "/api/v1/cart/saved/"


@pytest.fixture
def customer() -> User:
    return UserFactory.create()


@pytest.fixture
def tea() -> ProductVariant:
    return sellable(stocked=10)


def save(client: APIClient, customer: User, variant: ProductVariant) -> Any:
    item = CartItem.objects.get(cart__customer=customer, cart__status="open", variant=variant)
    return client.post(f"/api/v1/cart/items/{item.pk}/save/")


def saved(client: APIClient) -> list[dict[str, Any]]:
    return list(client.get(SAVED).json()["results"])


def test_an_item_leaves_the_cart_and_is_listed(
    api_for: ApiFor, customer: User, tea: ProductVariant
) -> None:
    fill_cart(customer, (tea, 3), (sellable(), 1))
    client = api_for(customer)

    answer = save(client, customer, tea)

    assert (answer.status_code, answer.json()["item_count"]) == (200, 1)
    (item,) = saved(client)
    assert (item["variant"]["id"], item["quantity"], item["available"]) == (str(tea.pk), 3, 10)
    assert (item["price_changed"], item["currency"]) == (False, "USD")


def test_it_comes_back_and_adds_up(api_for: ApiFor, customer: User, tea: ProductVariant) -> None:
    fill_cart(customer, (tea, 3))
    client = api_for(customer)
    save(client, customer, tea)
    fill_cart(customer, (tea, 2))

    answer = client.post(f"{SAVED}{saved(client)[0]['id']}/move/")

    assert (answer.status_code, answer.json()["item_count"]) == (200, 5)
    assert saved(client) == []


def test_saved_twice_adds_up_to_what_a_line_holds(customer: User, tea: ProductVariant) -> None:
    for units in (3, 4):
        line = fill_cart(customer, (tea, units)).basket.lines[0]
        services.save_for_later(owner=Owner(customer), item_id=line.id)
    assert SavedItem.objects.get().quantity == 7
    SavedItem.objects.update(quantity=MAXIMUM_QUANTITY)
    line = fill_cart(customer, (tea, 1)).basket.lines[0]

    services.save_for_later(owner=Owner(customer), item_id=line.id)

    assert SavedItem.objects.get().quantity == MAXIMUM_QUANTITY


def test_with_too_little_stock_it_stays_saved(
    api_for: ApiFor, customer: User, tea: ProductVariant
) -> None:
    fill_cart(customer, (tea, 3))
    client = api_for(customer)
    save(client, customer, tea)
    tea.stock_items.update(on_hand=2)

    answer = client.post(f"{SAVED}{saved(client)[0]['id']}/move/")

    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_stock")
    assert saved(client)[0]["available"] == 2
    assert not CartItem.objects.exists()


def test_what_is_no_longer_sold_is_shown_and_refused(
    api_for: ApiFor, customer: User, tea: ProductVariant
) -> None:
    fill_cart(customer, (tea, 1))
    client = api_for(customer)
    save(client, customer, tea)
    tea.price = Decimal("11.00")
    tea.save(update_fields=["price"])
    assert saved(client)[0]["price_changed"]
    tea.product.delete()

    (item,) = saved(client)
    answer = client.post(f"{SAVED}{item['id']}/move/")

    assert item["available"] == 0
    assert (answer.status_code, answer.json()["code"]) == (409, "not_for_sale")
    assert SavedItem.objects.count() == 1


def test_it_is_removed(api_for: ApiFor, customer: User, tea: ProductVariant) -> None:
    fill_cart(customer, (tea, 1))
    client = api_for(customer)
    save(client, customer, tea)
    path = f"{SAVED}{saved(client)[0]['id']}/"

    assert client.delete(path).status_code == 204
    assert client.delete(path).status_code == 404


def test_nobody_reaches_what_others_saved(
    api_for: ApiFor, api: APIClient, customer: User, tea: ProductVariant
) -> None:
    fill_cart(customer, (tea, 1))
    save(api_for(customer), customer, tea)
    path = f"{SAVED}{SavedItem.objects.get().pk}/"

    for client in (api, api_for(UserFactory.create())):
        assert client.get(SAVED).json()["results"] == []
        assert client.delete(path).status_code == 404
        assert client.post(f"{path}move/").status_code == 404
    assert SavedItem.objects.count() == 1


def test_a_guest_saves_by_the_token_and_takes_it_along_when_signing_in(
    api: APIClient, api_for: ApiFor, customer: User, tea: ProductVariant
) -> None:
    pen = sellable()
    mine = fill_cart(customer, (pen, 1)).basket.lines[0]
    services.save_for_later(owner=Owner(customer), item_id=mine.id)
    guests = fill_guest_cart((tea, 2), (pen, 5))
    headers = {"X-Cart-Token": guests.token}
    for line in guests.basket.lines:
        assert api.post(f"/api/v1/cart/items/{line.id}/save/", headers=headers).status_code == 200
    assert len(api.get(SAVED, headers=headers).json()["results"]) == 2

    services.merge_guest_cart(customer=customer, token=guests.token)

    kept = {item["variant"]["id"]: item["quantity"] for item in saved(api_for(customer))}
    assert kept == {str(tea.pk): 2, str(pen.pk): 1}
    assert api.get(SAVED, headers=headers).json()["results"] == []


def test_the_list_is_full_at_two_hundred(customer: User, tea: ProductVariant) -> None:
    line = fill_cart(customer, (tea, 1)).basket.lines[0]
    others = [sellable(stocked=0) for _ in range(200)]
    SavedItem.objects.bulk_create(
        SavedItem(customer=customer, variant=variant, quantity=1, unit_price_seen=1)
        for variant in others
    )

    with pytest.raises(services.SavedListFull):
        services.save_for_later(owner=Owner(customer), item_id=line.id)

    assert CartItem.objects.count() == 1


def test_the_list_costs_the_same_for_one_and_for_thirty(
    api_for: ApiFor, customer: User, tea: ProductVariant
) -> None:
    def put_aside(variant: ProductVariant) -> None:
        SavedItem.objects.create(
            customer=customer, variant=variant, quantity=1, unit_price_seen=variant.price
        )

    put_aside(tea)
    client = api_for(customer)
    with CaptureQueriesContext(connection) as one:
        client.get(SAVED)
    for _ in range(29):
        put_aside(sellable())

    with CaptureQueriesContext(connection) as thirty:
        client.get(SAVED)

    assert len(thirty) == len(one) <= 4


def test_who_leaves_leaves_nothing_behind(customer: User, tea: ProductVariant) -> None:
    cart = cart_of(fill_cart(customer, (tea, 1), (sellable(), 1)))
    services.save_for_later(
        owner=Owner(customer), item_id=CartItem.objects.filter(variant=tea).get().pk
    )

    services.anonymise_carts(user_id=customer.pk)

    assert not SavedItem.objects.exists()
    assert not CartItem.objects.filter(cart=cart.pk).exists()


def test_what_is_held_on_a_person_names_cart_and_list(customer: User, tea: ProductVariant) -> None:
    pen = sellable()
    fill_cart(customer, (tea, 1), (pen, 2))
    services.save_for_later(
        owner=Owner(customer), item_id=CartItem.objects.filter(variant=tea).get().pk
    )

    (in_cart,), (aside,) = export_cart(customer.pk), export_saved_items(customer.pk)

    assert (in_cart["sku"], in_cart["quantity"]) == (pen.sku, 2)
    assert (aside["sku"], aside["quantity"]) == (tea.sku, 1)
