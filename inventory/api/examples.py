from typing import Any, Final

_LINKS: Final = {"next": None, "previous": None}

LOCATION: Final[dict[str, Any]] = {
    "id": "0198f3a2-9d10-7b52-8a6e-2f1c5d7e9b30",
    "name": "Main warehouse",
    "code": "main",
    "kind": "warehouse",
    "country": "DE",
    "priority": 10,
    "is_active": True,
    "created_at": "2026-01-05T09:30:00Z",
    "updated_at": "2026-01-05T09:30:00Z",
}
LOCATION_PAGE: Final = {**_LINKS, "count": 1, "results": [LOCATION]}
NEW_LOCATION: Final = {"name": "Main warehouse", "code": "main", "country": "DE", "priority": 10}

LEVEL: Final[dict[str, Any]] = {
    "id": "0198f3a2-aa01-7c11-9d3e-5b7f1e2c4d68",
    "variant": "0198f3a2-b4c2-7d20-8e4f-6c8a2f3d5e79",
    "sku": "WOTW-PB",
    "product": "0198f3a2-b4c1-7a90-9c2d-4a6b8c0d1e2f",
    "product_name": "The War of the Worlds",
    "location": LOCATION["id"],
    "location_code": "main",
    "on_hand": 12,
    "reserved": 2,
    "available": 10,
    "reorder_point": 4,
    "is_low": False,
    "updated_at": "2026-02-11T14:05:00Z",
}
LEVEL_PAGE: Final = {**_LINKS, "count": 1, "results": [LEVEL]}
ADJUSTMENT: Final = {
    "variant": LEVEL["variant"],
    "location": LOCATION["id"],
    "delta": 5,
    "reason": "received",
}

MOVEMENT_PAGE: Final = {
    **_LINKS,
    "count": 1,
    "results": [
        {
            "id": "0198f3a2-c7d3-7e31-8f50-7d9b3a4e6f8a",
            "variant": LEVEL["variant"],
            "sku": "WOTW-PB",
            "location": LOCATION["id"],
            "location_code": "main",
            "delta": 5,
            "reason": "received",
            "reference": "",
            "note": "Invoice 1017",
            "actor": "catalog@example.com",
            "created_at": "2026-02-11T14:05:00Z",
        }
    ],
}
