"""Order numbers: short, readable aloud, and not to be guessed from one another."""

from __future__ import annotations

import secrets
from typing import Final

from core.text import code

# Crockford's base 32 without vowels' lookalikes: no I, L, O, U.
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PREFIX: Final = "TP"
_GROUP = 4


def new_number() -> str:
    """Return a random number such as ``TP-7K4M-9QXD``: one of 2⁴⁰."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(_GROUP)) for _ in range(2))
    return "-".join((PREFIX, *groups))


def normalise(text: str) -> str:
    """Return a number as it is stored, from how someone may have typed it."""
    return code(text).replace(" ", "-")
