"""What a cart that is kept by the client would cost; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from cart import selectors
from cart.basket import CurrencyMismatch, Place, Quote, basket_of
from cart.selectors import Owner
from cart.services.choosing import CHOOSE_VARIANTS_ERRORS, RequestedItem, choose_variants
from core.errors import InvalidInput
from pricing.coupons import COUPON_ERRORS, Buyer, Offer, normalised
from shipping import selectors as shipping_selectors
from shipping import services as shipping_services
from shipping.selectors import ShippingOption
from shipping.services import QUOTE_METHOD_ERRORS, CountryNotServed


class CountryNeeded(InvalidInput):
    """A shipping method was chosen, but not where to."""

    code = "required"
    title = "Say which country to ship to."
    at = "#/country"


@dataclass(frozen=True)
class QuoteRequest:
    """What is asked for, and, as far as it is known, by whom, where to and how it is to be sent."""

    items: Sequence[RequestedItem]
    coupons: Sequence[str] = ()
    customer: User | None = None
    country: str = ""
    region: str = ""
    postal_code: str = ""
    shipping_method_id: UUID | None = None


QUOTE_ERRORS: Final = (
    *CHOOSE_VARIANTS_ERRORS,
    CurrencyMismatch,
    CountryNeeded,
    *QUOTE_METHOD_ERRORS,
    *COUPON_ERRORS,
)


def quote(*, request: QuoteRequest) -> Quote:
    """Return what the request would cost now: at most six queries."""
    lines = choose_variants(items=request.items)
    basket = basket_of(selectors.with_terms(lines, customer=request.customer))
    place = None
    if request.country:
        place = Place(request.country, request.region, request.postal_code)
    option = None
    if request.shipping_method_id and basket.is_shipped:
        if place is None:
            raise CountryNeeded(pointer="#/country")
        try:
            option = shipping_services.quote_method(
                method_id=request.shipping_method_id,
                country=place.country,
                postal_code=place.postal_code,
                currency=basket.currency,
                subtotal=basket.subtotal,
                weight_grams=basket.weight_grams,
            )
        except CountryNotServed as error:
            error.pointer = "#/country"
            raise
    codes = [normalised(code) for code in request.coupons]
    basket = basket.with_coupons(
        list(dict.fromkeys(codes)), buyer=Buyer(request.customer), now=timezone.now()
    )
    refuse_problems(offers=basket.offers, codes=codes)
    return Quote(
        basket,
        basket.totals(place=place, option=option),
        is_tax_known=place is not None,
        is_shipping_known=option is not None,
    )


def refuse_problems(*, offers: Sequence[Offer], codes: Sequence[str]) -> None:
    """Raise the first problem, pointing at its place among the ``codes`` of a request's body."""
    for offer in offers:
        if offer.problem:
            if offer.code in codes:
                offer.problem.pointer = f"#/coupons/{codes.index(offer.code)}"
            raise offer.problem


DELIVERY_OPTIONS_ERRORS: Final = (CountryNotServed,)


def delivery_options(*, owner: Owner, country: str, postal_code: str = "") -> list[ShippingOption]:
    """Return how the owner's cart can be sent to an address: at most five queries.

    Nothing for digital goods alone.
    """
    basket = selectors.priced_cart_of(owner=owner).basket
    options = shipping_services.options_to(
        country=country,
        postal_code=postal_code,
        currency=basket.currency,
        subtotal=basket.subtotal,
        weight_grams=basket.weight_grams,
    )
    if not options and not shipping_selectors.delivers_to(country):
        error = CountryNotServed()
        error.pointer = "#/country"
        raise error
    return options if basket.is_shipped or not basket.lines else []
