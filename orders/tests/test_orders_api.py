"""orders/: placing over HTTP, and what an order shows."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import AddressFactory, UserFactory
from cart.models import Cart, CartStatus
from cart.tests.factories import fill_cart, fill_guest_cart, sellable
from catalog.models import ProductVariant
from inventory import selectors as inventory_selectors
from inventory.tests.factories import promise
from orders.models import Order
from orders.tests.factories import ADDRESS, place, shipping_method
from pricing.models import TaxRate
from shipping.models import ShippingMethod

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]


@pytest.fixture
def customer() -> User:
    return UserFactory.create()


@pytest.fixture
def mine(customer: User, api_for: ApiFor) -> APIClient:
    return api_for(customer)


@pytest.fixture
def tea() -> ProductVariant:
    return sellable(variant__price=Decimal("9.90"))


@pytest.fixture
def standard() -> ShippingMethod:
    return shipping_method()


def order(api: APIClient, standard: ShippingMethod, **more: Any) -> Any:
    headers = more.pop("headers", {})
    body = {"shipping_address": ADDRESS, "shipping_method": str(standard.pk), **more}
    return api.post("/api/v1/orders/", body, headers=headers)


def test_places_the_cart(
    mine: APIClient, customer: User, tea: ProductVariant, standard: ShippingMethod
) -> None:
    fill_cart(customer, (tea, 2))

    answer = order(mine, standard, customer_note="Ring twice.", expected_total="24.70")

    assert answer.status_code == 201
    body = answer.json()
    assert (body["status"], body["payment_status"], body["fulfillment_status"]) == (
        "pending",
        "unpaid",
        "unfulfilled",
    )
    assert (body["subtotal"], body["shipping_total"], body["total"]) == ("19.80", "4.90", "24.70")
    assert body["allowed_transitions"] == ["cancelled"]
    assert body["history"][0] | {"at": ""} == {
        "from": "",
        "to": "pending",
        "at": "",
        "by": "customer",
        "note": "",
    }
    assert mine.get("/api/v1/cart/").json()["items"] == []
    assert inventory_selectors.available([tea.pk])[tea.pk] == 8


def test_the_answer_is_what_a_later_look_shows(
    mine: APIClient, customer: User, tea: ProductVariant, standard: ShippingMethod
) -> None:
    fill_cart(customer, (tea, 2), (sellable(), 1))

    placed = order(mine, standard).json()

    assert mine.get(f"/api/v1/orders/{placed['id']}/").json() == placed
    assert mine.get(f"/api/v1/orders/{placed['number']}/").json() == placed


def test_taxes_the_order_where_it_goes(
    mine: APIClient, tea: ProductVariant, standard: ShippingMethod
) -> None:
    for tax_class, rate in (("standard", "0.19"), ("reduced", "0.07")):
        TaxRate.objects.create(country="DE", tax_class=tax_class, name="VAT", rate=Decimal(rate))
    book = sellable(variant__price=Decimal("10.00"), tax_class="reduced")
    items = [{"variant": str(variant.pk), "quantity": 1} for variant in (tea, book)]

    body = order(mine, standard, items=items).json()

    assert [line["tax_amount"] for line in body["items"]] == ["1.88", "0.70"]
    assert (body["tax_total"], body["total"]) == ("3.51", "28.31")


def test_takes_an_address_from_the_book(
    mine: APIClient, customer: User, tea: ProductVariant, standard: ShippingMethod
) -> None:
    address = AddressFactory.create(user=customer, full_name="Grace Hopper")
    fill_cart(customer, (tea, 1))

    body = order(mine, standard, shipping_address=str(address.pk)).json()

    assert body["shipping_address"]["full_name"] == "Grace Hopper"
    assert body["billing_address"] == body["shipping_address"]


def test_an_address_of_someone_else_is_unknown(
    mine: APIClient, customer: User, tea: ProductVariant, standard: ShippingMethod
) -> None:
    fill_cart(customer, (tea, 1))

    answer = order(mine, standard, shipping_address=str(AddressFactory.create().pk))

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_address")
    assert not Order.objects.exists()


def test_what_was_bought_stays_as_it_was(
    mine: APIClient, customer: User, tea: ProductVariant, standard: ShippingMethod
) -> None:
    fill_cart(customer, (tea, 1))
    before = order(mine, standard).json()
    ProductVariant.objects.filter(pk=tea.pk).update(price=99, sku="OTHER")
    tea.product.delete()

    after = mine.get(f"/api/v1/orders/{before['id']}/").json()

    assert after["items"] == before["items"]


def test_a_guest_orders_with_an_email_and_sees_it_by_the_token(
    api: APIClient, tea: ProductVariant, standard: ShippingMethod
) -> None:
    token = fill_guest_cart((tea, 1)).token
    headers = {"X-Cart-Token": token}

    answer = order(api, standard, email="Guest@Example.com", headers=headers)

    assert answer.status_code == 201
    assert (answer.json()["email"], answer["X-Cart-Token"]) == ("guest@example.com", token)
    path = f"/api/v1/orders/{answer.json()['id']}/"
    assert api.get(path, headers=headers).status_code == 200
    assert api.get(path, headers={"X-Cart-Token": "x"}).status_code == 404
    assert api.get(path).status_code == 401


def test_a_guest_may_order_items_without_a_cart(
    api: APIClient, tea: ProductVariant, standard: ShippingMethod
) -> None:
    items = [{"variant": str(tea.pk), "quantity": 1}]

    answer = order(api, standard, email="guest@example.com", items=items)

    token = answer["X-Cart-Token"]
    path = f"/api/v1/orders/{answer.json()['id']}/"
    assert api.get(path, headers={"X-Cart-Token": token}).status_code == 200
    assert not Cart.objects.exists()


def test_a_guests_next_cart_has_the_same_token(
    api: APIClient, tea: ProductVariant, standard: ShippingMethod
) -> None:
    headers = {"X-Cart-Token": fill_guest_cart((tea, 1)).token}
    order(api, standard, email="guest@example.com", headers=headers)

    body = {"variant": str(tea.pk), "quantity": 2}
    answer = api.post("/api/v1/cart/items/", body, headers=headers)

    assert answer["X-Cart-Token"] == headers["X-Cart-Token"]
    assert answer.json()["item_count"] == 2


def test_a_guest_without_an_email_is_told(
    api: APIClient, tea: ProductVariant, standard: ShippingMethod
) -> None:
    headers = {"X-Cart-Token": fill_guest_cart((tea, 1)).token}

    answer = order(api, standard, headers=headers)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/email")


def test_digital_goods_need_neither_address_nor_method(mine: APIClient, customer: User) -> None:
    fill_cart(customer, (sellable(stocked=0, variant__is_digital=True), 1))

    answer = mine.post("/api/v1/orders/", {})

    assert answer.status_code == 201
    assert (answer.json()["shipping_address"], answer.json()["shipping_method"]) == (None, None)


def test_an_empty_cart_cannot_be_ordered(mine: APIClient, standard: ShippingMethod) -> None:
    answer = order(mine, standard)

    assert (answer.status_code, answer.json()["code"]) == (409, "empty_cart")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"shipping_method": None}, ("required", "#/shipping_method")),
        ({"shipping_address": None}, ("required", "#/shipping_address")),
        ({"shipping_method": str(uuid4())}, ("shipping_unavailable", "#/shipping_method")),
        ({"shipping_address": str(uuid4())}, ("unknown_address", "#/shipping_address")),
        ({"shipping_address": 5}, ("invalid", "#/shipping_address")),
        ({"shipping_address": {}}, ("required", "#/shipping_address/full_name")),
        (
            {"shipping_address": ADDRESS | {"country": "AQ", "postal_code": ""}},
            ("country_not_served", "#/shipping_address/country"),
        ),
        (
            {"shipping_address": ADDRESS | {"postal_code": "x"}},
            ("invalid_address", "#/shipping_address/postal_code"),
        ),
        ({"billing_address": ADDRESS | {"line1": ""}}, ("blank", "#/billing_address/line1")),
        ({"items": []}, ("empty", "#/items")),
        (
            {"items": [{"variant": str(uuid4()), "quantity": 1}]},
            ("unknown_item", "#/items/0/variant"),
        ),
        ({"coupons": ["SPRING"]}, ("unknown_coupon", "#/coupons/0")),
    ],
)
def test_refuses_what_cannot_be_ordered_and_changes_nothing(
    mine: APIClient,
    customer: User,
    tea: ProductVariant,
    standard: ShippingMethod,
    change: dict[str, Any],
    refusal: tuple[str, str],
) -> None:
    fill_cart(customer, (tea, 2))

    answer = order(mine, standard, **change)

    assert answer.status_code == 400
    assert refusal in [(error["code"], error["pointer"]) for error in answer.json()["errors"]]
    assert not Order.objects.exists()
    assert Cart.objects.get().status == CartStatus.OPEN


def test_refuses_a_total_that_is_not_the_expected_one(
    mine: APIClient, customer: User, tea: ProductVariant, standard: ShippingMethod
) -> None:
    fill_cart(customer, (tea, 2))

    answer = order(mine, standard, expected_total="24.69")

    assert (answer.status_code, answer.json()["code"]) == (409, "total_changed")
    assert answer.json()["total"] == "24.70"
    assert not Order.objects.exists()


def test_refuses_more_than_is_left_by_now(
    mine: APIClient, customer: User, tea: ProductVariant, standard: ShippingMethod
) -> None:
    fill_cart(customer, (tea, 2))
    promise((tea, 9))

    answer = order(mine, standard)

    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_stock")
    assert answer.json()["available"] == 1
    assert not Order.objects.exists()
    assert mine.get("/api/v1/cart/").json()["item_count"] == 2


def test_refuses_what_has_been_taken_off_the_shop(
    mine: APIClient, customer: User, tea: ProductVariant, standard: ShippingMethod
) -> None:
    fill_cart(customer, (tea, 2))
    tea.product.delete()

    assert order(mine, standard).json()["code"] == "not_for_sale"


def test_the_same_key_gets_the_same_order(
    mine: APIClient, customer: User, tea: ProductVariant, standard: ShippingMethod
) -> None:
    fill_cart(customer, (tea, 2))
    first = order(mine, standard, headers={"Idempotency-Key": "once"})

    again = order(mine, standard, headers={"Idempotency-Key": "once"})

    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert Order.objects.count() == 1


def test_looks_up_by_number_and_email(api: APIClient, customer: User) -> None:
    placed = place(customer)
    body = {"number": placed.number.lower(), "email": customer.email.upper()}

    answer = api.post("/api/v1/orders/lookup/", body)

    assert (answer.status_code, answer.json()["number"]) == (200, placed.number)
    assert answer.json()["allowed_transitions"] == []


def test_a_lookup_does_not_tell_which_half_is_wrong(api: APIClient, customer: User) -> None:
    placed = place(customer)

    for number, email in ((placed.number, "x@example.com"), ("TP-0000-0000", customer.email)):
        answer = api.post("/api/v1/orders/lookup/", {"number": number, "email": email})
        assert answer.status_code == 404


def test_guessing_numbers_is_limited(api: APIClient) -> None:
    body = {"number": "TP-0000-0000", "email": "x@example.com"}

    statuses = [
        api.post("/api/v1/orders/lookup/", body, headers={"X-Cart-Token": str(n)}).status_code
        for n in range(21)
    ]

    assert statuses == [404] * 20 + [429]
