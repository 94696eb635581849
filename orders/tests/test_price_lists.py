"""Prices of customer groups and price breaks: alike in cart, quote and order."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from cart.models import CartItem
from cart.tests.factories import fill_cart, sellable
from catalog.models import ProductVariant
from orders import services
from orders.models import OrderLine
from orders.services import EditOrder
from orders.tests.factories import ADDRESS, place, shipping_method
from pricing.models import CustomerGroup, PriceList, TaxRate
from pricing.tests.factories import CouponFactory, list_price

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]


@pytest.fixture
def tea() -> ProductVariant:
    return sellable(variant__price=Decimal("10.00"), stocked=100)


@pytest.fixture
def customer() -> User:
    found: User = UserFactory.create()
    return found


def prices(api: APIClient, variant: ProductVariant, quantity: int) -> list[str]:
    """Return what a unit costs in the cart, in a quote, and in orders from both."""
    body = {"items": [{"variant": str(variant.pk), "quantity": quantity}]}
    to = {"shipping_address": ADDRESS, "shipping_method": str(shipping_method().pk)}
    added = api.post("/api/v1/cart/items/", body["items"][0])
    answers = [
        added,
        api.get("/api/v1/cart/"),
        api.post("/api/v1/cart/quote/", body),
        api.post("/api/v1/orders/", {**to, **body}),
        api.post("/api/v1/orders/", to),
    ]
    return [answer.json()["items"][0]["unit_price"] for answer in answers]


@pytest.mark.parametrize(("quantity", "price"), [(4, "10.00"), (5, "9.00"), (10, "8.00")])
def test_larger_quantities_cost_less_for_everybody(
    api_for: ApiFor, customer: User, tea: ProductVariant, quantity: int, price: str
) -> None:
    list_price(tea, "9", units=5)
    list_price(tea, "8", units=10)

    assert prices(api_for(customer), tea, quantity) == [price] * 5


def test_a_groups_members_pay_its_price_and_nobody_else(
    api_for: ApiFor, customer: User, tea: ProductVariant
) -> None:
    list_price(tea, "7", members=[customer])

    assert prices(api_for(customer), tea, 1) == ["7.00"] * 5
    assert prices(api_for(UserFactory.create()), tea, 1) == ["10.00"] * 5
    items = [{"variant": str(tea.pk), "quantity": 1}]
    guests = APIClient().post("/api/v1/cart/quote/", {"items": items}).json()
    assert guests["items"][0]["unit_price"] == "10.00"


def test_the_lowest_of_several_prices_counts(
    api_for: ApiFor, customer: User, tea: ProductVariant
) -> None:
    list_price(tea, "12", members=[customer])
    list_price(tea, "9.50", units=3)
    list_price(tea, "9.00", members=[customer], units=3)

    assert prices(api_for(customer), tea, 3) == ["9.00"] * 5
    assert prices(api_for(customer), tea, 2) == ["10.00"] * 5


@pytest.mark.parametrize("switch_off", ["list", "group"])
def test_what_is_switched_off_lowers_nothing(
    api_for: ApiFor, customer: User, tea: ProductVariant, switch_off: str
) -> None:
    list_price(tea, "7", members=[customer])
    if switch_off == "list":
        PriceList.objects.update(is_active=False)
    else:
        CustomerGroup.objects.update(deleted_at=timezone.now())

    assert prices(api_for(customer), tea, 1) == ["10.00"] * 5


def test_the_catalog_shows_its_own_price(
    api_for: ApiFor, customer: User, tea: ProductVariant
) -> None:
    list_price(tea, "7", members=[customer])

    page = api_for(customer).get(f"/api/v1/products/{tea.product_id}/").json()

    assert page["price"] == "10.00"


def test_a_price_that_was_seen_has_not_changed_until_the_list_does(
    api_for: ApiFor, customer: User, tea: ProductVariant
) -> None:
    listed = list_price(tea, "9", units=5)
    client = api_for(customer)
    fill_cart(customer, (tea, 5))

    before = client.get("/api/v1/cart/").json()["items"][0]
    listed.price = Decimal(8)
    listed.save(update_fields=["price"])
    after = client.get("/api/v1/cart/").json()["items"][0]

    assert (before["unit_price"], before["price_changed"]) == ("9.00", False)
    assert (after["unit_price"], after["price_changed"]) == ("8.00", True)
    assert CartItem.objects.get().unit_price_seen == 9


def test_a_break_that_is_lost_by_another_quantity_is_seen(
    api_for: ApiFor, customer: User, tea: ProductVariant
) -> None:
    list_price(tea, "9", units=5)
    client = api_for(customer)
    item = fill_cart(customer, (tea, 5)).basket.lines[0]

    changed = client.patch(f"/api/v1/cart/items/{item.id}/", {"quantity": 4}).json()["items"][0]

    assert (changed["unit_price"], changed["price_changed"]) == ("10.00", False)


def edit(customer: User, tea: ProductVariant, before: int, after: int) -> OrderLine:
    placed = place(customer, [(tea, before)])
    services.edit_order(
        command=EditOrder(order_id=placed.pk, quantities={tea.pk: after}, by=customer)
    )
    return OrderLine.objects.get(order=placed)


@pytest.mark.parametrize(
    ("before", "after", "price"), [(5, 1, "10"), (1, 5, "9"), (6, 5, "9"), (1, 2, "10")]
)
def test_an_edit_gains_and_loses_breaks(
    customer: User, tea: ProductVariant, before: int, after: int, price: str
) -> None:
    list_price(tea, "9", units=5)

    line = edit(customer, tea, before, after)

    assert (line.quantity, line.unit_price) == (after, Decimal(price))
    assert line.line_total == Decimal(price) * after


def test_coupons_apply_to_the_lists_prices(
    api_for: ApiFor, customer: User, tea: ProductVariant
) -> None:
    list_price(tea, "8", members=[customer])
    CouponFactory.create(code="TEN", minimum_subtotal=Decimal(20))
    body = {"items": [{"variant": str(tea.pk), "quantity": 2}], "coupons": ["TEN"]}

    refused = api_for(customer).post("/api/v1/cart/quote/", body)
    body["items"] = [{"variant": str(tea.pk), "quantity": 3}]
    quote = api_for(customer).post("/api/v1/cart/quote/", body).json()

    assert refused.json()["code"] == "coupon_minimum_not_met"
    assert (quote["subtotal"], quote["discount_total"]) == ("24.00", "2.40")


def queries(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = call()
    assert answer.status_code < 300, answer.content
    return len(captured)


@pytest.mark.parametrize("lines", [1, 50])
def test_lists_and_coupons_stay_within_the_budgets(api_for: ApiFor, lines: int) -> None:
    customer = UserFactory.create()
    TaxRate.objects.create(country="DE", tax_class="standard", name="VAT", rate="0.19")
    goods = [sellable() for _ in range(lines)]
    for variant in goods:
        list_price(variant, "1", units=2)
    fill_cart(customer, *((variant, 2) for variant in goods))
    client, codes = api_for(customer), [CouponFactory.create().code for _ in range(2)]
    method = str(shipping_method().pk)
    for code in codes:
        client.post("/api/v1/cart/coupons/", {"code": code})
    items = [{"variant": str(variant.pk), "quantity": 2} for variant in goods]
    wanted = {"items": items, "coupons": codes, "country": "DE", "shipping_method": method}
    to = {"shipping_address": ADDRESS, "shipping_method": method}

    assert queries(lambda: client.get("/api/v1/cart/")) <= 5
    assert queries(lambda: APIClient().post("/api/v1/cart/quote/", wanted)) <= 6
    assert queries(lambda: client.post("/api/v1/cart/items/", items[0])) <= 8 + 2
    assert queries(lambda: client.post("/api/v1/orders/", to)) <= 25
    assert queries(lambda: client.post("/api/v1/orders/", {**to, "items": items})) <= 25
