"""What is printed of an order: invoices and packing slips, as PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module
from uuid import UUID

from orders.documents.invoices import invoice_sheet
from orders.documents.packing_slips import packing_slip
from orders.documents.sheets import Sheet
from orders.models import Invoice, Order
from orders.pick_list import PickListEntry

__all__ = ["invoices_pdf", "packing_slips_pdf"]


def invoices_pdf(pairs: Sequence[tuple[Invoice, Order]]) -> bytes:
    """Return one PDF of invoices, each with its order as ``orders.selectors`` loads pages."""
    return _printed([invoice_sheet(invoice, order) for invoice, order in pairs])


def packing_slips_pdf(
    orders: Sequence[Order], pick_list: Mapping[UUID, Sequence[PickListEntry]], now: datetime
) -> bytes:
    """Return one PDF of packing slips; ``pick_list`` says by line where its units lie."""
    return _printed([packing_slip(order, pick_list, now) for order in orders])


def _printed(sheets: Sequence[Sheet]) -> bytes:
    # Imported when it is needed first: fpdf takes long to load.
    paper = import_module("orders.documents.paper")
    content: bytes = paper.print_sheets(sheets)
    return content
