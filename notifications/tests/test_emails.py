"""What customers read when something happens to their orders."""

from __future__ import annotations

import pytest

from accounts.tests.factories import UserFactory
from cart.tests.factories import sellable
from notifications import emails
from orders import selectors
from orders.models import Order, Return, ReturnLine
from orders.tests.factories import pay, place, ship

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return selectors.order_page(place(UserFactory.create()).pk)


def test_a_confirmation_tells_lines_totals_and_address(order: Order) -> None:
    email = emails.order_placed(order)

    assert email.subject == f"Your order {order.number}"
    line = order.loaded_lines[0]
    for text in (email.text, email.html):
        assert line.product_name in text
        assert f"{order.total:.2f} {order.currency}" in text
        assert f"{order.shipping_total:.2f} {order.currency}" in text
        assert "10117 Berlin" in text
        assert "Germany" in text


def test_what_customers_and_staff_type_cannot_become_markup() -> None:
    address = {
        "full_name": "<b>Ada</b>",
        "line1": "A & B",
        "city": "Berlin",
        "postal_code": "10117",
    }
    placed = place(UserFactory.create(), shipping_address=address | {"country": "DE"})
    email = emails.order_placed(selectors.order_page(placed.pk))

    assert "&lt;b&gt;Ada&lt;/b&gt;" in email.html
    assert "<b>Ada</b>" in email.text
    assert "A & B" in email.text


def test_a_parcel_is_told_with_its_content_and_tracking(order: Order) -> None:
    ship(pay(order))
    page = selectors.order_page(order.pk)

    email = emails.order_shipped(page, page.loaded_shipments[0])

    assert "JD014600003828" in email.text
    assert "https://www.dhl.com/" in email.html
    assert f"2 × {page.loaded_lines[0].product_name}" in email.text


@pytest.mark.parametrize(
    "kind", ["order_paid", "order_delivered", "order_cancelled", "order_refunded"]
)
def test_every_email_names_the_order_in_both_forms(order: Order, kind: str) -> None:
    email = getattr(emails, kind)(order)

    assert order.number in email.subject
    assert all(order.number in form for form in (email.text, email.html))


def test_no_email_shows_what_is_zero(order: Order) -> None:
    assert "Discount" not in emails.order_placed(order).text


def test_a_long_order_is_told_in_full() -> None:
    items = [(sellable(), 1) for _ in range(12)]
    order = selectors.order_page(place(UserFactory.create(), items).pk)

    text = emails.order_placed(order).text

    assert all(line.product_name in text for line in order.loaded_lines)


def test_a_return_is_told_with_its_goods_and_refund(order: Order) -> None:
    line = order.loaded_lines[0]
    returned = Return(order=order, refund_amount=line.line_total)
    returned.loaded_lines = [ReturnLine(parent=returned, order_line=line, quantity=2)]

    email = emails.return_received(order, returned)

    assert order.number in email.subject
    for text in (email.text, email.html):
        assert f"2 × {line.product_name}" in text
        assert f"{line.line_total:.2f} {order.currency}" in text


@pytest.mark.parametrize("kind", ["return_approved", "return_rejected"])
def test_the_decision_about_a_return_is_told_with_what_staff_wrote(order: Order, kind: str) -> None:
    line = order.loaded_lines[0]
    returned = Return(order=order, note="Use the <enclosed> label.")
    returned.loaded_lines = [ReturnLine(parent=returned, order_line=line, quantity=1)]

    email = getattr(emails, kind)(order, returned)

    assert order.number in email.subject
    assert all(f"1 × {line.product_name}" in form for form in (email.text, email.html))
    assert "Use the <enclosed> label." in email.text
    assert "Use the &lt;enclosed&gt; label." in email.html
