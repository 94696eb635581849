"""Giving an order its invoice, with the next number of its country."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.errors import DomainError
from orders import selectors
from orders.models import Invoice, InvoiceSequence


class InvoiceNotAvailable(DomainError):
    """The order has not been paid, nor sent before that, so that nothing can be invoiced yet."""

    code = "invoice_not_available"
    title = "An order has an invoice once it is paid."


ISSUE_INVOICE_ERRORS: Final = (InvoiceNotAvailable,)


@transaction.atomic
def issue_invoice(*, order_id: UUID) -> Invoice:
    """Return the invoice of an order; the first time it takes the next number of its country.

    Numbers of a country run from 1 without a gap: the row of the sequence stays locked until
    the invoice is committed. Locks the order, then the sequence.
    """
    issued = selectors.invoice_of(order_id)
    if issued:
        return issued
    order = selectors.lock_order(order_id)
    issued = selectors.invoice_of(order_id)
    if issued:
        return issued
    if order.paid_at is None and not (order.is_paid_on_delivery and order.has_shipments):
        raise InvoiceNotAvailable
    taxed_at = order.shipping_address or order.billing_address or {}
    country = str(taxed_at.get("country") or settings.SHOP_COUNTRY)
    sequence = _next_in(country)
    return Invoice.objects.create(
        order=order,
        country=country,
        sequence=sequence,
        number=f"{country}-{sequence:06}",
        seller=_seller(country),
        issued_at=timezone.now(),
    )


def _next_in(country: str) -> int:
    """Return the next number of a country, whose row is locked until the transaction ends."""
    row = InvoiceSequence.objects.filter(country=country)
    if not row.update(last=F("last") + 1):
        InvoiceSequence.objects.bulk_create(
            [InvoiceSequence(country=country)], ignore_conflicts=True
        )
        row.update(last=F("last") + 1)
    return row.values_list("last", flat=True).get()


def _seller(country: str) -> dict[str, Any]:
    """Return the shop's name, address and the tax number that counts in ``country``."""
    numbers = settings.SHOP_TAX_NUMBERS
    return {
        "name": settings.SHOP_NAME,
        "address": settings.SHOP_ADDRESS,
        "tax_number": numbers.get(country) or numbers.get(settings.SHOP_COUNTRY, ""),
        "note": settings.INVOICE_NOTE,
    }
