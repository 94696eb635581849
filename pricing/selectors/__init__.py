"""Reads over what decides on prices: price lists, tax rates and coupons."""

from pricing.selectors.coupons import offers_for, offers_of_order, uses_of_buyer
from pricing.selectors.prices import breaks_of, price_breaks
from pricing.selectors.tax import tax_table

__all__ = [
    "breaks_of",
    "offers_for",
    "offers_of_order",
    "price_breaks",
    "tax_table",
    "uses_of_buyer",
]
