"""What the shop offers: categories, brands, vendors, products, their variants and pictures."""

from catalog.models.affinities import ProductAffinity
from catalog.models.attributes import AttributeDefinition, AttributeType
from catalog.models.former import FormerSlug
from catalog.models.prices import PriceChange
from catalog.models.products import (
    LISTED,
    ImageDownload,
    Product,
    ProductImage,
    ProductVariant,
    TaxClass,
)
from catalog.models.tree import Brand, Category
from catalog.models.vendors import Vendor

__all__ = [
    "LISTED",
    "AttributeDefinition",
    "AttributeType",
    "Brand",
    "Category",
    "FormerSlug",
    "ImageDownload",
    "PriceChange",
    "Product",
    "ProductAffinity",
    "ProductImage",
    "ProductVariant",
    "TaxClass",
    "Vendor",
]
