"""Which column of a file means what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.errors import InvalidInput
from imports.services.tables import ATTRIBUTE, UnreadableFile

FIELDS: Final = (
    "sku",
    "name",
    "description",
    "price",
    "compare_at_price",
    "currency",
    "stock_quantity",
    "category",
    "brand",
    "barcode",
    "weight_grams",
    "is_active",
    "image_urls",
)
KINDS: Final = ("text", "number", "list", "truth", "json")
# What other shops call a column.
_SYNONYMS: Final = {"title": "name", "stock": "stock_quantity", "image_url": "image_urls"}


class InvalidMapping(InvalidInput):
    """It names a field that products do not have, or a column that the file does not have."""

    code = "invalid_mapping"
    title = "The mapping does not fit."


@dataclass(frozen=True)
class Column:
    place: int
    header: str
    field: str = ""
    attribute: str = ""
    kind: str = "text"


@dataclass(frozen=True)
class Columns:
    """What is read from a file, and which of its columns are not."""

    used: list[Column]
    ignored: list[str]


def columns_of(
    headers: Sequence[str], mapping: Mapping[str, str], *, has_price_rule: bool
) -> Columns:
    """Return how to read a file with these column ``headers``.

    ``mapping`` leads from our field (``name``, ``attr.authors:list``) to the file's column;
    columns with our own names need none. Raises InvalidMapping, and UnreadableFile naming the
    required columns that are missing.
    """
    used = [_mapped(target, header, headers) for target, header in _by_field(mapping, headers)]
    targets = [column.field or column.attribute for column in used]
    if twice := {target for target in targets if targets.count(target) > 1}:
        raise InvalidMapping(f"Mapped from two columns: {', '.join(sorted(twice))}.")
    taken = {column.field for column in used} | {column.header for column in used}
    for place, header in enumerate(headers):
        field = _SYNONYMS.get(header, header)
        if header in taken or field in taken or (header != field and field in headers):
            continue
        if field in FIELDS or header.startswith(ATTRIBUTE):
            used.append(_column(field, header, place))
            taken.add(field)
    required = {"sku", "name"} | (set() if has_price_rule else {"price"})
    if missing := sorted(required - {column.field for column in used}):
        raise UnreadableFile(f"Columns that are missing: {', '.join(missing)}.")
    read = {column.header for column in used}
    return Columns(used, [header for header in headers if header and header not in read])


def recognised(headers: Sequence[str]) -> dict[int, str]:
    """Return what columns are read as by their own names, by their place."""
    return {
        place: _SYNONYMS.get(header, header)
        for place, header in enumerate(headers)
        if _is_target(_SYNONYMS.get(header, header))
    }


def _by_field(mapping: Mapping[str, str], headers: Sequence[str]) -> list[tuple[str, str]]:
    """Return (field, column), also of a mapping written the other way round."""
    folded = {_folded(header) for header in headers}
    is_reversed = bool(mapping) and all(
        _is_target(value) and _folded(key) in folded for key, value in mapping.items()
    )
    if is_reversed and not all(_is_target(key) for key in mapping):
        return [(field, header) for header, field in mapping.items()]
    return list(mapping.items())


def _is_target(text: str) -> bool:
    return text in FIELDS or text.startswith(ATTRIBUTE)


def _folded(header: str) -> str:
    return " ".join(header.split()).casefold()


def _mapped(target: str, header: str, headers: Sequence[str]) -> Column:
    wanted = _folded(header)
    for place, name in enumerate(headers):
        if name.casefold() == wanted:
            return _column(target, name, place)
    raise InvalidMapping(f"The file has no column {header!r}. It has: {', '.join(headers)}.")


def _column(target: str, header: str, place: int) -> Column:
    name, _, kind = target.rpartition(":")
    if kind not in KINDS or not name:
        name, kind = target, KINDS[0]
    if name.startswith(ATTRIBUTE) and len(name) > len(ATTRIBUTE):
        return Column(place, header, attribute=name.removeprefix(ATTRIBUTE), kind=kind)
    if target in FIELDS:
        return Column(place, header, field=target)
    possible = f"{', '.join(FIELDS)} and attr.<name>[:{'|'.join(KINDS)}]"
    raise InvalidMapping(f"There is no field {target!r}. There are: {possible}.")
