from typing import Any

USER: dict[str, Any] = {
    "id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a61",
    "email": "ada@example.com",
    "is_email_verified": True,
    "pending_email": None,
    "roles": [],
    "profile": {
        "first_name": "Ada",
        "last_name": "Lovelace",
        "phone_number": "+4930901820",
        "avatar": None,
        "visibility": "private",
    },
    "created_at": "2025-03-01T09:30:00Z",
}
TOKENS = {
    "access": "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIn0.c2lnbmF0dXJl",
    "refresh": "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCJ9.c2lnbmF0dXJl",
}
SIGNED_IN: dict[str, Any] = {"user": USER, **TOKENS}
ADDRESS_SENT: dict[str, Any] = {
    "full_name": "Ada Lovelace",
    "line1": "Unter den Linden 1",
    "line2": "",
    "city": "Berlin",
    "region": "",
    "postal_code": "10117",
    "country": "DE",
    "phone_number": "+4930901820",
    "is_default_shipping": True,
    "is_default_billing": False,
}
ADDRESS: dict[str, Any] = {
    "id": "0198f3a2-d007-7b2e-8c11-52c1a7c0ffee",
    **ADDRESS_SENT,
    "created_at": "2025-03-01T09:31:00Z",
    "updated_at": "2025-03-01T09:31:00Z",
}

STAFF_USER: dict[str, Any] = {**USER, "is_active": True, "is_staff": False}
PUBLIC_PROFILE: dict[str, Any] = {
    "id": USER["id"],
    "first_name": "Ada",
    "last_name": "Lovelace",
    "avatar": None,
    "created_at": USER["created_at"],
}

ACTIVITY: dict[str, Any] = {
    "id": "0198f3a2-e1b4-7d55-b0aa-0c5d2f7e9a10",
    "action": "product.viewed",
    "target": "product 0198f3a2-aa01-7c02-9f3e-3b8d4c1f6e55",
    "address": "203.0.113.7",
    "user_agent": "Mozilla/5.0",
    "time": "2025-03-01T09:32:10Z",
}
TOTP = {
    "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "otpauth_url": (
        "otpauth://totp/Tradepost%3A%20ada%40example.com"
        "?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30&issuer=Tradepost"
    ),
}
