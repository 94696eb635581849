"""Examples for OpenAPI."""

from typing import Any

CATEGORY_LINK = {
    "id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a61",
    "name": "Science fiction",
    "slug": "science-fiction",
}
BRAND_LINK = {
    "id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a62",
    "name": "Gollancz",
    "slug": "gollancz",
}
VENDOR_LINK = {
    "id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a6f",
    "name": "Lindqvist Antiquarian",
    "slug": "lindqvist-antiquarian",
}
CATEGORY = {
    **CATEGORY_LINK,
    "parent": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a60",
    "level": 1,
    "path": [
        {
            "id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a60",
            "name": "Fiction",
            "slug": "fiction",
        },
        CATEGORY_LINK,
    ],
    "image": None,
    "description": "",
    "product_count": 128,
}
BRAND = {**BRAND_LINK, "description": "Founded in London in 1927."}
IMAGE = {
    "id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a63",
    "url": "https://shop.example/media/products/5f0c.jpg",
    "thumbnails": {
        "small": "https://shop.example/media/products/small/71ab.jpg",
        "medium": "https://shop.example/media/products/medium/0d3e.jpg",
        "large": "https://shop.example/media/products/large/9c42.jpg",
    },
    "alt": "The cover: two machines on a hill",
    "position": 0,
}
VARIANT = {
    "id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a64",
    "sku": "WOTW-PB",
    "name": "Paperback",
    "options": {"format": "paperback"},
    "price": "9.90",
    "compare_at_price": None,
    "currency": "USD",
    "in_stock": True,
    "stock_quantity": 12,
    "barcode": "9780141441030",
    "weight_grams": 240,
    "is_digital": False,
}
PAGED_VARIANT = {**VARIANT, "lowest_price_30_days": None}
SUMMARY: dict[str, Any] = {
    "id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a65",
    "name": "The War of the Worlds",
    "slug": "the-war-of-the-worlds",
    "category": CATEGORY_LINK,
    "brand": BRAND_LINK,
    "vendor": VENDOR_LINK,
    "price": "9.90",
    "compare_at_price": None,
    "currency": "USD",
    "is_active": True,
    "is_featured": False,
    "in_stock": True,
    "stock_quantity": 12,
    "rating_average": 4.5,
    "review_count": 2,
    "images": [IMAGE],
    "attributes": {"authors": ["H. G. Wells"], "year": 1898},
    "created_at": "2026-01-31T09:15:00.123456Z",
    "updated_at": "2026-01-31T09:15:00.123456Z",
}
PRODUCT = {
    **SUMMARY,
    "description": "They came from Mars.",
    "lowest_price_30_days": None,
    "publish_at": None,
    "unpublish_at": None,
    "variants": [PAGED_VARIANT],
}
PRODUCT_PAGE = [SUMMARY]
NEW_PRODUCT = {
    "name": "The War of the Worlds",
    "category": "science-fiction",
    "brand": "gollancz",
    "price": "9.90",
    "sku": "WOTW-PB",
    "attributes": {"authors": ["H. G. Wells"], "year": 1898},
}
SUGGESTIONS = {"products": [CATEGORY_LINK], "categories": [CATEGORY_LINK], "brands": [BRAND_LINK]}
FACETS = {
    "category": [{**CATEGORY_LINK, "parent": None, "level": 0, "count": 42}],
    "brand": [{**BRAND_LINK, "count": 7}],
    "price": [{"min": "5.00", "max": "9.99", "currency": "USD", "count": 12}],
    "attributes": [
        {
            "name": "authors",
            "label": "Authors",
            "types": ["text"],
            "values": [{"value": "H. G. Wells", "count": 3}],
        }
    ],
    "options": [{"name": "format", "values": [{"value": "Hardcover", "count": 2}]}],
    "approximate": False,
}
ATTRIBUTE = {
    "id": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a66",
    "category": CATEGORY_LINK,
    "name": "pages",
    "label": "Pages",
    "type": "number",
    "choices": [],
    "is_filterable": True,
    "position": 0,
}
