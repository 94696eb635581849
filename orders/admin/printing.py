"""What staff print: invoices and packing slips, one or many in one file."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone

from orders import pick_list, selectors, services
from orders.documents import invoices_pdf, packing_slips_pdf
from orders.services import InvoiceNotAvailable

# How many documents go into one file: drawing takes seconds from here on.
MOST_PRINTED: Final = 200
_PDF: Final = "application/pdf"


def print_invoices(order_ids: Collection[UUID]) -> HttpResponse:
    """Return the invoices of orders in one file; each that is paid gets one.

    Raises InvoiceNotAvailable when none of them is paid.
    """
    pages = selectors.pages_of(order_ids)
    paid = [order for order in pages if order.paid_at]
    if not paid:
        raise InvoiceNotAvailable
    return _shown(
        invoices_pdf([(services.issue_invoice(order_id=order.pk), order) for order in paid]),
        "invoices",
    )


def print_packing_slips(order_ids: Collection[UUID]) -> HttpResponse:
    """Return the packing slips of orders in one file."""
    pages = selectors.pages_of(order_ids)
    entries = pick_list.pick_list_of(order_ids)
    return _shown(packing_slips_pdf(pages, entries, timezone.now()), "packing-slips")


def _shown(content: bytes, name: str) -> HttpResponse:
    """Return a file that browsers show, so that it can be printed from there."""
    return HttpResponse(
        content,
        content_type=_PDF,
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )
