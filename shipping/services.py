"""Choosing a shipping method."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from core.compiled import CompiledQuery
from core.errors import InvalidInput
from shipping import selectors
from shipping.selectors import ShippingOption


class ShippingUnavailable(InvalidInput):
    """The method does not exist, does not reach the address, or does not take such goods."""

    code = "shipping_unavailable"
    title = "This shipping method is not available for this order."

    def __init__(self) -> None:
        super().__init__(pointer="#/shipping_method")


class CountryNotServed(InvalidInput):
    """Nothing is delivered to the country."""

    code = "country_not_served"
    title = "We do not deliver to this country."

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


@dataclass(frozen=True, slots=True)
class Goods:
    """What is to be sent: what it costs in ``currency``, and what it weighs."""

    currency: str
    subtotal: Decimal
    weight_grams: int


def quote_method(
    *, method_id: UUID, country: str, goods: Goods, postal_code: str = ""
) -> ShippingOption:
    """Return the chosen method with its price for these goods; one query when it is available.

    Raises CountryNotServed or ShippingUnavailable.
    """
    code = selectors.normalised_postal_code(postal_code)
    methods = _CHOSEN_METHOD.all(country, goods.currency, code, method_id)
    options = selectors.options_among(
        methods, subtotal=goods.subtotal, weight_grams=goods.weight_grams
    )
    if options:
        return options[0]
    raise ShippingUnavailable if selectors.delivers_to(country) else CountryNotServed


def options_to(*, country: str, goods: Goods, postal_code: str = "") -> list[ShippingOption]:
    """Return how goods can be sent to an address, each way with its price; one query."""
    methods = selectors.methods_to(
        country=country,
        currency=goods.currency,
        postal_code=selectors.normalised_postal_code(postal_code),
    )
    return selectors.options_among(
        methods, subtotal=goods.subtotal, weight_grams=goods.weight_grams
    )
