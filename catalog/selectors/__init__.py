"""Reads of the catalog that other apps and the API share."""

from catalog.selectors.products import listed_products
from catalog.selectors.variants import (
    purchasable_variants,
    units_available,
)
from catalog.selectors.versions import catalog_version

__all__ = [
    "catalog_version",
    "listed_products",
    "purchasable_variants",
    "units_available",
]
