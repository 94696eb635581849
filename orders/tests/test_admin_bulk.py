"""What staff do to many orders at once, and what they print."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from accounts.tests.factories import StaffFactory, UserFactory
from cart.tests.factories import sellable
from orders import services
from orders.admin import printing
from orders.models import Invoice, Order, OrderStatus, Shipment
from orders.tests.factories import pay, place, ship

pytestmark = pytest.mark.django_db

LIST = "/admin/orders/order/"
YES = {"confirmed": "yes"}


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(StaffFactory.create(role=role), "accounts.backends.RoleBackend")
    return client


@pytest.fixture
def clerk() -> Client:
    return signed_in("Order manager")


@pytest.fixture
def orders() -> list[Order]:
    tea = sellable(stocked=50)
    paid = [pay(place(UserFactory.create(), [(tea, 2)])) for _ in range(2)]
    return [*paid, place(UserFactory.create(), [(tea, 2)])]


def do(client: Client, action: str, orders: list[Order], **more: Any) -> Any:
    chosen = {"action": action, "_selected_action": [str(order.pk) for order in orders]}
    return client.post(LIST, chosen | more, follow=True)


def text_of(answer: Any) -> str:
    assert answer["Content-Type"] == "application/pdf"
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)


def test_shipping_many_is_asked_first(clerk: Client, orders: list[Order]) -> None:
    page = do(clerk, "ship_selected", orders).content.decode()

    assert "Their customers are told." in page
    assert all(order.number in page for order in orders)
    assert not Shipment.objects.exists()


def test_what_can_be_shipped_is_shipped_and_the_rest_told(
    clerk: Client, orders: list[Order]
) -> None:
    page = do(clerk, "ship_selected", orders, **YES).content.decode()

    assert "Shipped: 2." in page
    assert f"{orders[2].number}: An order that is pending cannot become shipped." in page
    states = Order.objects.order_by("placed_at").values_list("status", flat=True)
    assert list(states) == [OrderStatus.SHIPPED, OrderStatus.SHIPPED, OrderStatus.PENDING]


def test_support_cannot_ship_many(orders: list[Order]) -> None:
    do(signed_in("Support"), "ship_selected", orders, **YES)

    assert not Shipment.objects.exists()


def test_invoices_of_many_are_printed_once_asked(clerk: Client, orders: list[Order]) -> None:
    assert "get a number" in do(clerk, "print_selected_invoices", orders).content.decode()
    assert not Invoice.objects.exists()

    text = text_of(do(clerk, "print_selected_invoices", orders, **YES))

    assert Invoice.objects.count() == 2
    assert all(order.number in text for order in orders[:2])
    assert orders[2].number not in text


def test_without_a_paid_order_no_invoice_is_printed(clerk: Client, orders: list[Order]) -> None:
    page = do(clerk, "print_selected_invoices", orders[2:], **YES).content.decode()

    assert "An order has an invoice once it is paid." in page


def test_packing_slips_tell_what_to_take_from_where(clerk: Client, orders: list[Order]) -> None:
    line = orders[0].lines.get()
    ship(orders[0], units={line.pk: 1})
    services.cancel_order(order_id=orders[2].pk, by=None)

    text = text_of(do(clerk, "print_selected_slips", orders))

    assert all(order.number in text for order in orders)
    assert all(part in text for part in ("1 × ", "2 × ", line.sku, "Ada Lovelace"))
    assert f"{orders[1].total:.2f}" not in text


def test_too_many_are_not_printed(
    clerk: Client, orders: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.admin.bulk.MOST_PRINTED", 2)

    page = do(clerk, "print_selected_slips", orders).content.decode()

    assert f"Choose at most {2} orders to print." in page
    assert printing.MOST_PRINTED > 50


@pytest.mark.parametrize(("document", "title"), [("slip", "Packing slip"), ("invoice", "Invoice")])
def test_one_is_printed_from_its_page(
    clerk: Client, orders: list[Order], document: str, title: str
) -> None:
    assert (
        f"{LIST}{orders[0].pk}/{document}/"
        in clerk.get(f"{LIST}{orders[0].pk}/change/").content.decode()
    )

    answer = clerk.get(f"{LIST}{orders[0].pk}/{document}/")

    assert title in text_of(answer)
    assert answer["Content-Disposition"].startswith("inline")


def test_an_unpaid_orders_invoice_is_refused_on_its_page(
    clerk: Client, orders: list[Order]
) -> None:
    answer = clerk.get(f"{LIST}{orders[2].pk}/invoice/", follow=True)

    assert "An order has an invoice once it is paid." in answer.content.decode()


def test_invoices_are_listed_found_and_printed_again(clerk: Client, orders: list[Order]) -> None:
    invoice = services.issue_invoice(order_id=orders[0].pk)
    listed = "/admin/orders/invoice/"

    page = clerk.get(listed, {"q": invoice.number}).content.decode()
    shown = clerk.get(f"{listed}{invoice.pk}/change/").content.decode()

    assert invoice.number in page
    assert orders[0].number in shown
    assert invoice.number in text_of(clerk.get(f"{listed}{invoice.pk}/show_file/"))
