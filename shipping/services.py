"""Choosing a shipping method."""

from __future__ import annotations

from decimal import Decimal
from typing import Final
from uuid import UUID

from core.compiled import CompiledQuery
from core.errors import InvalidInput
from shipping import selectors
from shipping.selectors import ShippingOption


class ShippingUnavailable(InvalidInput):
    """The method does not exist, does not reach the address, or does not take such goods."""

    code = "shipping_unavailable"
    title = "This shipping method is not available for this order."
    at = "#/shipping_method"

    def __init__(self) -> None:
        super().__init__(pointer="#/shipping_method")


class CountryNotServed(InvalidInput):
    """Nothing is delivered to the country."""

    code = "country_not_served"
    title = "We do not deliver to this country."
    at = "#/shipping_address/country"

    def __init__(self) -> None:
        super().__init__(pointer="#/shipping_address/country")


_CHOSEN_METHOD = CompiledQuery(
    lambda country, currency, postal_code, method_id: selectors.methods_to(
        country=country, currency=currency, postal_code=postal_code
    ).filter(pk=method_id),
    str,
    str,
    str,
    UUID,
)


QUOTE_METHOD_ERRORS: Final = (CountryNotServed, ShippingUnavailable)


def quote_method(
    *,
    method_id: UUID,
    country: str,
    currency: str,
    subtotal: Decimal,
    weight_grams: int,
    postal_code: str = "",
) -> ShippingOption:
    """Return the chosen method with its price for goods that cost ``subtotal`` in ``currency``.

    One query when it is available.
    """
    code = selectors.comparable_postal_code(country, postal_code)
    methods = _CHOSEN_METHOD.all(country, currency, code, method_id)
    options = selectors.options_among(methods, subtotal=subtotal, weight_grams=weight_grams)
    if options:
        return options[0]
    raise ShippingUnavailable if selectors.delivers_to(country) else CountryNotServed


def options_to(
    *, country: str, currency: str, subtotal: Decimal, weight_grams: int, postal_code: str = ""
) -> list[ShippingOption]:
    """Return how such goods can be sent to an address, each way with its price: one query."""
    code = selectors.comparable_postal_code(country, postal_code)
    methods = selectors.methods_to(country=country, currency=currency, postal_code=code)
    return selectors.options_among(methods, subtotal=subtotal, weight_grams=weight_grams)
