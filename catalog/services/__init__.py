"""Writes to the catalog: the only place that changes its tables."""

from catalog.services.attributes import change_attribute, define_attribute, forget_attribute
from catalog.services.brands import create_brand, delete_brand, lock_brand, update_brand
from catalog.services.bulk import edit_products
from catalog.services.categories import (
    create_category,
    default_category,
    delete_category,
    lock_category,
    move_category,
    restore_category,
    update_category,
)
from catalog.services.images import add_images, change_image, delete_image, lock_image
from catalog.services.products import (
    create_product,
    delete_product,
    restore_product,
    set_active,
    update_product,
)
from catalog.services.sales import forget_sales, note_sales
from catalog.services.variants import add_variant, change_variant, delete_variant, lock_product
from catalog.services.vendors import (
    create_vendor,
    delete_vendor,
    forget_seller,
    settle_for_seller,
    update_vendor,
)

__all__ = [
    "add_images",
    "add_variant",
    "change_attribute",
    "change_image",
    "change_variant",
    "create_brand",
    "create_category",
    "create_product",
    "create_vendor",
    "default_category",
    "define_attribute",
    "delete_brand",
    "delete_category",
    "delete_image",
    "delete_product",
    "delete_variant",
    "delete_vendor",
    "edit_products",
    "forget_attribute",
    "forget_sales",
    "forget_seller",
    "lock_brand",
    "lock_category",
    "lock_image",
    "lock_product",
    "move_category",
    "note_sales",
    "restore_category",
    "restore_product",
    "set_active",
    "settle_for_seller",
    "update_brand",
    "update_category",
    "update_product",
    "update_vendor",
]
