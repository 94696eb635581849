from __future__ import annotations

from uuid import UUID

from core.privacy import Rows, section
from orders.models import Order

ORDER = (
    "id",
    "number",
    "email",
    "status",
    "channel",
    "currency",
    "subtotal",
    "discount_total",
    "shipping_total",
    "tax_total",
    "total",
    "shipping_address",
    "billing_address",
    "shipping_method_name",
    "customer_note",
    "placed_at",
    "paid_at",
    "cancelled_at",
)
RETURN = ("status", "reason", "refund_amount", "requested_at", "received_at", "rejected_at")
LINE = ("product_name", "sku", "options", "unit_price", "quantity", "line_discount", "line_total")


@section("orders")
def export_orders(user_id: UUID) -> Rows:
    orders = Order.objects.filter(customer=user_id).order_by("placed_at", "id")
    related = ("lines", "returns", "invoice")
    for order in orders.prefetch_related(*related).iterator(chunk_size=100):
        lines = sorted(order.lines.all(), key=lambda line: line.position)
        yield {
            **{name: getattr(order, name) for name in ORDER},
            "invoice": order.invoice.number if hasattr(order, "invoice") else None,
            "returns": [
                {name: getattr(returned, name) for name in RETURN}
                for returned in sorted(order.returns.all(), key=lambda row: row.requested_at)
            ],
            "lines": [{name: getattr(line, name) for name in LINE} for line in lines],
        }
