from typing import Any, Final

LINE_ID: Final = "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4b01"
ADDRESS: Final = {
    "full_name": "Ada Lovelace",
    "line1": "1 Main Street",
    "line2": "",
    "city": "Springfield",
    "region": "IL",
    "postal_code": "62701",
    "country": "US",
    "phone_number": "+12175550123",
}
SUMMARY: Final[dict[str, Any]] = {
    "id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4b00",
    "number": "TP-7K4M-9QXD",
    "status": "paid",
    "payment_status": "paid",
    "fulfillment_status": "unfulfilled",
    "channel": "online",
    "customer": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a00",
    "email": "ada@example.com",
    "currency": "USD",
    "prices_include_tax": False,
    "items": [
        {
            "id": LINE_ID,
            "product": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a60",
            "variant": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a61",
            "product_name": "Pride and Prejudice",
            "sku": "AUSTEN-PP-PB",
            "options": {"format": "paperback"},
            "is_digital": False,
            "unit_price": "9.90",
            "quantity": 2,
            "cancelled_quantity": 0,
            "line_discount": "0.00",
            "tax_rate": "0.06250",
            "tax_amount": "1.24",
            "line_total": "21.04",
        }
    ],
    "subtotal": "19.80",
    "discount_total": "0.00",
    "shipping_total": "4.90",
    "tax_total": "1.24",
    "total": "25.94",
    "placed_at": "2026-03-01T10:00:00Z",
    "payment_due_at": None,
    "paid_at": "2026-03-01T10:01:00Z",
    "is_paid_on_delivery": False,
    "is_draft": False,
    "holds_stock": True,
    "cancelled_at": None,
}
ORDER: Final[dict[str, Any]] = {
    **SUMMARY,
    "shipping_address": ADDRESS,
    "billing_address": ADDRESS,
    "shipping_method": {"id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a64", "name": "Standard"},
    "shipments": [],
    "coupons": [],
    "customer_note": "",
    "allowed_transitions": ["cancelled"],
    "history": [
        {
            "from": "",
            "to": "pending",
            "at": "2026-03-01T10:00:00Z",
            "by": "customer",
            "note": "",
        },
        {
            "from": "pending",
            "to": "paid",
            "at": "2026-03-01T10:01:00Z",
            "by": "system",
            "note": "",
        },
    ],
}
PARCEL: Final = {"carrier": "UPS", "tracking_number": "1Z999AA10123456784"}
SHIPPED: Final[dict[str, Any]] = {
    **ORDER,
    "status": "shipped",
    "fulfillment_status": "shipped",
    "allowed_transitions": ["delivered"],
    "shipments": [
        {
            "id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4c00",
            **PARCEL,
            "tracking_url": "https://www.ups.com/track?tracknum=1Z999AA10123456784",
            "items": [{"item": LINE_ID, "quantity": 2}],
            "shipped_at": "2026-03-02T09:00:00Z",
            "delivered_at": None,
        }
    ],
}
REST_CANCELLED: Final[dict[str, Any]] = {
    **SHIPPED,
    "payment_status": "partially_refunded",
    "items": [SUMMARY["items"][0] | {"cancelled_quantity": 1}],
    "shipments": [SHIPPED["shipments"][0] | {"items": [{"item": LINE_ID, "quantity": 1}]}],
}
PLACE_FROM_CART: Final = {
    "shipping_address": ADDRESS,
    "shipping_method": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a64",
    "expected_total": "25.94",
}
EDIT: Final[dict[str, Any]] = {
    "items": [{"item": LINE_ID, "quantity": 3}],
    "expected_total": "36.46",
}
EDITED: Final[dict[str, Any]] = {
    **ORDER,
    "status": "pending",
    "payment_status": "unpaid",
    "payment_due_at": "2026-03-01T10:30:00Z",
    "paid_at": None,
    "items": [
        SUMMARY["items"][0] | {"quantity": 3, "tax_amount": "1.86", "line_total": "31.56"},
    ],
    "subtotal": "29.70",
    "tax_total": "1.86",
    "total": "36.46",
    "history": [
        ORDER["history"][0],
        {
            "from": "pending",
            "to": "pending",
            "at": "2026-03-01T10:00:30Z",
            "by": "customer",
            "note": "Changed: quantities.",
        },
    ],
}
PAYMENT_LINK: Final = {
    "url": f"https://shop.example/pay?order={SUMMARY['id']}"
    "&token=Qk3vX0b7n1rJ9yTz5mWcH2sLd8uFgEoP4aVxKiNqR6w",
    "token": "Qk3vX0b7n1rJ9yTz5mWcH2sLd8uFgEoP4aVxKiNqR6w",
    "expires_at": "2026-03-08T10:00:00Z",
}
RETURN_ID: Final = "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4d00"
RETURN: Final[dict[str, Any]] = {
    "id": RETURN_ID,
    "order": SUMMARY["id"],
    "status": "requested",
    "items": [{"item": LINE_ID, "quantity": 1}],
    "reason": "Pages are missing.",
    "note": "",
    "is_restocked": None,
    "refund_amount": None,
    "currency": "USD",
    "requested_at": "2026-03-06T09:00:00Z",
    "approved_at": None,
    "received_at": None,
    "rejected_at": None,
}
APPROVED_RETURN: Final = RETURN | {"status": "approved", "approved_at": "2026-03-06T10:00:00Z"}
RECEIVED_RETURN: Final = APPROVED_RETURN | {
    "status": "received",
    "is_restocked": True,
    "refund_amount": "10.52",
    "received_at": "2026-03-09T10:00:00Z",
}
REJECTED_RETURN: Final = RETURN | {
    "status": "rejected",
    "note": "It was bought as a defective copy.",
    "rejected_at": "2026-03-06T10:00:00Z",
}
