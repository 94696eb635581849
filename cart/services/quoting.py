"""What a cart that is kept by the client would cost; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from accounts.models import User
from cart import selectors
from cart.selectors import NO_TAX, CartLine, CouponWorth, Owner
from cart.services.choosing import RequestedItem, choose_variants
from cart.services.items import CurrencyMismatch
from core.errors import InvalidInput
from core.models import new_id
from pricing import selectors as pricing_selectors
from pricing.coupons import Offer, discounts_of, normalised
from pricing.totals import ShippingCharge, Totals
from shipping import selectors as shipping_selectors
from shipping import services as shipping_services
from shipping.selectors import ShippingOption
from shipping.services import CountryNotServed, Goods


class CountryNeeded(InvalidInput):
    """A shipping method was chosen, but not where to."""

    code = "required"
    title = "Say which country to ship to."


@dataclass(frozen=True)
class QuoteRequest:
    """What is wanted, and, as far as it is known, by whom, where to and how it is to be sent."""

    items: Sequence[RequestedItem]
    coupons: Sequence[str] = ()
    customer: User | None = None
    country: str = ""
    region: str = ""
    postal_code: str = ""
    shipping_method_id: UUID | None = None


@dataclass(frozen=True)
class Quote:
    """Lines and totals; tax is known with a country, delivery with a method."""

    currency: str
    lines: Sequence[CartLine]
    totals: Totals
    is_tax_known: bool
    is_shipping_known: bool
    offers: Sequence[Offer] = ()

    @property
    def item_count(self) -> int:
        """How many units are wanted."""
        return sum(line.quantity for line in self.lines)

    @property
    def shipping_total(self) -> Decimal | None:
        """What delivery costs, once a method is chosen."""
        return self.totals.shipping_total if self.is_shipping_known else None

    @property
    def tax_total(self) -> Decimal | None:
        """The tax, once the country is known."""
        return self.totals.tax_total if self.is_tax_known else None

    @property
    def coupons(self) -> list[str]:
        """The codes that were applied."""
        return [offer.code for offer in self.offers]

    @property
    def discounts(self) -> list[CouponWorth]:
        """What each code is worth."""
        return selectors.worth_of(self.offers, self.totals)


def quote(*, request: QuoteRequest) -> Quote:
    """Return what the request would cost now: at most six queries.

    Raises UnknownItem, CurrencyMismatch, CountryNeeded, CountryNotServed, ShippingUnavailable,
    UnknownCoupon, CouponRefused.
    """
    lines = _lines(request)
    currency = currency_of(lines=lines)
    tax = NO_TAX
    if request.country:
        tax = pricing_selectors.tax_table(country=request.country, region=request.region)
    shipping = _shipping(request, lines, currency)
    offers = _offers(request, lines, currency)
    return Quote(
        currency=currency,
        lines=lines,
        totals=selectors.totals_of(
            lines,
            currency=currency,
            tax=tax,
            shipping=shipping,
            discounts=discounts_of(offers),
        ),
        offers=offers,
        is_tax_known=bool(request.country),
        is_shipping_known=shipping is not None,
    )


def currency_of(*, lines: Sequence[CartLine]) -> str:
    """Return the one currency of ``lines``. Raises CurrencyMismatch when there are several."""
    currencies = sorted({line.variant.currency for line in lines})
    if len(currencies) > 1:
        raise CurrencyMismatch(f"These articles are priced in {' and '.join(currencies)}.")
    return currencies[0] if currencies else settings.CURRENCY


def _lines(request: QuoteRequest) -> list[CartLine]:
    choices = choose_variants(items=request.items)
    terms = selectors.terms_of([choice.variant for choice in choices], customer=request.customer)
    return [
        CartLine(
            id=new_id(),
            variant=choice.variant,
            quantity=choice.quantity,
            available=terms[choice.variant.id][0],
            price_seen=choice.variant.price,
            breaks=terms[choice.variant.id][1],
        )
        for choice in choices
    ]


def _offers(request: QuoteRequest, lines: Sequence[CartLine], currency: str) -> list[Offer]:
    codes = [normalised(code) for code in request.coupons]
    offers = selectors.offers_for(
        lines, codes=list(dict.fromkeys(codes)), currency=currency, customer=request.customer
    )
    refuse_problems(offers=offers, codes=codes)
    return offers


def refuse_problems(*, offers: Sequence[Offer], codes: Sequence[str]) -> None:
    """Raise the first problem, pointing at its place among the ``codes`` of a request's body."""
    for offer in offers:
        if offer.problem:
            if offer.code in codes:
                offer.problem.pointer = f"#/coupons/{codes.index(offer.code)}"
            raise offer.problem


def _shipping(
    request: QuoteRequest, lines: Sequence[CartLine], currency: str
) -> ShippingCharge | None:
    is_shipped = any(not line.variant.is_digital for line in lines)
    if request.shipping_method_id is None or not is_shipped:
        return None
    if not request.country:
        raise CountryNeeded(pointer="#/country")
    try:
        option = shipping_services.quote_method(
            method_id=request.shipping_method_id,
            country=request.country,
            postal_code=request.postal_code,
            goods=Goods(
                currency,
                selectors.totals_of(lines, currency=currency).subtotal,
                selectors.weight_of(lines),
            ),
        )
    except CountryNotServed as error:
        error.pointer = "#/country"
        raise
    return ShippingCharge(option.price, option.method.tax_class)


def delivery_options(*, owner: Owner, country: str, postal_code: str = "") -> list[ShippingOption]:
    """Return how the owner's cart can be sent to an address: at most five queries.

    Nothing for digital goods alone. Raises CountryNotServed.
    """
    priced = selectors.priced_cart_of(owner=owner)
    options = shipping_services.options_to(
        country=country,
        postal_code=postal_code,
        goods=Goods(priced.currency, priced.totals.subtotal, selectors.weight_of(priced.lines)),
    )
    if not options and not shipping_selectors.delivers_to(country):
        error = CountryNotServed()
        error.pointer = "#/country"
        raise error
    is_digital_only = priced.lines and all(line.variant.is_digital for line in priced.lines)
    return [] if is_digital_only else options
