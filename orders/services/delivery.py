"""How an order is sent, and where it is taxed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from cart.basket import Basket, Place
from core.errors import InvalidInput
from shipping import selectors as shipping_selectors
from shipping import services as shipping_services
from shipping.selectors import ShippingOption
from shipping.services import QUOTE_METHOD_ERRORS


class ShippingNeeded(InvalidInput):
    """Goods that travel need an address and a method."""

    code = "required"
    title = "Goods that are sent need this."
    at = "#/shipping_address"


CHOOSE_SHIPPING_ERRORS: Final = (ShippingNeeded, *QUOTE_METHOD_ERRORS)


def choose_shipping(
    *, basket: Basket, method_id: UUID | None, address: Mapping[str, str] | None
) -> ShippingOption | None:
    """Return the chosen method with its price for the basket; None when nothing travels.

    One query; two for what is fetched, which needs no address.
    """
    if not basket.is_shipped:
        return None
    country = (address or {}).get("country", "")
    if not country and method_id:
        country = shipping_selectors.pickup_country(method_id)
    if not country:
        raise ShippingNeeded(pointer="#/shipping_address")
    if method_id is None:
        raise ShippingNeeded(pointer="#/shipping_method")
    return shipping_services.quote_method(
        method_id=method_id,
        country=country,
        postal_code=(address or {}).get("postal_code", ""),
        currency=basket.currency,
        subtotal=basket.subtotal,
        weight_grams=basket.weight_grams,
    )


def taxed_at(
    *, addresses: Sequence[Mapping[str, str] | None], option: ShippingOption | None
) -> Place | None:
    """Return where an order is taxed: at the first address there is, else where it is fetched."""
    address = next((known for known in addresses if known), None)
    if address and address.get("country"):
        return Place(address["country"], address.get("region", ""), address.get("postal_code", ""))
    location = option.method.pickup_location if option and not address else None
    return Place(str(location.country)) if location else None
