"""Orders by the shop's days: on paper, in filters and in the admin; the API itself speaks UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from orders import selectors, services
from orders.documents import invoices_pdf
from orders.documents.invoices import invoice_sheet
from orders.documents.packing_slips import packing_slip
from orders.models import Invoice, Order
from orders.tests.factories import pay, place

pytestmark = pytest.mark.django_db

# In Berlin the day of the change to summer time has begun, in UTC it has not.
LATE = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)


@pytest.fixture
def order() -> Order:
    """Return a paid order with an invoice, all at one moment."""
    order = pay(place(UserFactory.create()))
    invoice = services.issue_invoice(order_id=order.pk)
    Order.objects.filter(pk=order.pk).update(placed_at=LATE, paid_at=LATE)
    Invoice.objects.filter(pk=invoice.pk).update(issued_at=LATE)
    return selectors.order_page(order.pk)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("UTC", "2026-03-28"),
        ("Europe/Berlin", "2026-03-29"),
        ("Pacific/Kiritimati", "2026-03-29"),
        ("America/New_York", "2026-03-28"),
    ],
)
def test_documents_carry_the_shops_day(
    settings: Settings, order: Order, zone: str, day: str
) -> None:
    settings.TIME_ZONE = zone
    invoice = Invoice.objects.get()

    facts = dict(invoice_sheet(invoice, order).facts)

    assert {facts[name] for name in ("Date", "Ordered", "Paid")} == {day}
    assert day in PdfReader(BytesIO(invoices_pdf([(invoice, order)]))).pages[0].extract_text()


def test_a_packing_slip_says_whose_time_it_shows(settings: Settings, order: Order) -> None:
    settings.TIME_ZONE = "Europe/Berlin"

    before = dict(packing_slip(order, {}, LATE).facts)
    after = dict(packing_slip(order, {}, LATE + timedelta(hours=2)).facts)

    assert before["Printed"] == "2026-03-29 00:30 CET"
    assert after["Printed"] == "2026-03-29 03:30 CEST"


@pytest.mark.parametrize(
    ("zone", "is_found"), [("UTC", False), ("Europe/Berlin", True), ("Pacific/Kiritimati", True)]
)
def test_the_api_filters_by_the_shops_day_and_answers_in_utc(
    settings: Settings,
    order: Order,
    api_for: Callable[[User], APIClient],
    zone: str,
    *,
    is_found: bool,
) -> None:
    settings.TIME_ZONE = zone
    assert order.customer
    api = api_for(order.customer)

    found = api.get("/api/v1/orders/?placed_after=2026-03-29&placed_before=2026-03-30").json()
    shown = api.get(f"/api/v1/orders/{order.number}/").json()

    assert found["count"] == is_found
    assert shown["placed_at"] == "2026-03-28T23:30:00Z"
    assert all(row["placed_at"] == "2026-03-28T23:30:00Z" for row in found["results"])


@pytest.mark.parametrize(
    ("zone", "is_found"), [("UTC", False), ("Europe/Berlin", True), ("Pacific/Kiritimati", True)]
)
def test_the_admin_filters_and_shows_by_the_shops_day(
    settings: Settings, order: Order, client: Client, zone: str, *, is_found: bool
) -> None:
    settings.TIME_ZONE = zone
    client.force_login(User.objects.create_superuser("boss@example.com", "x"))
    day = {"placed_at_from": "2026-03-29", "placed_at_to": "2026-03-29"}

    page = client.get("/admin/orders/order/", day)

    assert page.status_code == 200
    assert (order.number in page.content.decode()) is is_found
