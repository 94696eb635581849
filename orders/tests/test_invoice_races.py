"""Invoice numbers under real threads: no gap, no double."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory
from cart.tests.factories import sellable
from core.audit import identities
from inventory.tests.racing import race
from orders import services
from orders.models import Invoice, InvoiceSequence, Order
from orders.services import InvoiceNotAvailable
from orders.tests.factories import pay, place

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def paid_orders(number: int) -> list[Order]:
    tea = sellable(stocked=100)
    return [pay(place(UserFactory.create(), [(tea, 1)])) for _ in range(number)]


def issue(order: Order) -> partial[Invoice]:
    return partial(services.issue_invoice, order_id=order.pk)


def assert_sound() -> None:
    checks = [identity.check for identity in identities() if identity.app == "orders"]
    assert [found for check in checks for found in check()] == []


def test_twenty_invoices_at_once_are_numbered_without_gap_or_double() -> None:
    race([issue(order) for order in paid_orders(20)])

    numbers = Invoice.objects.order_by("sequence").values_list("sequence", flat=True)
    assert list(numbers) == list(range(1, 21))
    assert_sound()


def test_one_order_invoiced_twenty_times_at_once_has_one_invoice() -> None:
    (order,) = paid_orders(1)

    invoices = race([issue(order)] * 20)

    assert {invoice.number for invoice in invoices} == {"DE-000001"}
    assert_sound()


def test_a_refused_invoice_leaves_no_gap() -> None:
    paid = paid_orders(4)
    unpaid = [place(UserFactory.create()) for _ in range(4)]

    answers = race([issue(order) for pair in zip(paid, unpaid, strict=True) for order in pair])

    assert sum(isinstance(answer, InvoiceNotAvailable) for answer in answers) == 4
    assert InvoiceSequence.objects.get().last == 4
    assert_sound()


def test_the_order_is_locked_before_a_number_is_taken() -> None:
    (order,) = paid_orders(1)

    with CaptureQueriesContext(connection) as queries:
        services.issue_invoice(order_id=order.pk)

    statements = [query["sql"] for query in queries]
    lock = next(i for i, sql in enumerate(statements) if "FOR UPDATE" in sql)
    taking = next(i for i, sql in enumerate(statements) if 'UPDATE "orders_invoiceseq' in sql)
    assert lock < taking
