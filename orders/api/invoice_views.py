"""orders/{id}/invoice/: the invoice as a file."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request

from core.api.access import signed_in
from core.api.renderers import JSONRenderer
from core.api.schema import CART_TOKEN, operation
from core.api.viewsets import ApiViewSet
from core.errors import NotFound
from core.rate_limits import Limit
from orders import selectors, services
from orders.api.callers import guest_with_token, order_reader, reader_of
from orders.documents import invoices_pdf
from orders.models import Order
from orders.services import ISSUE_INVOICE_ERRORS

PDF = "application/pdf"


class PdfRenderer(JSONRenderer):
    """Lets a client ask for PDF; what is rendered is at most a problem, the file is bytes."""

    media_type = PDF
    format = "pdf"


class InvoiceView(ApiViewSet):
    """The invoice of an order."""

    queryset = Order.objects.none()
    pagination_class = None
    filter_backends = ()
    renderer_classes = (JSONRenderer, PdfRenderer)
    access: ClassVar = {"retrieve": signed_in | guest_with_token | order_reader}
    limits: ClassVar = {"retrieve": [Limit("invoices", 60, 60)]}
    activities: ClassVar = {"retrieve": "order.invoice_viewed"}

    @operation(
        "Download an invoice",
        response={(200, PDF): OpenApiTypes.BINARY},
        errors=(NotFound, *ISSUE_INVOICE_ERRORS),
        parameters=[CART_TOKEN],
    )
    def retrieve(self, request: Request, key: str) -> HttpResponse:
        """Return the order's invoice as PDF.

        It has one once it is paid, or has left to be paid on delivery, and keeps it when it is
        cancelled or refunded later. Its number is given at the first call: numbers of
        a country run without a gap.
        """
        order = selectors.visible_order_alone(reader_of(request), key)
        invoice = services.issue_invoice(order_id=order.pk)
        return HttpResponse(
            invoices_pdf([(invoice, selectors.order_page(order.pk))]),
            content_type=PDF,
            headers={"Content-Disposition": f'attachment; filename="invoice-{invoice.number}.pdf"'},
        )
