"""Changing an order that waits for payment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import AddressFactory, StaffFactory, UserFactory
from cart.tests.factories import sellable
from catalog.models import Product, ProductVariant
from core.audit import discrepancies
from core.models import DomainEvent
from inventory.models import StockItem
from orders.models import Order
from orders.tests.factories import ADDRESS, pay, place, place_as_guest, shipping_method
from payments.services.paying import pay as pay_at_provider
from payments.tests.factories import command_for
from pricing.models import TaxRate

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
def order(customer: User, tea: ProductVariant) -> Order:
    place(UserFactory.create(), [(tea, 1)])
    return place(customer, [(tea, 2)])


def edit(client: APIClient, order: Order, *, headers: Any = None, **body: Any) -> Any:
    return client.patch(f"/api/v1/orders/{order.pk}/", body, headers=headers)


def units(order: Order, quantity: int) -> list[dict[str, Any]]:
    return [{"item": str(order.loaded_lines[0].pk), "quantity": quantity}]


def held(variant: ProductVariant) -> tuple[int, int]:
    item = StockItem.objects.get(variant=variant)
    return item.on_hand, item.reserved


@pytest.mark.parametrize(("quantity", "total"), [(1, "14.80"), (5, "54.40"), (9, "94.00")])
def test_stock_and_totals_follow_the_quantity(
    mine: APIClient, order: Order, tea: ProductVariant, quantity: int, total: str
) -> None:
    body = edit(mine, order, items=units(order, quantity)).json()

    assert (body["items"][0]["quantity"], body["total"]) == (quantity, total)
    assert held(tea) == (10, 1 + quantity)
    assert body["history"][-1] | {"at": ""} == {
        "from": "pending",
        "to": "pending",
        "at": "",
        "by": "customer",
        "note": "Changed: quantities, total.",
    }
    assert DomainEvent.objects.filter(name="order.changed").count() == 1
    assert discrepancies() == []


def test_a_line_can_be_named_by_its_variant(
    mine: APIClient, order: Order, tea: ProductVariant
) -> None:
    body = edit(mine, order, items=[{"variant": str(tea.pk), "quantity": 3}]).json()

    assert body["items"][0]["quantity"] == 3


def test_never_promises_more_than_there_is(
    mine: APIClient, order: Order, tea: ProductVariant
) -> None:
    answer = edit(mine, order, items=units(order, 10))

    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_stock")
    assert answer.json()["available"] == 9
    assert held(tea) == (10, 3)
    order.refresh_from_db()
    assert order.total == Decimal("24.70")
    assert discrepancies() == []


def test_the_product_is_sold_out_and_back_with_an_edit(
    mine: APIClient, order: Order, tea: ProductVariant
) -> None:
    edit(mine, order, items=units(order, 9))
    tea.refresh_from_db()
    assert not tea.in_stock

    edit(mine, order, items=units(order, 8))
    tea.refresh_from_db()
    assert tea.in_stock


def test_what_was_bought_keeps_its_price(
    mine: APIClient, order: Order, tea: ProductVariant
) -> None:
    ProductVariant.objects.filter(pk=tea.pk).update(price=Decimal("99.00"))

    body = edit(mine, order, items=units(order, 3)).json()

    assert (body["items"][0]["unit_price"], body["total"]) == ("9.90", "34.60")


def test_another_country_changes_tax_and_shipping(mine: APIClient, order: Order) -> None:
    TaxRate.objects.create(country="FR", tax_class="standard", name="TVA", rate=Decimal("0.20"))
    method = shipping_method("7.00", "FR")
    address = ADDRESS | {"line1": "1 rue X", "city": "Paris", "postal_code": "75001"}

    refused = edit(mine, order, shipping_address=address | {"country": "FR"})
    body = edit(
        mine, order, shipping_address=address | {"country": "FR"}, shipping_method=str(method.pk)
    ).json()

    assert (refused.status_code, refused.json()["code"]) == (400, "shipping_unavailable")
    assert (body["shipping_total"], body["tax_total"], body["total"]) == ("7.00", "5.36", "32.16")
    assert body["billing_address"] == body["shipping_address"]
    assert body["shipping_method"]["id"] == str(method.pk)
    assert discrepancies() == []


def test_a_billing_address_of_its_own_stays(mine: APIClient, customer: User, order: Order) -> None:
    billing = AddressFactory.create(user=customer, full_name="Grace Hopper")
    edit(mine, order, billing_address=str(billing.pk))

    body = edit(mine, order, shipping_address=ADDRESS | {"line1": "Another street 2"}).json()

    assert body["billing_address"]["full_name"] == "Grace Hopper"
    assert body["shipping_address"]["line1"] == "Another street 2"


def test_nothing_is_written_when_nothing_changes(
    mine: APIClient, order: Order, tea: ProductVariant
) -> None:
    answer = edit(mine, order, items=units(order, 2))

    assert (answer.status_code, len(answer.json()["history"])) == (200, 1)
    assert DomainEvent.objects.filter(name="order.changed").count() == 0


def test_another_total_than_agreed_changes_nothing(
    mine: APIClient, order: Order, tea: ProductVariant
) -> None:
    answer = edit(mine, order, items=units(order, 3), expected_total="24.70")

    assert (answer.status_code, answer.json()["code"]) == (409, "total_changed")
    assert (answer.json()["total"], held(tea)) == ("34.60", (10, 3))
    assert edit(mine, order, items=units(order, 3), expected_total="34.60").status_code == 200


def test_the_time_to_pay_does_not_begin_anew(mine: APIClient, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(payment_due_at=order.placed_at + timedelta(minutes=1))

    edit(mine, order, items=units(order, 3))

    order.refresh_from_db()
    assert order.payment_due_at == order.placed_at + timedelta(minutes=1)


@pytest.mark.parametrize("token", ["tok_timeout", "tok_requires_action"])
def test_a_payment_under_way_holds_the_order(mine: APIClient, order: Order, token: str) -> None:
    pay_at_provider(command=command_for(order, token))

    answer = edit(mine, order, items=units(order, 1))

    assert (answer.status_code, answer.json()["code"]) == (409, "payment_in_progress")
    order.refresh_from_db()
    assert order.total == Decimal("24.70")


def test_a_paid_order_is_not_changed(mine: APIClient, order: Order, tea: ProductVariant) -> None:
    pay(order)

    answer = edit(mine, order, items=units(order, 1))

    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    assert held(tea) == (10, 3)


def test_if_match_lets_through_only_who_saw_the_latest(mine: APIClient, order: Order) -> None:
    path = f"/api/v1/orders/{order.pk}/"
    etag = mine.get(path)["ETag"]

    first = edit(mine, order, items=units(order, 3), headers={"If-Match": etag})
    second = edit(mine, order, items=units(order, 4), headers={"If-Match": etag})

    assert (first.status_code, second.status_code) == (200, 412)
    assert mine.get(path).json()["items"][0]["quantity"] == 3


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([{"item": "0198f3a2-0000-7000-8000-000000000000", "quantity": 1}], "unknown_line"),
        ([{"quantity": 1}], "invalid"),
        ([], "empty"),
    ],
)
def test_an_unknown_line_is_refused(
    mine: APIClient, order: Order, items: list[Any], code: str
) -> None:
    answer = edit(mine, order, items=items)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == code


@pytest.mark.parametrize("quantity", [-1, "x", 10**9])
def test_a_quantity_is_a_number_of_units(mine: APIClient, order: Order, quantity: Any) -> None:
    assert edit(mine, order, items=units(order, quantity)).status_code == 400


def test_no_more_of_what_is_no_longer_for_sale(
    mine: APIClient, order: Order, tea: ProductVariant
) -> None:
    Product.objects.filter(pk=tea.product_id).update(is_active=False)

    more, less = (edit(mine, order, items=units(order, quantity)) for quantity in (3, 1))

    assert (more.status_code, more.json()["code"]) == (409, "not_for_sale")
    assert (less.status_code, less.json()["items"][0]["quantity"]) == (200, 1)


def test_digital_goods_are_changed_without_stock(mine: APIClient, customer: User) -> None:
    song = sellable(variant__is_digital=True, variant__price=Decimal("1.00"), stocked=0)
    order = place(customer, [(song, 1)], shipping_method_id=None)

    body = edit(mine, order, items=units(order, 4)).json()

    assert body["total"] == "4.00"
    assert discrepancies() == []


def test_only_the_owner_and_order_staff_change_an_order(
    api: APIClient, api_for: ApiFor, order: Order
) -> None:
    callers = {
        401: api,
        404: api_for(UserFactory.create()),
        403: api_for(StaffFactory.create(role="Support")),
    }

    for status, client in callers.items():
        assert edit(client, order, items=units(order, 1)).status_code == status


def test_a_guest_changes_an_order_by_the_token(api: APIClient) -> None:
    order = place_as_guest(token="a-token-that-opened-a-cart")
    headers = {"X-Cart-Token": "a-token-that-opened-a-cart"}

    body = edit(api, order, items=units(order, 3), headers=headers).json()

    assert body["items"][0]["quantity"] == 3


@pytest.mark.parametrize("lines", [1, 50])
def test_an_edit_costs_at_most_25(mine: APIClient, customer: User, lines: int) -> None:
    order = place(customer, [(sellable(), 1) for _ in range(lines)])
    items = [{"item": str(line.pk), "quantity": 2} for line in order.loaded_lines]

    with CaptureQueriesContext(connection) as captured:
        assert edit(mine, order, items=items).status_code == 200

    assert len(captured) <= 25


def test_a_line_is_taken_out_and_another_added(
    mine: APIClient, customer: User, tea: ProductVariant
) -> None:
    cup, pot = sellable(variant__price=Decimal("5.00")), sellable(variant__price=Decimal("7.00"))
    order = place(customer, [(tea, 2), (cup, 1)])
    changes = [{"variant": str(tea.pk), "quantity": 0}, {"variant": str(pot.pk), "quantity": 3}]

    body = edit(mine, order, items=changes).json()

    assert [(line["sku"], line["quantity"]) for line in body["items"]] == [
        (cup.sku, 1),
        (pot.sku, 3),
    ]
    assert body["total"] == "30.90"
    assert (held(tea), held(cup), held(pot)) == ((10, 0), (10, 1), (10, 3))
    assert discrepancies() == []


def test_the_last_line_stays(mine: APIClient, order: Order, tea: ProductVariant) -> None:
    answer = edit(mine, order, items=units(order, 0))

    assert (answer.status_code, answer.json()["code"]) == (409, "empty_order")
    assert order.lines.get().quantity == 2
    assert held(tea) == (10, 3)


def test_no_more_is_added_than_there_is(mine: APIClient, order: Order) -> None:
    rare = sellable(stocked=1)

    answer = edit(mine, order, items=[{"variant": str(rare.pk), "quantity": 2}])

    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_stock")
    assert order.lines.count() == 1
    assert discrepancies() == []


def test_with_digital_goods_alone_nothing_is_sent_any_more(
    mine: APIClient, customer: User, tea: ProductVariant
) -> None:
    song = sellable(variant__is_digital=True, variant__price=Decimal("1.00"), stocked=0)
    order = place(customer, [(tea, 1), (song, 1)])

    body = edit(mine, order, items=[{"variant": str(tea.pk), "quantity": 0}]).json()

    assert (body["shipping_method"], body["shipping_total"]) == (None, "0.00")
    assert body["total"] == "1.00"
    assert discrepancies() == []


def test_staff_change_an_order_and_its_history_says_so(
    mine: APIClient, api_for: ApiFor, order: Order
) -> None:
    clerk = api_for(StaffFactory.create(role="Order manager"))

    body = edit(clerk, order, items=units(order, 3)).json()

    assert (body["items"][0]["quantity"], body["customer"]) == (3, str(order.customer_id))
    shown = mine.get(f"/api/v1/orders/{order.pk}/").json()["history"]
    assert shown[-1]["by"] == "staff"
