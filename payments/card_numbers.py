"""Finding card numbers, which must never reach this shop, its tables or its logs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from core.errors import InvalidInput

_SHORTEST: Final = 13
_LONGEST: Final = 19
# Spaces, hyphens and dashes of any script, dots, slashes and underscores, up to three in a row.
_GAP: Final = r"[\s\-./_\u00ad\u200b-\u200d\u2010-\u2015\u2212]{1,3}"
# Digits of any script: a card number in Arabic ones is one, too.
_DIGITS: Final = re.compile(rf"\d+(?:{_GAP}\d+)*")


class CardNumberRefused(InvalidInput):
    """The request contains a card number; only tokens of the provider are taken."""

    code = "card_number_refused"
    title = "Never send a card number here. Send a token of the payment provider."


def refuse_card_numbers(body: Any) -> None:
    """Raise CardNumberRefused when any key or value of a parsed JSON body holds a card number."""
    if any(holds_card_number(text) for text in _texts(body)):
        raise CardNumberRefused


def holds_card_number(text: str) -> bool:
    """Tell whether ``text`` contains 13 to 19 digits that pass the Luhn check.

    Digits may be grouped by spaces, hyphens, dots and such. A UUID is never taken for a card.
    """
    if _is_uuid(text):
        return False
    return any(
        _passes_luhn(digits)
        for run in _DIGITS.findall(text)
        for digits in _runs_of_groups(re.split(_GAP, run))
    )


def _runs_of_groups(groups: list[str]) -> Iterator[str]:
    """Yield every joining of neighbouring groups that is as long as a card number."""
    for start in range(len(groups)):
        digits = ""
        for group in groups[start:]:
            digits += group
            if len(digits) > _LONGEST:
                break
            if len(digits) >= _SHORTEST:
                yield digits


def _passes_luhn(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + position % 2)
        total += sum(divmod(doubled, 10))
    return total % 10 == 0


def _is_uuid(text: str) -> bool:
    try:
        return len(text) in {32, 36} and bool(UUID(text))
    except ValueError:
        return False


def _texts(body: Any) -> Iterator[str]:
    """Yield every key, text and number in a parsed JSON value, however deep it is nested."""
    waiting = [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, int | float):
            yield str(value)
