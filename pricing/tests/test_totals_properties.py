"""What holds of totals whatever is bought, in several currencies and ways of taxing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from core.money import minor_unit, quantize
from pricing.totals import (
    Discount,
    FixedDiscount,
    FreeShipping,
    PercentageDiscount,
    PriceBreak,
    PricedLine,
    ShippingCharge,
    TaxTable,
    Totals,
    compute_totals,
    unit_price_of,
)

unhurried = settings(deadline=None)  # the machine may be busy

CLASSES = ("standard", "reduced", "zero", "unknown")

currencies = st.sampled_from(["USD", "EUR", "JPY", "KWD"])
classes = st.sampled_from(CLASSES)
amounts = st.decimals(min_value=0, max_value=10**6, places=4)
shares = st.decimals(min_value=0, max_value=1, places=4)
taxes = st.builds(
    TaxTable,
    st.dictionaries(st.sampled_from(CLASSES[:3]), st.decimals(0, Decimal("0.5"), places=5)),
    is_inclusive=st.booleans(),
)
KEYS = [UUID(int=number) for number in range(16)]
reaches = st.none() | st.frozensets(st.sampled_from(KEYS))
coupons = (
    st.builds(FixedDiscount, amounts, reaches)
    | st.builds(PercentageDiscount, shares, reaches)
    | st.builds(FreeShipping)
)
discounts = st.lists(coupons, max_size=4)
shippings = st.none() | st.builds(ShippingCharge, amounts, classes)
lines = st.lists(
    st.builds(
        PricedLine,
        key=st.sampled_from(KEYS),
        unit_price=amounts,
        quantity=st.integers(1, 500),
        tax_class=classes,
    ),
    max_size=12,
    unique_by=lambda line: line.key,
)


@st.composite
def orders(draw: st.DrawFn) -> Totals:
    return compute_totals(
        lines=draw(lines),
        currency=draw(currencies),
        tax=draw(taxes),
        shipping=draw(shippings),
        discounts=draw(discounts),
    )


@unhurried
@given(orders())
def test_the_identity_holds(totals: Totals) -> None:
    added = Decimal(0) if totals.prices_include_tax else totals.tax_total

    assert totals.total == (totals.subtotal - totals.discount_total + totals.shipping_total + added)


@unhurried
@given(orders())
def test_lines_sum_to_the_totals(totals: Totals) -> None:
    taxed = sum((line.tax_amount for line in totals.lines), totals.shipping_tax_amount)
    shipping = totals.shipping_total + (
        0 if totals.prices_include_tax else totals.shipping_tax_amount
    )

    assert sum(line.unit_price * line.quantity for line in totals.lines) == totals.subtotal
    assert sum(line.discount for line in totals.lines) == totals.discount_total
    assert taxed == totals.tax_total
    assert sum((line.total for line in totals.lines), shipping) == totals.total


@unhurried
@given(lines, currencies, taxes, shippings, discounts)
def test_discounts_are_told_one_by_one(
    some: list[PricedLine],
    currency: str,
    tax: TaxTable,
    shipping: ShippingCharge | None,
    off: list[Discount],
) -> None:
    totals = compute_totals(
        lines=some, currency=currency, tax=tax, shipping=shipping, discounts=off
    )

    worth = list(zip(off, totals.discounts, strict=True))
    on_goods = [amount for one, amount in worth if not isinstance(one, FreeShipping)]
    on_delivery = [amount for one, amount in worth if isinstance(one, FreeShipping)]
    assert sum(on_goods) == totals.discount_total
    full = quantize(shipping.price, currency) if shipping else Decimal(0)
    assert totals.shipping_total + sum(on_delivery) == full
    assert min(totals.discounts, default=0) >= 0


@unhurried
@given(lines, currencies, st.builds(FixedDiscount, amounts, reaches))
def test_a_discount_touches_only_the_lines_it_is_for(
    some: list[PricedLine], currency: str, off: FixedDiscount
) -> None:
    totals = compute_totals(
        lines=some, currency=currency, tax=TaxTable({}, is_inclusive=False), discounts=[off]
    )

    spared = [line for line in totals.lines if off.keys is not None and line.key not in off.keys]
    assert not any(line.discount for line in spared)


@unhurried
@given(orders())
def test_nothing_is_negative(totals: Totals) -> None:
    figures = [totals.subtotal, totals.discount_total, totals.tax_total, totals.total]
    for line in totals.lines:
        figures += [line.discount, line.tax_amount, line.total]
        assert line.discount <= line.unit_price * line.quantity

    assert min(figures) >= 0


@unhurried
@given(orders())
def test_every_figure_is_at_the_currencys_minor_digits(totals: Totals) -> None:
    unit = minor_unit(totals.currency)
    figures = [totals.subtotal, totals.discount_total, totals.shipping_total, totals.tax_total]
    for line in totals.lines:
        figures += [line.unit_price, line.discount, line.tax_amount, line.total]

    assert all(figure % unit == 0 for figure in [*figures, totals.total])


@unhurried
@given(lines, st.randoms(use_true_random=False), currencies, taxes, discounts)
def test_the_order_of_the_lines_changes_nothing(
    some: list[PricedLine], random: Random, currency: str, tax: TaxTable, off: list[Discount]
) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)

    one = compute_totals(lines=some, currency=currency, tax=tax, discounts=off)
    other = compute_totals(lines=shuffled, currency=currency, tax=tax, discounts=off)

    assert replace(one, lines=()) == replace(other, lines=())
    assert {line.key: line for line in one.lines} == {line.key: line for line in other.lines}


def one_more(some: list[PricedLine], place: int) -> list[PricedLine]:
    more = list(some)
    more[place] = replace(more[place], quantity=more[place].quantity + 1)
    return more


@unhurried
@given(lines.filter(bool), st.data(), currencies, taxes)
def test_one_more_never_costs_less(
    some: list[PricedLine], data: st.DataObject, currency: str, tax: TaxTable
) -> None:
    more = one_more(some, data.draw(st.integers(0, len(some) - 1)))

    before = compute_totals(lines=some, currency=currency, tax=tax)
    after = compute_totals(lines=more, currency=currency, tax=tax)

    assert after.total >= before.total
    assert after.subtotal >= before.subtotal


@unhurried
@given(lines.filter(bool), st.data(), currencies, taxes, discounts)
def test_one_more_never_costs_less_with_discounts_but_for_the_rounding_of_tax(
    some: list[PricedLine],
    data: st.DataObject,
    currency: str,
    tax: TaxTable,
    off: list[Discount],
) -> None:
    more = one_more(some, data.draw(st.integers(0, len(some) - 1)))

    before = compute_totals(lines=some, currency=currency, tax=tax, discounts=off)
    after = compute_totals(lines=more, currency=currency, tax=tax, discounts=off)

    rounding = 0 if tax.is_inclusive else len(some) * minor_unit(currency)
    assert after.total >= before.total - rounding
    assert after.subtotal - after.discount_total >= before.subtotal - before.discount_total


breaks = st.lists(st.builds(PriceBreak, st.integers(1, 60), amounts), max_size=5)


@unhurried
@given(amounts, breaks, st.integers(1, 80), st.integers(0, 40))
def test_a_unit_never_costs_more_when_more_are_taken(
    price: Decimal, some: list[PriceBreak], quantity: int, more: int
) -> None:
    few = unit_price_of(quantity, price=price, breaks=some)
    many = unit_price_of(quantity + more, price=price, breaks=some)

    assert 0 <= many <= few <= price
    assert few == unit_price_of(quantity, price=price, breaks=some[::-1])


@unhurried
@given(amounts, breaks, st.integers(1, 80), currencies, taxes)
def test_one_more_never_costs_less_unless_it_reaches_a_break(
    price: Decimal, some: list[PriceBreak], quantity: int, currency: str, tax: TaxTable
) -> None:
    few, many = (unit_price_of(n, price=price, breaks=some) for n in (quantity, quantity + 1))

    before, after = (
        compute_totals(
            lines=[PricedLine(KEYS[0], unit, n, "standard")], currency=currency, tax=tax
        ).total
        for unit, n in ((few, quantity), (many, quantity + 1))
    )

    assert after >= before or any(
        price_break.minimum_quantity == quantity + 1 for price_break in some
    )
