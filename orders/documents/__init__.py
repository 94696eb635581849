"""What is printed of an order: invoices and packing slips, as PDF."""

from orders.documents.invoices import invoices_pdf
from orders.documents.packing_slips import packing_slips_pdf

__all__ = ["invoices_pdf", "packing_slips_pdf"]
