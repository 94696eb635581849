"""What an order costs: one pure function for cart, quote, checkout and sales in a shop.

It knows no database. Amounts are in one currency and leave it at that currency's minor digits.
Every line is rounded once, and every total is a sum of lines, so that what a customer adds up
by hand is what they pay::

    total = subtotal - discount_total + shipping_total + (0 if prices include tax, else tax_total)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from core.money import allocate, quantize

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PriceBreak:
    """What a unit costs for whoever takes ``minimum_quantity`` or more."""

    minimum_quantity: int
    price: Decimal


def unit_price_of(quantity: int, *, price: Decimal, breaks: Sequence[PriceBreak]) -> Decimal:
    """Return what each of ``quantity`` units costs: the lowest price that this many reach.

    It never rises with the quantity, and is never above ``price``, the catalog's.
    """
    reached = (
        price_break.price for price_break in breaks if price_break.minimum_quantity <= quantity
    )
    return min([price, *reached])


@dataclass(frozen=True, slots=True)
class PricedLine:
    """So many units of something at a price; ``key`` finds it again in the answer.

    By its product a coupon knows whether it is for the line.
    """

    key: UUID
    unit_price: Decimal
    quantity: int
    tax_class: str
    product_id: UUID | None = None

    @property
    def price(self) -> Decimal:
        """What the units cost together, before discounts and tax."""
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class ShippingCharge:
    """What delivery costs, and how that is taxed."""

    price: Decimal
    tax_class: str


@dataclass(frozen=True, slots=True)
class FixedDiscount:
    """So much money off the goods, at most what they cost; ``keys``: off these lines only."""

    amount: Decimal
    keys: frozenset[UUID] | None = None


@dataclass(frozen=True, slots=True)
class PercentageDiscount:
    """A share of the goods' price off: 0.10 is 10 %; ``keys``: off these lines only."""

    rate: Decimal
    keys: frozenset[UUID] | None = None


@dataclass(frozen=True, slots=True)
class FreeShipping:
    pass


Discount = FixedDiscount | PercentageDiscount | FreeShipping


@dataclass(frozen=True, slots=True)
class TaxTable:
    """The tax rates of one place by tax class, as fractions; ``is_inclusive``: prices contain them.

    A class without a rate is not taxed.
    """

    rates: Mapping[str, Decimal]
    is_inclusive: bool

    def rate_of(self, tax_class: str) -> Decimal:
        return self.rates.get(tax_class, ZERO)

    def tax_in(self, amount: Decimal, tax_class: str, currency: str) -> Decimal:
        """Return the tax contained in ``amount``, or due on top of it, rounded."""
        rate = self.rate_of(tax_class)
        return quantize(amount * rate / (1 + rate if self.is_inclusive else 1), currency)


@dataclass(frozen=True, slots=True)
class LineTotals:
    """A line with its share of the discounts and its tax; ``total`` is what it costs in the end."""

    key: UUID
    unit_price: Decimal
    quantity: int
    discount: Decimal
    tax_rate: Decimal
    tax_amount: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """What an order costs, with its lines in the order they were given.

    ``discounts`` says what each discount took off, in the order they were given; what free
    shipping took off is not part of ``discount_total``, since ``shipping_total`` lacks it.
    """

    currency: str
    lines: tuple[LineTotals, ...]
    subtotal: Decimal
    discount_total: Decimal
    shipping_total: Decimal
    shipping_tax_rate: Decimal
    shipping_tax_amount: Decimal
    tax_total: Decimal
    total: Decimal
    prices_include_tax: bool
    discounts: tuple[Decimal, ...] = ()


def compute_totals(
    *,
    lines: Sequence[PricedLine],
    currency: str,
    tax: TaxTable,
    shipping: ShippingCharge | None = None,
    discounts: Sequence[Discount] = (),
) -> Totals:
    """Return what ``lines`` cost together, with discounts, delivery and tax.

    Unit prices are rounded to the currency before they are multiplied. Discounts apply one
    after another to what is left of the price of the goods they are for, and are spread over
    these in proportion to it. The order of the lines changes nothing.
    """
    unit_prices = {line.key: quantize(line.unit_price, currency) for line in lines}
    prices = {line.key: unit_prices[line.key] * line.quantity for line in lines}
    charge = shipping or ShippingCharge(ZERO, "")
    left, amounts = _take_off(prices, discounts, currency)
    free = [place for place, given in enumerate(discounts) if isinstance(given, FreeShipping)]
    if free:
        amounts[free[0]] = quantize(charge.price, currency)
        charge = ShippingCharge(ZERO, charge.tax_class)
    priced = []
    for line in lines:
        net = left[line.key]
        tax_amount = tax.tax_in(net, line.tax_class, currency)
        priced.append(
            LineTotals(
                key=line.key,
                unit_price=unit_prices[line.key],
                quantity=line.quantity,
                discount=prices[line.key] - net,
                tax_rate=tax.rate_of(line.tax_class),
                tax_amount=tax_amount,
                total=net if tax.is_inclusive else net + tax_amount,
            )
        )
    return replace(_add_up(tuple(priced), charge, tax, currency), discounts=tuple(amounts))


def _take_off(
    prices: Mapping[UUID, Decimal], discounts: Sequence[Discount], currency: str
) -> tuple[dict[UUID, Decimal], list[Decimal]]:
    """Return what the discounts leave of each line's price, and how much each of them took.

    A discount takes at most the price of the goods it is for. Lines are gone through by their
    keys, so that their order does not matter.
    """
    left = {key: prices[key] for key in sorted(prices)}
    amounts = []
    for discount in discounts:
        if isinstance(discount, FreeShipping):
            amounts.append(ZERO)
            continue
        keys = [key for key in left if discount.keys is None or key in discount.keys]
        price = _sum(left[key] for key in keys)
        off = discount.amount if isinstance(discount, FixedDiscount) else price * discount.rate
        amount = min(max(quantize(off, currency), ZERO), price)
        parts = allocate(amount, [left[key] for key in keys], currency)
        for key, part in zip(keys, parts, strict=True):
            left[key] -= part
        amounts.append(amount)
    return left, amounts


def _add_up(
    lines: tuple[LineTotals, ...], shipping: ShippingCharge, tax: TaxTable, currency: str
) -> Totals:
    shipping_total = quantize(shipping.price, currency)
    shipping_tax = tax.tax_in(shipping_total, shipping.tax_class, currency)
    subtotal = _sum(line.unit_price * line.quantity for line in lines)
    discount_total = _sum(line.discount for line in lines)
    tax_total = _sum(line.tax_amount for line in lines) + shipping_tax
    added_tax = ZERO if tax.is_inclusive else tax_total
    return Totals(
        currency=currency,
        lines=lines,
        subtotal=quantize(subtotal, currency),
        discount_total=quantize(discount_total, currency),
        shipping_total=shipping_total,
        shipping_tax_rate=tax.rate_of(shipping.tax_class),
        shipping_tax_amount=shipping_tax,
        tax_total=quantize(tax_total, currency),
        total=quantize(subtotal - discount_total + shipping_total + added_tax, currency),
        prices_include_tax=tax.is_inclusive,
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
