from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money, UnknownCurrency, allocate, minor_unit, quantize

CURRENCIES = st.sampled_from(["USD", "JPY", "KWD", "EUR"])
AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=2)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [("19.9", "USD", "19.90"), ("1990.5", "JPY", "1991"), ("1.0005", "KWD", "1.001")],
)
def test_money_is_written_with_its_currencys_digits(amount: str, currency: str, text: str) -> None:
    assert str(Money(Decimal(amount), currency)) == text


def test_half_a_cent_rounds_up() -> None:
    assert quantize(Decimal("0.125"), "USD") == Decimal("0.13")
    assert quantize(Decimal("0.135"), "USD") == Decimal("0.14")


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(UnknownCurrency):
        minor_unit("XXX")


@given(amount=AMOUNTS, weights=st.lists(AMOUNTS, min_size=1, max_size=20), currency=CURRENCIES)
def test_parts_sum_to_the_whole_and_are_fair(
    amount: Decimal, weights: list[Decimal], currency: str
) -> None:
    amount = quantize(amount, currency)

    parts = allocate(amount, weights, currency)

    assert sum(parts) == amount
    assert all(part >= 0 for part in parts)
    whole = sum(weights)
    if whole:
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - amount * weight / whole) <= minor_unit(currency)


def test_nothing_is_allocated_to_nobody() -> None:
    assert allocate(Decimal(5), [], "USD") == []


@pytest.mark.django_db
@given(amount=AMOUNTS, currency=CURRENCIES)
def test_sql_writes_money_as_python_does(amount: Decimal, currency: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT money_text(%s::numeric, %s::text)", [amount, currency])
        (text,) = cursor.fetchall()[0]

    assert text == str(Money(amount, currency))
