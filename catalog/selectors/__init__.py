"""Reads of the catalog that other apps share."""

from catalog.selectors.variants import purchasable_variants

__all__ = ["purchasable_variants"]
