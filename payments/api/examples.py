"""Examples for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter

PAY: Final = {
    "order": "0198f3a2-7b1c-7d3e-9a4f-6c8d0e2b4a61",
    "provider": "test",
    "payment_method": "tok_success",
}
REASON: Final = {"reason": "The customer changed their mind."}
AMOUNT: Final = {"amount": "19.90", **REASON}
REFUND: Final = {
    "items": [{"item": "0198f3a2-7b1d-7f00-8a11-2b3c4d5e6f70", "quantity": 1}],
    "shipping": False,
    **REASON,
}
_CAPTURE: Final = {
    "id": "0198f3a2-8c00-7a11-8f00-1b2c3d4e5f60",
    "kind": "capture",
    "amount": "59.70",
    "status": "succeeded",
    "reference": "cap_5f2b7c9d1e3a4b6c8d0e2f41",
    "error_code": "",
    "items": [],
    "at": "2026-11-21T09:15:02Z",
}
PAYMENT: Final[dict[str, Any]] = {
    "id": "0198f3a2-8bf0-7c22-9d00-0a1b2c3d4e5f",
    "order": "0198f3a2-7b1c-7d3e-9a4f-6c8d0e2b4a61",
    "provider": "test",
    "status": "succeeded",
    "amount": "59.70",
    "captured_amount": "59.70",
    "refunded_amount": "0.00",
    "currency": "USD",
    "reference": "cap_5f2b7c9d1e3a4b6c8d0e2f41",
    "client_secret": "",
    "bank_transfer": None,
    "transactions": [_CAPTURE],
    "created_at": "2026-11-21T09:15:02Z",
}
REFUNDED: Final = PAYMENT | {
    "status": "partially_refunded",
    "refunded_amount": "19.90",
    "transactions": [
        _CAPTURE,
        _CAPTURE
        | {
            "id": "0198f3a9-1d20-7b33-8e00-2c3d4e5f6071",
            "kind": "refund",
            "amount": "19.90",
            "reference": "ref_0c1d2e3f4a5b6c7d8e9f0a1b",
            "items": [
                {
                    "item": "0198f3a2-7b1d-7f00-8a11-2b3c4d5e6f70",
                    "quantity": 1,
                    "amount": "19.90",
                    "tax_amount": "1.30",
                }
            ],
            "at": "2026-11-22T10:00:00Z",
        },
    ],
}
PROVIDERS: Final = {
    "count": 1,
    "next": None,
    "previous": None,
    "results": [
        {
            "code": "test",
            "name": "Test gateway",
            "capabilities": [
                "automatic_capture",
                "manual_capture",
                "partial_capture",
                "refund",
                "partial_refund",
                "customer_action",
                "webhooks",
                "fees",
            ],
        }
    ],
}
WEBHOOK: Final = {
    "type": "charge.succeeded",
    "key": "0198f3a2-8c00-7a11-8f00-1b2c3d4e5f60",
    "reference": "cap_5f2b7c9d1e3a4b6c8d0e2f41",
    "error_code": "",
    "fee": {"amount": "2.03", "currency": "USD"},
}
WEBHOOK_HEADERS: Final = tuple(
    OpenApiParameter(name, str, OpenApiParameter.HEADER, description=description)
    for name, description in (
        ("webhook-id", "The event's id: it is stored once."),
        ("webhook-timestamp", "When it was sent, in seconds; five minutes are tolerated."),
        ("webhook-signature", "`v1,` and the HMAC-SHA256 of id, timestamp and raw body."),
    )
)
