"""Numbers as people write them: ``1.234,56``, ``1,234.56``, ``1 234,56``, ``Rp 1.234,56``.

Which sign is the decimal one is decided once for a file, by cells that leave no doubt. A cell
that could still be read in two ways is refused rather than guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from typing import Final

from core.money import MINOR_DIGITS
from imports.services.tables import PlainNumber


class Style(Enum):
    """The decimal sign of a file."""

    POINT = "."
    COMMA = ","
    UNKNOWN = ""


_SPACES: Final = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'"})
_GROUPED: Final = {
    Style.POINT: re.compile(r"-?[0-9]{1,3}(?:([, '])[0-9]{3})(?:\1[0-9]{3})*(?:\.[0-9]+)?"),
    Style.COMMA: re.compile(r"-?[0-9]{1,3}(?:([. '])[0-9]{3})(?:\1[0-9]{3})*(?:,[0-9]+)?"),
}
# What only one of the styles writes: one or two decimals, or several groups of thousands.
_EVIDENCE: Final = {
    Style.POINT: re.compile(
        r"-?(?:[0-9]+|[0-9]{1,3}(?:[, '][0-9]{3})+)\.[0-9]{1,2}"
        r"|-?[0-9]{1,3}(?:,[0-9]{3}){2,}(?:\.[0-9]+)?|-?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+"
    ),
    Style.COMMA: re.compile(
        r"-?(?:[0-9]+|[0-9]{1,3}(?:[. '][0-9]{3})+),[0-9]{1,2}"
        r"|-?[0-9]{1,3}(?:\.[0-9]{3}){2,}(?:,[0-9]+)?|-?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+"
    ),
}
_WITH_COMMA: Final = re.compile(r"-?[0-9]+(?:,[0-9]+)?")
_WITH_CURRENCY: Final = re.compile(
    r"(?P<before>[^\W\d_]{1,3}\.?|[^\w\s.,'+-]|[A-Z]{1,2}\$)?\s*"
    r"(?P<number>-?[0-9](?:.*[0-9])?)\s*"
    r"(?P<after>[^\W\d_]{1,3}|[^\w\s.,'+-])?"
)
# The currency that a sign stands for; "" for signs that several share.
_SIGNS: Final = {
    "rp": "IDR",
    "rp.": "IDR",
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₩": "KRW",
    "₫": "VND",
    "us$": "USD",
    "$": "",
    "¥": "",
    "kr": "",
}


def split_currency(text: str) -> tuple[str, str]:
    """Return the amount without its currency sign, and the code that the sign stands for."""
    match = _WITH_CURRENCY.fullmatch(text.translate(_SPACES).strip())
    if match is None or (match["before"] and match["after"]):
        return text, ""
    sign = match["before"] or match["after"]
    if not sign:
        return text, ""
    code = sign if sign in MINOR_DIGITS else _SIGNS.get(sign.lower())
    if code is None:
        return text, ""
    return match["number"], code


def style_of(texts: Iterable[str]) -> Style:
    """Return the style that cells give evidence of; UNKNOWN when none do, or both."""
    found = {
        style
        for text in texts
        if not isinstance(text, PlainNumber)
        for style, evidence in _EVIDENCE.items()
        if evidence.fullmatch(split_currency(text)[0].translate(_SPACES).strip())
    }
    return found.pop() if len(found) == 1 else Style.UNKNOWN


def plain_number(text: str, style: Style) -> str:
    """Return a number with a decimal point and no groups; as it is when it is not in ``style``.

    What is returned still has to be checked; a number in the other style never passes as one
    with another value: ``1.5`` where the comma is decimal comes back as ``?``.
    """
    if isinstance(text, PlainNumber):
        return str(text)
    text = text.translate(_SPACES).strip()
    if style is Style.UNKNOWN:
        return text
    if match := _GROUPED[style].fullmatch(text):
        text = text.replace(match[1], "")
        return text.replace(",", ".")
    if style is Style.COMMA:
        return text.replace(",", ".") if _WITH_COMMA.fullmatch(text) else "?"
    return text
