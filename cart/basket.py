"""The one basket: what someone wants to buy, at their prices, and what it costs.

The cart, a quote, a new order and the change of an order each make a ``Basket`` and ask it for
its ``totals``, so that whatever lowers a price enters here; ``pricing.totals`` does the sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.conf import settings

from cart.models import MAXIMUM_QUANTITY, Cart
from catalog.models import ProductVariant
from core.errors import DomainError
from core.money import quantize
from pricing import selectors as pricing_selectors
from pricing.coupons import Buyer, Offer, discounts_of
from pricing.totals import (
    PriceBreak,
    PricedLine,
    ShippingCharge,
    TaxTable,
    Totals,
    compute_totals,
    unit_price_of,
)
from shipping.selectors import ShippingOption

NO_TAX: Final = TaxTable(rates={}, is_inclusive=False)


class CurrencyMismatch(DomainError):
    code = "currency_mismatch"
    title = "A cart holds prices of one currency only."


@dataclass(frozen=True)
class Place:
    """Where goods go, by which they are taxed; ``country`` is an ISO 3166-1 alpha-2 code."""

    country: str
    region: str = ""
    postal_code: str = ""


@dataclass(frozen=True)
class BasketLine:
    """Units of a variant, loaded with its product; amounts are in the variant's currency.

    ``breaks`` are the price breaks that the buyer enjoys, ``units`` what the stock could give.
    ``agreed_price`` is what a unit of an order's line costs, whatever it would cost by now.
    ``price_seen`` is what the customer saw last; ``image`` is the path of the product's first
    picture.
    """

    id: UUID
    variant: ProductVariant
    quantity: int
    breaks: Sequence[PriceBreak] = ()
    units: int = 0
    agreed_price: Decimal | None = None
    price_seen: Decimal | None = None
    image: str | None = None

    @property
    def unit_price(self) -> Decimal:
        """What a unit costs for this buyer and quantity, before discounts and tax."""
        price = self.agreed_price
        if price is None:
            price = unit_price_of(self.quantity, price=self.variant.price, breaks=self.breaks)
        return quantize(price, self.variant.currency)

    @property
    def line_total(self) -> Decimal:
        return self.unit_price * self.quantity

    @property
    def price_changed(self) -> bool:
        """Whether a unit costs something else than the customer saw last."""
        seen = self.unit_price if self.price_seen is None else self.price_seen
        return self.unit_price != quantize(seen, self.variant.currency)

    @property
    def is_for_sale(self) -> bool:
        return is_for_sale(self.variant)

    @property
    def available(self) -> int:
        """How many units could be bought now: none of what is not for sale any more."""
        if not self.is_for_sale:
            return 0
        return MAXIMUM_QUANTITY if self.variant.is_digital else self.units


def is_for_sale(variant: ProductVariant) -> bool:
    """Tell whether a variant, loaded with its product, can be bought as far as stock allows."""
    product = variant.product
    return variant.deleted_at is None and product.deleted_at is None and product.is_active


@dataclass(frozen=True)
class Basket:
    """Lines in one currency, and what coupons give for them."""

    lines: Sequence[BasketLine]
    currency: str
    offers: Sequence[Offer] = ()

    @property
    def item_count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def subtotal(self) -> Decimal:
        return quantize(sum((line.line_total for line in self.lines), Decimal(0)), self.currency)

    @property
    def is_shipped(self) -> bool:
        """Whether anything in it must be sent or fetched."""
        return any(not line.variant.is_digital for line in self.lines)

    @property
    def weight_grams(self) -> int:
        """What must be sent or fetched weighs together."""
        return sum(
            line.quantity * line.variant.weight_grams
            for line in self.lines
            if not line.variant.is_digital
        )

    @property
    def priced_lines(self) -> list[PricedLine]:
        """Its lines as coupons and totals see them, keyed by their variants."""
        return [
            PricedLine(
                key=line.variant.pk,
                unit_price=line.unit_price,
                quantity=line.quantity,
                tax_class=line.variant.product.tax_class,
                product_id=line.variant.product_id,
            )
            for line in self.lines
        ]

    def with_coupons(self, codes: Sequence[str], *, buyer: Buyer, now: datetime) -> Basket:
        """Return the basket with what each code gives for it, or why it gives nothing.

        One query, none without codes.
        """
        offers = pricing_selectors.offers_for(
            codes, lines=self.priced_lines, currency=self.currency, buyer=buyer, now=now
        )
        return replace(self, offers=offers)

    def totals(self, *, place: Place | None = None, option: ShippingOption | None = None) -> Totals:
        """Return what the basket costs, taxed at a place and sent in a chosen way.

        Without a place there is no tax yet; with one it is one query.
        """
        tax = NO_TAX
        if place:
            tax = pricing_selectors.tax_table(
                country=place.country, region=place.region, postal_code=place.postal_code
            )
        return compute_totals(
            lines=self.priced_lines,
            currency=self.currency,
            tax=tax,
            shipping=ShippingCharge(option.price, option.method.tax_class) if option else None,
            discounts=discounts_of(self.offers),
        )


def basket_of(lines: Sequence[BasketLine]) -> Basket:
    """Return a basket of these lines. Raises CurrencyMismatch."""
    currencies = sorted({line.variant.currency for line in lines})
    if len(currencies) > 1:
        raise CurrencyMismatch(f"These articles are priced in {' and '.join(currencies)}.")
    return Basket(lines=lines, currency=currencies[0] if currencies else settings.CURRENCY)


@dataclass(frozen=True, slots=True)
class CouponDiscount:
    """A code, and what it takes off: nothing while there is a problem with it."""

    offer: Offer
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Quote:
    """What a basket costs; tax is known with a place, shipping with a chosen method."""

    basket: Basket
    totals: Totals
    is_tax_known: bool = False
    is_shipping_known: bool = False

    @property
    def currency(self) -> str:
        return self.basket.currency

    @property
    def shipping_total(self) -> Decimal | None:
        return self.totals.shipping_total if self.is_shipping_known else None

    @property
    def tax_total(self) -> Decimal | None:
        return self.totals.tax_total if self.is_tax_known else None

    @property
    def coupons(self) -> list[str]:
        return [offer.code for offer in self.basket.offers if offer.discount]

    @property
    def discounts(self) -> list[CouponDiscount]:
        """Every code with what it takes off."""
        amounts = iter(self.totals.discounts)
        return [
            CouponDiscount(offer, next(amounts) if offer.discount else Decimal(0), self.currency)
            for offer in self.basket.offers
        ]


@dataclass(frozen=True)
class PricedCart(Quote):
    """A cart at present prices; ``cart`` is None while nothing was ever put in."""

    cart: Cart | None = None
    token: str = ""

    @property
    def id(self) -> UUID | None:
        return self.cart.id if self.cart else None

    @property
    def updated_at(self) -> datetime | None:
        return self.cart.updated_at if self.cart else None
