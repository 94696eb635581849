"""Addresses as they stand on a parcel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django_countries import countries


def address_lines(address: Mapping[str, Any] | None) -> list[str]:
    """Return the lines of an address, the country's name last; none for no address."""
    known = address or {}
    place = " ".join(
        str(known[part]) for part in ("postal_code", "city", "region") if known.get(part)
    )
    country = countries.name(known.get("country", ""))
    lines = [known.get("full_name"), known.get("line1"), known.get("line2"), place, country]
    return [str(line) for line in lines if line]
