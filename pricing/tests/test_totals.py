"""Totals in exact figures."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from pricing.totals import (
    FixedDiscount,
    PercentageDiscount,
    PricedLine,
    ShippingCharge,
    TaxTable,
    compute_totals,
)

RATES = {"standard": Decimal("0.19"), "reduced": Decimal("0.07")}
EXCLUSIVE = TaxTable(RATES, is_inclusive=False)
INCLUSIVE = TaxTable(RATES, is_inclusive=True)
UNTAXED = TaxTable({}, is_inclusive=False)


def line(number: int, price: str, quantity: int = 1, tax_class: str = "standard") -> PricedLine:
    return PricedLine(UUID(int=number), Decimal(price), quantity, tax_class)


def test_adds_tax_to_prices_without_it() -> None:
    totals = compute_totals(lines=[line(1, "10.00", 2)], currency="USD", tax=EXCLUSIVE)

    assert (totals.subtotal, totals.tax_total, totals.total) == (
        Decimal("20.00"),
        Decimal("3.80"),
        Decimal("23.80"),
    )
    assert totals.lines[0].total == Decimal("23.80")
    assert not totals.prices_include_tax


def test_shows_tax_in_prices_that_contain_it() -> None:
    totals = compute_totals(lines=[line(1, "11.90")], currency="EUR", tax=INCLUSIVE)

    assert (totals.tax_total, totals.total) == (Decimal("1.90"), Decimal("11.90"))
    assert totals.lines[0].total == Decimal("11.90")


def test_taxes_each_class_by_its_own_rate() -> None:
    lines = [line(1, "10"), line(2, "10", tax_class="reduced"), line(3, "10", tax_class="zero")]

    totals = compute_totals(lines=lines, currency="USD", tax=EXCLUSIVE)

    assert [part.tax_amount for part in totals.lines] == [
        Decimal("1.90"),
        Decimal("0.70"),
        Decimal("0.00"),
    ]
    assert totals.total == Decimal("32.60")


def test_taxes_delivery_too() -> None:
    totals = compute_totals(
        lines=[line(1, "10")],
        currency="USD",
        tax=EXCLUSIVE,
        shipping=ShippingCharge(Decimal("4.90"), "standard"),
    )

    assert (totals.shipping_total, totals.shipping_tax_amount) == (Decimal("4.90"), Decimal("0.93"))
    assert totals.tax_total == Decimal("2.83")
    assert totals.total == Decimal("17.73")


def test_spreads_a_discount_over_the_lines_to_the_cent() -> None:
    totals = compute_totals(
        lines=[line(1, "3.33"), line(2, "3.33"), line(3, "3.34")],
        currency="USD",
        tax=UNTAXED,
        discounts=[FixedDiscount(Decimal("1.00"))],
    )

    assert sum(part.discount for part in totals.lines) == totals.discount_total == Decimal("1.00")
    assert totals.total == Decimal("9.00")


def test_taxes_what_is_left_after_the_discount() -> None:
    totals = compute_totals(
        lines=[line(1, "20")],
        currency="USD",
        tax=EXCLUSIVE,
        discounts=[PercentageDiscount(Decimal("0.50"))],
    )

    assert (totals.tax_total, totals.total) == (Decimal("1.90"), Decimal("11.90"))


def test_discounts_apply_one_after_another() -> None:
    totals = compute_totals(
        lines=[line(1, "100")],
        currency="USD",
        tax=UNTAXED,
        discounts=[PercentageDiscount(Decimal("0.10")), PercentageDiscount(Decimal("0.10"))],
    )

    assert totals.discount_total == Decimal("19.00")


def test_a_discount_takes_the_goods_price_at_most() -> None:
    totals = compute_totals(
        lines=[line(1, "5")],
        currency="USD",
        tax=EXCLUSIVE,
        shipping=ShippingCharge(Decimal(4), "zero"),
        discounts=[FixedDiscount(Decimal(50))],
    )

    assert (totals.discount_total, totals.total) == (Decimal("5.00"), Decimal("4.00"))


@pytest.mark.parametrize(
    ("currency", "unit_price", "total"),
    [
        ("USD", "15.005", "30.02"),
        ("EUR", "15.0049", "30.00"),
        ("JPY", "15.5", "32"),
        ("KWD", "15.0075", "30.016"),
    ],
)
def test_rounds_the_unit_price_to_the_currency(currency: str, unit_price: str, total: str) -> None:
    totals = compute_totals(lines=[line(1, unit_price, 2)], currency=currency, tax=UNTAXED)

    assert str(totals.total) == total


def test_nothing_costs_nothing() -> None:
    totals = compute_totals(lines=[], currency="USD", tax=EXCLUSIVE)

    assert str(totals.total) == "0.00"
    assert totals.lines == ()
