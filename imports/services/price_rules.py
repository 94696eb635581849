"""Prices for files that have none.

``9.99`` is a price for all; ``7.99..29.99`` is a price between the two for each SKU, always the
same one, ending in .99 when both bounds do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from decimal import Decimal

from core.errors import InvalidInput
from core.money import minor_unit

PriceRule = Callable[[str], Decimal]

_AMOUNT = r"[0-9]{1,12}(?:\.[0-9]{1,3})?"
_RULE = re.compile(rf"({_AMOUNT})(?:\.\.({_AMOUNT}))?")


class InvalidPriceRule(InvalidInput):
    code = "invalid_price_rule"
    title = "A price rule is an amount (9.99) or a range (7.99..29.99)."


def price_rule(text: str, currency: str) -> PriceRule:
    """Return the function from SKU to price that ``text`` stands for; raise InvalidPriceRule."""
    match = _RULE.fullmatch(text.strip())
    if match is None:
        raise InvalidPriceRule
    lowest, highest = Decimal(match[1]), Decimal(match[2] or match[1])
    if not 0 < lowest <= highest:
        raise InvalidPriceRule("The lower price is above zero and not above the higher one.")
    # A whole unit where the bounds allow it, so that 7.99 is followed by 8.99.
    step = Decimal(1) if (highest - lowest) % 1 == 0 else minor_unit(currency)
    count = int((highest - lowest) / step) + 1

    def price(sku: str) -> Decimal:
        digest = hashlib.blake2b(sku.encode(), digest_size=8).digest()
        return lowest + step * (int.from_bytes(digest, "big") % count)

    return price
