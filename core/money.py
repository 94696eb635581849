"""Money: a Decimal and its currency, rounded at one place, never a float."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Final

# How NUMERIC columns hold money: enough for any currency's minor digits and for large totals.
MAX_DIGITS: Final = 18
DECIMAL_PLACES: Final = 4

# ISO 4217 (2024): the active currencies by their number of minor digits.
_WITHOUT_MINOR: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_WITH_THREE: Final = "BHD IQD JOD KWD LYD OMR TND"
_WITH_TWO: Final = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN "
    "BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
    "GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR "
    "LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD "
    "PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
    "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWL"
)
MINOR_DIGITS: Final[dict[str, int]] = {
    **dict.fromkeys(_WITHOUT_MINOR.split(), 0),
    **dict.fromkeys(_WITH_TWO.split(), 2),
    **dict.fromkeys(_WITH_THREE.split(), 3),
}


class UnknownCurrency(ValueError):
    pass


@cache
def minor_unit(currency: str) -> Decimal:
    """Return the smallest amount of ``currency``: 0.01 for USD, 1 for JPY, 0.001 for KWD."""
    try:
        return Decimal(1).scaleb(-MINOR_DIGITS[currency])
    except KeyError:
        raise UnknownCurrency(currency) from None


def quantize(amount: Decimal, currency: str) -> Decimal:
    """Round ``amount`` half up to the minor digits of ``currency``: the one place that rounds."""
    return amount.quantize(minor_unit(currency), rounding=ROUND_HALF_UP)


def allocate(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Split ``amount`` in proportion to ``weights`` so that the parts sum to it, to the cent.

    Each part is the difference of two rounded running sums, so no part is off by more than
    one minor unit and nothing is left over. Weights of zero get nothing; when all are zero,
    the first part takes the whole.
    """
    whole = sum(weights, Decimal(0))
    if not weights:
        return []
    if whole == 0:
        return [amount, *([Decimal(0)] * (len(weights) - 1))]
    parts: list[Decimal] = []
    running, given = Decimal(0), Decimal(0)
    for weight in weights:
        running += weight
        upto = quantize(amount * running / whole, currency)
        parts.append(upto - given)
        given = upto
    return parts


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency, always at the currency's own minor digits.

    >>> str(Money(Decimal("19.9"), "USD"))
    '19.90'
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", quantize(self.amount, self.currency))

    def __str__(self) -> str:
        return f"{self.amount:f}"
