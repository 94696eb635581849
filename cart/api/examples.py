from typing import Any, Final

VARIANT_ID: Final = "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a61"
GUEST_CART: Final = "Yc1yzYQ3vJwJmE4v0Q0xW9hJr7l5x2mZb8u1nT6kQeA"

_LINE: Final[dict[str, Any]] = {
    "product": {
        "id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a60",
        "name": "Pride and Prejudice",
        "slug": "pride-and-prejudice",
        "image": "https://shop.example.com/media/products/pride-and-prejudice.jpg",
    },
    "variant": {
        "id": VARIANT_ID,
        "sku": "AUSTEN-PP-PB",
        "name": "Paperback",
        "options": {"format": "paperback"},
    },
    "quantity": 2,
    "unit_price": "9.90",
    "line_total": "19.80",
    "available": 14,
}
_TOTALS: Final[dict[str, Any]] = {
    "coupons": [],
    "discounts": [],
    "subtotal": "19.80",
    "discount_total": "0.00",
    "shipping_total": None,
    "tax_total": None,
    "total": "19.80",
    "item_count": 2,
}
CART: Final[dict[str, Any]] = {
    "id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a62",
    "token": GUEST_CART,
    "currency": "USD",
    "items": [{"id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a63", "price_changed": False, **_LINE}],
    **_TOTALS,
    "updated_at": "2026-03-01T10:00:00Z",
}
CART_WITH_COUPON: Final[dict[str, Any]] = {
    **CART,
    "coupons": ["WELCOME10"],
    "discounts": [
        {
            "code": "WELCOME10",
            "name": "10 % off your first order",
            "kind": "percentage",
            "amount": "1.98",
            "problem": None,
        }
    ],
    "discount_total": "1.98",
    "total": "17.82",
}
MERGED_CART: Final[dict[str, Any]] = {
    **CART,
    "token": None,
    "shortfalls": [{"variant": VARIANT_ID, "requested": 5, "quantity": 2}],
}
QUOTE: Final[dict[str, Any]] = {
    "currency": "USD",
    "items": [_LINE],
    **_TOTALS,
    "shipping_total": "4.90",
    "tax_total": "1.39",
    "total": "26.09",
}
SAVED_ITEMS: Final[dict[str, Any]] = {
    "count": 1,
    "next": None,
    "previous": None,
    "results": [
        {
            "id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a65",
            **_LINE,
            "price_changed": False,
            "currency": "USD",
        }
    ],
}
SHIPPING_METHODS: Final[dict[str, Any]] = {
    "count": 1,
    "next": None,
    "previous": None,
    "results": [
        {
            "id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a64",
            "name": "Standard",
            "price": "4.90",
            "currency": "USD",
            "pickup_location": None,
            "minimum_days": 2,
            "maximum_days": 4,
        }
    ],
}
