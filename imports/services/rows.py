r"""From cells to what is stored, or to the reason why not.

A blank cell says nothing: a new product gets the default, an existing one keeps what it has.
SKUs are compared in Unicode normal form C without outer spaces; case matters. In a path of
categories ``\\>`` is a ``>`` that belongs to a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import orjson

from catalog.services.errors import InvalidPrice
from catalog.services.prices import check_prices
from core.fetching import NotPublic, check_address
from core.text import one_line, paragraphs
from imports.services.columns import Column
from imports.services.numbers import Style, plain_number, split_currency
from imports.services.price_rules import PriceRule
from imports.services.refusals import RefusedCell, RowError
from imports.services.tables import Line

LONGEST_CELL: Final = 100_000
_LARGEST_INTEGER: Final = 2_147_483_647
_AMOUNT: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?")
_WHOLE: Final = re.compile(r"([0-9]{1,10})(\.0{1,2})?")
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?")
_TRUTHS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_LONGEST: Final = {"sku": 64, "name": 255, "brand": 120, "barcode": 64}
_MOST_URLS: Final = 10
_CATEGORY_LEVELS: Final = 10
_CATEGORY_LENGTH: Final = 120
_CATEGORY_STEPS: Final = re.compile(r"(?<!\\)>")
_AMOUNTS: Final = frozenset({"price", "compare_at_price"})
_WHOLES: Final = frozenset({"stock_quantity", "weight_grams"})


@dataclass(frozen=True)
class Defaults:
    """What stands in for columns that the file does not have."""

    currency: str
    price_rule: PriceRule | None = None
    stock: int | None = None
    style: Style = Style.UNKNOWN


@dataclass
class Row:
    line: int
    values: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    # The currency that the sign beside an amount stands for.
    signs: set[str] = field(default_factory=set)


def read_row(line: Line, columns: list[Column], defaults: Defaults) -> Row | RowError:
    """Return the row of a record, or why it is refused."""
    row = Row(line.number)
    for column in columns:
        text = line.cells[column.place] if column.place < len(line.cells) else ""
        try:
            _read_cell(row, column, text, defaults.style)
        except RefusedCell as refused:
            return RowError(line.number, column.header, text[:200], refused.code, refused.detail)
    try:
        _complete(row, defaults)
    except RefusedCell as refused:
        value = str(row.values.get(refused.column, ""))
        return RowError(line.number, refused.column, value[:200], refused.code, refused.detail)
    return row


def _read_cell(row: Row, column: Column, text: str, style: Style) -> None:
    if "\x00" in text:
        raise RefusedCell("invalid_text", "The cell contains a NUL character.")
    if len(text) > LONGEST_CELL:
        raise RefusedCell("too_long", f"The cell has more than {LONGEST_CELL} characters.")
    if not text.strip():
        return
    if column.field in _AMOUNTS:
        text, sign = split_currency(text)
        row.signs |= {sign} - {""}
    if column.field in _AMOUNTS | _WHOLES or column.kind == "number":
        text = plain_number(text, style)
    if column.attribute:
        row.attributes[column.attribute] = _ATTRIBUTE_KINDS[column.kind](text)
    else:
        row.values[column.field] = _FIELD_KINDS[column.field](text, column.field)


def _complete(row: Row, defaults: Defaults) -> None:
    """Ask for what is required and put in what the file leaves to options."""
    values = row.values
    for sign in row.signs:  # beside an amount, it says the currency unless the row says another
        if values.setdefault("currency", sign) != sign:
            raise RefusedCell("other_currency", f"An amount is in {sign}.", "currency")
    for required in ("sku", "name"):
        if required not in values:
            raise RefusedCell("required", f"A product needs a {required}.", required)
    if "price" not in values:
        if defaults.price_rule is None:
            raise RefusedCell("required", "A product needs a price.", "price")
        values["default_price"] = defaults.price_rule(values["sku"])
    try:
        check_prices(
            price=values["price"] if "price" in values else values["default_price"],
            compare_at_price=values.get("compare_at_price"),
            cost_price=None,
            currency=values.get("currency", defaults.currency),
        )
    except InvalidPrice as error:
        column = error.pointer.removeprefix("#/")
        raise RefusedCell(error.code, error.detail, column) from error


def _text(text: str, name: str) -> str:
    if len(text) > _LONGEST.get(name, LONGEST_CELL):
        raise RefusedCell("too_long", f"At most {_LONGEST.get(name, LONGEST_CELL)} characters.")
    return text


def _short(text: str, name: str) -> str:
    return _text(one_line(text), name)


def _long(text: str, name: str) -> str:
    return _text(paragraphs(text), name)


def _amount(text: str, _name: str) -> Decimal:
    if not _AMOUNT.fullmatch(text.strip()):
        raise RefusedCell("invalid_price", "An amount is digits with a decimal point: 1234.50.")
    return Decimal(text.strip())


def _currency(text: str, _name: str) -> str:
    if not re.fullmatch("[A-Z]{3}", text.strip()):
        raise RefusedCell("invalid_currency", "A currency is three capital letters: USD.")
    return text.strip()


def _whole(text: str, _name: str) -> int:
    match = _WHOLE.fullmatch(text.strip())
    if match is None or int(match[1]) > _LARGEST_INTEGER:
        raise RefusedCell("invalid_number", f"A whole number from 0 to {_LARGEST_INTEGER}.")
    return int(match[1])


def _truth(text: str, _name: str = "") -> bool:
    try:
        return _TRUTHS[text.strip().lower()]
    except KeyError:
        raise RefusedCell("invalid_truth", "Say true or false.") from None


def _category(text: str, _name: str) -> tuple[str, ...]:
    steps = tuple(category_name(step.replace(r"\>", ">")) for step in _CATEGORY_STEPS.split(text))
    if not all(0 < len(step) <= _CATEGORY_LENGTH for step in steps):
        raise RefusedCell("invalid_category", "A category is a path of names: Books > Fiction.")
    if len(steps) > _CATEGORY_LEVELS:
        raise RefusedCell("invalid_category", f"A path has at most {_CATEGORY_LEVELS} levels.")
    return steps


def category_name(text: str) -> str:
    return " ".join(one_line(text).split())


def _image_urls(text: str, _name: str) -> list[str]:
    """Return the addresses, which stand apart by spaces, new lines or bars."""
    urls = list(dict.fromkeys(text.replace("|", " ").split()))
    if len(urls) > _MOST_URLS:
        raise RefusedCell("too_many_images", f"At most {_MOST_URLS} addresses.")
    for url in urls:
        try:
            check_address(url)
        except NotPublic as error:
            raise RefusedCell("invalid_image_url", error.detail) from error
    return urls


def _json(text: str) -> Any:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise RefusedCell("invalid_json", f"Not JSON: {error}.") from error
    if b"\\u0000" in orjson.dumps(value):
        raise RefusedCell("invalid_text", "The cell contains a NUL character.")
    return value


def _number(text: str) -> int | float:
    if not _NUMBER.fullmatch(text.strip()):
        raise RefusedCell("invalid_number", "A plain number: -12.5.")
    number = Decimal(text.strip())
    return int(number) if number == number.to_integral_value() else float(number)


def plain_value(text: str, kind: str) -> Any:
    """Return what the text of an attribute stands for."""
    return _ATTRIBUTE_KINDS[kind](text)


_FIELD_KINDS: Final[Mapping[str, Callable[[str, str], Any]]] = {
    "sku": _short,
    "name": _short,
    "description": _long,
    "price": _amount,
    "compare_at_price": _amount,
    "currency": _currency,
    "stock_quantity": _whole,
    "category": _category,
    "brand": _short,
    "barcode": _short,
    "weight_grams": _whole,
    "is_active": _truth,
    "image_urls": _image_urls,
}
_ATTRIBUTE_KINDS: Final[Mapping[str, Callable[[str], Any]]] = {
    "text": paragraphs,
    "number": _number,
    "list": lambda text: [part.strip() for part in text.split(",") if part.strip()],
    "truth": _truth,
    "json": _json,
}
