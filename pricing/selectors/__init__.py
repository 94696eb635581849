"""Reads over what decides on prices: price lists, tax rates and coupons."""

from pricing.selectors.coupons import offers_for, offers_of_order
from pricing.selectors.prices import breaks_for, breaks_of, breaks_sql
from pricing.selectors.tax import tax_table

__all__ = [
    "breaks_for",
    "breaks_of",
    "breaks_sql",
    "offers_for",
    "offers_of_order",
    "tax_table",
]
