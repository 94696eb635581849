"""Invoices: when there is one, its number, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from cart.tests.factories import sellable
from core.audit import discrepancies
from orders import selectors, services
from orders.documents import invoices_pdf
from orders.documents.invoices import invoice_sheet, tax_by_rate
from orders.models import Invoice, InvoiceSequence, Order
from orders.privacy import export_orders
from orders.services import InvoiceNotAvailable
from orders.tests.factories import ADDRESS, pay, place, place_as_guest, shipping_method
from pricing.tests.factories import CouponFactory, TaxRateFactory

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]
TOKEN = "a-token-that-opened-a-cart"


def invoiced(order: Order) -> tuple[Invoice, Order]:
    return services.issue_invoice(order_id=order.pk), selectors.order_page(order.pk)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def paid(**command: Any) -> Order:
    return pay(place(UserFactory.create(), **command))


def test_numbers_of_a_country_run_from_one() -> None:
    shipping_method(country="FR")
    orders = [paid() for _ in range(3)]
    french = paid(
        shipping_address=ADDRESS | {"country": "FR", "postal_code": "75001", "city": "Paris"},
        shipping_method_id=shipping_method(country="FR").pk,
    )

    numbers = [services.issue_invoice(order_id=order.pk).number for order in (*orders, french)]

    assert numbers == ["DE-000001", "DE-000002", "DE-000003", "FR-000001"]


def test_an_order_keeps_its_number() -> None:
    order = paid()

    first, second = (services.issue_invoice(order_id=order.pk) for _ in range(2))

    assert first == second
    assert InvoiceSequence.objects.get().last == 1


def test_an_unpaid_order_has_no_invoice_and_takes_no_number() -> None:
    order = place(UserFactory.create())

    with pytest.raises(InvoiceNotAvailable):
        services.issue_invoice(order_id=order.pk)

    assert not Invoice.objects.exists()
    assert not InvoiceSequence.objects.exists()


def test_an_order_without_addresses_is_invoiced_where_the_shop_is(
    settings: Settings,
) -> None:
    settings.SHOP_COUNTRY = "US"
    order = place(
        UserFactory.create(),
        [(sellable(variant__is_digital=True), 1)],
        shipping_address=None,
        shipping_method_id=None,
    )

    assert services.issue_invoice(order_id=pay(order).pk).number == "US-000001"


def test_the_invoice_keeps_what_the_shop_was(settings: Settings) -> None:
    settings.SHOP_NAME, settings.SHOP_TAX_NUMBERS = "Old Name", {"DE": "DE 811 234 567"}
    order = paid()
    services.issue_invoice(order_id=order.pk)
    settings.SHOP_NAME, settings.SHOP_TAX_NUMBERS = "New Name", {}

    sheet = invoice_sheet(*invoiced(order))

    assert sheet.sender == ["Old Name", "Tax number DE 811 234 567"]


@pytest.mark.parametrize("is_inclusive", [True, False])
def test_the_tax_is_shown_for_each_rate(is_inclusive: bool) -> None:
    TaxRateFactory.create(is_inclusive=is_inclusive)
    TaxRateFactory.create(tax_class="reduced", rate=Decimal("0.07"), is_inclusive=is_inclusive)
    items = [(sellable(), 3), (sellable(tax_class="reduced"), 1)]

    order = selectors.order_page(place(UserFactory.create(), items).pk)
    rates = tax_by_rate(order)

    assert set(rates) == {Decimal("0.19"), Decimal("0.07")}
    assert sum(net + tax for net, tax in rates.values()) == order.total
    assert sum(tax for _, tax in rates.values()) == order.tax_total


def test_the_pdf_tells_seller_buyer_lines_and_total(settings: Settings) -> None:
    settings.SHOP_NAME, settings.SHOP_ADDRESS = "Quill & Co.", ["1 Main Street", "Springfield"]
    settings.INVOICE_NOTE = "Thank you."
    invoice, order = invoiced(paid())

    text = text_of(invoices_pdf([(invoice, order)]))

    line = order.loaded_lines[0]
    for part in (
        *("Invoice", "DE-000001", order.number, "Quill & Co.", "1 Main Street", "Thank you."),
        *("Ada Lovelace", "10117 Berlin", "Germany", line.product_name, line.sku),
        *(f"{order.total:.2f}", f"{line.unit_price:.2f}", "page 1"),
    ):
        assert part in text


@pytest.mark.parametrize(
    "name", ["José Müller", "Ирина Петрова", "Γιώργος", "山田 太郎", "張偉 & Ирина", "A\tB\x07C"]
)
def test_names_are_printed_in_their_own_letters(name: str) -> None:
    tea = sellable(name=f"{name}'s own tea")
    pair = invoiced(paid(items=[(tea, 1)], shipping_address=ADDRESS | {"full_name": name}))

    text = "".join(text_of(invoices_pdf([pair])).split())

    bare = "".join(name.replace("\x07", "").split())
    # What follows on such a name is legible too.
    assert f"{bare}UnterdenLinden1" in text
    assert f"{bare}'sowntea" in text
    assert tea.sku in text


def test_the_same_invoice_is_the_same_bytes() -> None:
    pair = invoiced(paid())

    assert invoices_pdf([pair]) == invoices_pdf([pair])


def test_many_lines_go_on_over_several_pages_each_invoice_counting_its_own() -> None:
    long = invoiced(paid(items=[(sellable(), 1) for _ in range(50)]))
    short = invoiced(paid())

    pages = PdfReader(BytesIO(invoices_pdf([long, short]))).pages
    feet = [page.extract_text().splitlines()[0] for page in pages]
    texts = [page.extract_text() for page in pages]

    assert len(pages) >= 3, feet
    assert "page 2" in texts[1]
    assert f"invoice {short[0].number} · page 1" in texts[-1]
    assert all("Unit price" in text for text in texts[:2])


def test_the_owner_gets_the_invoice_as_a_file(api_for: ApiFor) -> None:
    order = paid()
    assert order.customer is not None

    answer = api_for(order.customer).get(f"/api/v1/orders/{order.number}/invoice/")

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == 'attachment; filename="invoice-DE-000001.pdf"'
    assert answer["Cache-Control"] == "no-store"
    assert answer.content.startswith(b"%PDF-")


def test_a_browser_that_asks_for_pdf_gets_it(api_for: ApiFor) -> None:
    order = paid()
    assert order.customer is not None

    answer = api_for(order.customer).get(
        f"/api/v1/orders/{order.pk}/invoice/", headers={"Accept": "application/pdf"}
    )

    assert answer.status_code == 200


def test_an_unpaid_order_is_refused(api_for: ApiFor) -> None:
    order = place(UserFactory.create())
    assert order.customer is not None

    answer = api_for(order.customer).get(f"/api/v1/orders/{order.pk}/invoice/")

    assert (answer.status_code, answer.json()["code"]) == (409, "invoice_not_available")


def test_a_guest_gets_it_by_the_token(api: APIClient) -> None:
    order = pay(place_as_guest(token=TOKEN))
    path = f"/api/v1/orders/{order.pk}/invoice/"

    assert api.get(path, headers={"X-Cart-Token": TOKEN}).status_code == 200
    assert api.get(path, headers={"X-Cart-Token": "another"}).status_code == 404


def test_the_audit_finds_a_gap() -> None:
    services.issue_invoice(order_id=paid().pk)
    InvoiceSequence.objects.update(last=2)

    found = discrepancies("orders")

    assert [discrepancy.subject for discrepancy in found] == ["DE"]


def test_a_discount_names_its_coupons() -> None:
    coupon = CouponFactory.create(code="WELCOME")
    pair = invoiced(paid(coupons=[coupon.code]))

    assert "Discounts (WELCOME)" in [label for label, _ in invoice_sheet(*pair).sums]


def test_a_person_is_told_the_numbers_of_their_invoices() -> None:
    order = paid()
    assert order.customer is not None
    assert [row["invoice"] for row in export_orders(order.customer.pk)] == [None]

    services.issue_invoice(order_id=order.pk)

    assert [row["invoice"] for row in export_orders(order.customer.pk)] == ["DE-000001"]
