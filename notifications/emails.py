"""The e-mails about orders, returns and stock, from ``templates/notifications/email``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from email.utils import parseaddr
from typing import Any, Final

from django.conf import settings
from django.template.loader import render_to_string

from core.money import quantize
from inventory.models import Location, StockItem
from orders import services as order_services
from orders.address_labels import address_lines
from orders.bank_transfers import BankTransfer
from orders.carriers import tracking_url
from orders.models import Order, Return, Shipment

# By what name a message's HTML refers to its picture.
IMAGE_ID: Final = "picture@tradepost"


@dataclass(frozen=True)
class Email:
    """A message, rendered as text and as HTML; ``image`` is a PNG that the latter shows."""

    subject: str
    text: str
    html: str
    image: bytes = b""


def order_placed(order: Order) -> Email:
    return _order_email("order_placed", f"Your order {order.number}", order)


def payment_link(order: Order, expires_at: datetime) -> Email:
    link = order_services.payment_link(order=order, expires_at=expires_at)
    subject = f"Your order {order.number} is ready to be paid"
    return _order_email("payment_link", subject, order, link=link)


def transfer_awaited(order: Order, transfer: BankTransfer) -> Email:
    """Say to which account the money goes, and show it as a code for banking apps."""
    image = transfer.qr_png()
    context = {
        "subject": f"How to pay your order {order.number}",
        "order": order,
        "transfer": transfer,
        "amount": _money(transfer.amount, transfer.currency),
        "image_id": IMAGE_ID if image else "",
    }
    return replace(render("transfer_awaited", context), image=image)


def order_paid(order: Order) -> Email:
    news = "Payment received" if order.total else "Nothing to pay"
    return _order_email("order_paid", f"{news} for order {order.number}", order)


def order_shipped(order: Order, shipment: Shipment) -> Email:
    names = {line.pk: line.product_name for line in order.loaded_lines}
    parcel = [
        {"name": names[line.order_line_id], "quantity": line.quantity}
        for line in shipment.loaded_lines
    ]
    more = {
        "shipment": shipment,
        "parcel": parcel,
        "tracking_url": tracking_url(
            carrier=shipment.carrier, tracking_number=shipment.tracking_number
        ),
    }
    return _order_email("order_shipped", f"Your order {order.number} is on its way", order, **more)


def order_delivered(order: Order) -> Email:
    return _order_email("order_delivered", f"Your order {order.number} has arrived", order)


def order_cancelled(order: Order) -> Email:
    return _order_email("order_cancelled", f"Your order {order.number} is cancelled", order)


def order_refunded(order: Order) -> Email:
    return _order_email("order_refunded", f"Refund for order {order.number}", order)


def return_approved(order: Order, returned: Return) -> Email:
    return _return_email("return_approved", "may be sent", order, returned)


def return_rejected(order: Order, returned: Return) -> Email:
    return _return_email("return_rejected", "is not accepted", order, returned)


def return_received(order: Order, returned: Return) -> Email:
    return _return_email("return_received", "has arrived", order, returned)


def _return_email(template: str, end: str, order: Order, returned: Return) -> Email:
    names = {line.pk: line.product_name for line in order.loaded_lines}
    goods = [
        {"name": names[line.order_line_id], "quantity": line.quantity}
        for line in returned.loaded_lines
    ]
    amount = returned.refund_amount or Decimal(0)
    more = {
        "goods": goods,
        "note": returned.note,
        "refund": _money(amount, order.currency) if amount else "",
    }
    return _order_email(template, f"Your return of order {order.number} {end}", order, **more)


def stock_low(location: Location, items: Sequence[StockItem]) -> Email:
    subject = f"Running low: {items[0].variant.product.name}"
    if len(items) > 1:
        subject += f" and {len(items) - 1} more"
    return render("stock_low", {"subject": subject, "location": location, "items": items})


def _order_email(template: str, subject: str, order: Order, **more: Any) -> Email:
    currency = order.currency
    tax = "Tax included" if order.prices_include_tax else "Tax"
    discount = order.discount_total
    sums = [
        ("Subtotal", order.subtotal, True),
        ("Discount", -discount, bool(discount)),
        ("Shipping", order.shipping_total, order.shipping_method_name or order.shipping_total),
        (tax, order.tax_total, bool(order.tax_total)),
    ]
    context = {
        "subject": subject,
        "order": order,
        "lines": [
            {
                "name": line.product_name,
                "options": ", ".join(str(value) for value in line.options.values()),
                "quantity": line.quantity,
                "unit_price": _money(line.unit_price, currency),
                "amount": _money(line.unit_price * line.quantity, currency),
            }
            for line in order.loaded_lines
        ],
        "totals": [
            (label, _money(amount, currency)) for label, amount, is_shown in sums if is_shown
        ],
        "total": _money(order.total, currency),
        "address": address_lines(order.shipping_address),
        **more,
    }
    return render(template, context)


def render(template: str, context: dict[str, Any]) -> Email:
    known = {"shop": parseaddr(settings.DEFAULT_FROM_EMAIL)[0], **context}
    text, html = (
        render_to_string(f"notifications/email/{template}.{form}", known)
        for form in ("txt", "html")
    )
    return Email(str(context["subject"]), text, html)


def _money(amount: Decimal, currency: str) -> str:
    return f"{quantize(amount, currency):,f} {currency}"
