from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from core.money import quantize
from orders.models import OrderStatus, ReturnStatus
from orders.statuses import FulfillmentStatus, PaymentStatus

STATUS_COLOURS: Final[dict[str, str]] = {
    OrderStatus.PENDING: "warning",
    OrderStatus.PAID: "info",
    OrderStatus.SHIPPED: "info",
    OrderStatus.DELIVERED: "success",
    OrderStatus.CANCELLED: "danger",
    OrderStatus.REFUNDED: "danger",
}
PAYMENT_COLOURS: Final[dict[str, str]] = {
    PaymentStatus.UNPAID: "warning",
    PaymentStatus.PENDING: "warning",
    PaymentStatus.AUTHORIZED: "info",
    PaymentStatus.PARTIALLY_CAPTURED: "warning",
    PaymentStatus.PAID: "success",
    PaymentStatus.PARTIALLY_REFUNDED: "info",
    PaymentStatus.REFUNDED: "danger",
}
FULFILLMENT_COLOURS: Final[dict[str, str]] = {
    FulfillmentStatus.UNFULFILLED: "warning",
    FulfillmentStatus.PARTIALLY_SHIPPED: "info",
    FulfillmentStatus.SHIPPED: "info",
    FulfillmentStatus.DELIVERED: "success",
}
RETURN_COLOURS: Final[dict[str, str]] = {
    ReturnStatus.REQUESTED: "warning",
    ReturnStatus.APPROVED: "info",
    ReturnStatus.RECEIVED: "success",
    ReturnStatus.REJECTED: "danger",
}
NOTHING: Final = "–"


def money_text(amount: Decimal | None, currency: str) -> str:
    return NOTHING if amount is None else f"{quantize(amount, currency):f} {currency}"


def address_text(address: Mapping[str, str] | None) -> SafeString | str:
    if not address:
        return NOTHING
    town = " ".join(filter(None, (address["postal_code"], address["city"], address["region"])))
    lines = [
        address["full_name"],
        address["line1"],
        address["line2"],
        town,
        address["country"],
        address["phone_number"],
    ]
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines if line))
