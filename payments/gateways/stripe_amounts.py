"""Amounts the way Stripe counts them: whole numbers of the smallest unit, with its exceptions."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from core.money import minor_unit

# https://docs.stripe.com/currencies: where Stripe departs from ISO 4217's minor digits.
_STRIPE_DIGITS: Final = {"ISK": 2, "MGA": 0, "UGX": 2}
_THREE_DIGITS: Final = 3
_LEAST_OF_THREE_DIGITS: Final = 10


def amount_of(count: int, currency: str) -> Decimal:
    return Decimal(count).scaleb(-_digits(currency))


def stripe_amount(amount: Decimal, currency: str) -> int | None:
    """Return ``amount`` in Stripe's smallest unit of ``currency``; None when it is too fine.

    Of currencies with three minor digits Stripe takes multiples of ten.
    """
    scaled = amount.scaleb(_digits(currency))
    whole = int(scaled)
    is_too_fine = _digits(currency) == _THREE_DIGITS and whole % _LEAST_OF_THREE_DIGITS
    return None if is_too_fine or whole != scaled else whole


def _digits(currency: str) -> int:
    exponent = -int(minor_unit(currency).as_tuple().exponent)
    return _STRIPE_DIGITS.get(currency, exponent)
