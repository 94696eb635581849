"""Pages by number, and walking a list of any length by cursor at constant cost."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

import orjson
from django.core.exceptions import ValidationError as FieldError
from django.db.models import Field, Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.addresses import path_of
from core.api.filters import order_of

PAGE_SIZE = 20
MAXIMUM_PAGE_SIZE = 100
MAXIMUM_PAGE = 1_000_000


class PageOrCursorPagination(BasePagination):
    """``?page=&page_size=`` counts and jumps; ``?cursor=`` (empty to start) walks.

    The cursor names the last row by the values it is ordered by, so that the next page is
    an index range whatever came before, and rows that come or go meanwhile neither repeat
    nor hide others.
    """

    # Rows on a page that asks for no size.
    default_size: ClassVar[int] = PAGE_SIZE

    def paginate_queryset(  # type: ignore[override]  # cursors need a query set, not any sequence
        self, queryset: QuerySet[Any], request: Request, view: Any | None = None
    ) -> list[Any]:
        self.open(request)
        if self.by_cursor:
            return self._page_at_cursor(queryset, request.query_params["cursor"])
        return self._numbered_page(queryset)

    def open(self, request: Request) -> None:
        """Find out which kind of page ``request`` asks for, and how long it is."""
        self.request = request
        self.size = _number(request, "page_size", self.default_size, MAXIMUM_PAGE_SIZE)
        self.by_cursor = "cursor" in request.query_params

    def _numbered_page(self, queryset: QuerySet[Any]) -> list[Any]:
        start = self.start_of_page(queryset)
        return list(queryset[start : start + self.size]) if start < self.count else []

    def start_of_page(self, queryset: QuerySet[Any]) -> int:
        """Count the rows and return where the page begins; it may be beyond the last."""
        start = self.start()
        self.count = self.count_of(queryset)
        return start

    def start(self) -> int:
        """Return where the page begins, for a list that counts its rows while reading them."""
        self.page = _number(self.request, "page", 1, MAXIMUM_PAGE)
        return (self.page - 1) * self.size

    def count_of(self, queryset: QuerySet[Any]) -> int:
        return queryset.count()

    def _page_at_cursor(self, queryset: QuerySet[Any], cursor: str) -> list[Any]:
        order = order_of(queryset)
        backwards, position = _decode(cursor, order) if cursor else (False, None)
        if position is not None:
            position = [
                _typed(_field(queryset, column.removeprefix("-")), raw)
                for column, raw in zip(order, position, strict=True)
            ]
        rows = self.walk(queryset, order, position, backwards=backwards)
        more, rows = len(rows) > self.size, rows[: self.size]
        if backwards:
            rows.reverse()
        has_next = bool(rows) and (more or backwards)
        has_previous = bool(rows) and position is not None and (more or not backwards)
        self.next_cursor = _encode(rows[-1], order, backwards=False) if has_next else None
        self.previous_cursor = _encode(rows[0], order, backwards=True) if has_previous else None
        return rows

    def walk(
        self,
        queryset: QuerySet[Any],
        order: list[str],
        position: Sequence[Any] | None,
        *,
        backwards: bool,
    ) -> list[Any]:
        """Return the rows after ``position``, the values of ``order``, one more than a page has.

        None is the beginning. A list with a cheaper way overrides this.
        """
        if backwards:
            queryset = queryset.reverse()
        if position is not None:
            queryset = queryset.filter(_after(order, position, backwards=backwards))
        return list(queryset[: self.size + 1])

    def get_paginated_response(self, data: Any) -> Response:
        return Response(self.envelope(data))

    def envelope(self, data: Any) -> dict[str, Any]:
        """Return the list document: ``count`` only when counted."""
        if self.by_cursor:
            return {
                "next": self._link("cursor", self.next_cursor),
                "previous": self._link("cursor", self.previous_cursor),
                "results": data,
            }
        last = max(-(-self.count // self.size), 1)
        return {
            "count": self.count,
            "next": self._link("page", self.page + 1 if self.page < last else None),
            "previous": self._link("page", min(self.page - 1, last) if self.page > 1 else None),
            "results": data,
        }

    def _link(self, parameter: str, value: str | int | None) -> str | None:
        if value is None:
            return None
        query = dict(self.request.query_params.lists()) | {parameter: [str(value)]}
        return f"{path_of(self.request)}?{urlencode(query, doseq=True)}"

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri", "example": None}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "count": {
                    "type": "integer",
                    "example": 123,
                    "description": "Absent with `cursor`.",
                },
                "next": link,
                "previous": link,
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": MAXIMUM_PAGE_SIZE}
        if self.default_size <= MAXIMUM_PAGE_SIZE:
            size["default"] = self.default_size
        return [
            _parameter("page", "Number of the page, from 1.", {"type": "integer", "minimum": 1}),
            _parameter("page_size", f"Rows on a page; {self.default_size} unless told.", size),
            _parameter(
                "cursor",
                "Walk the list at constant cost: empty to start, then follow `next`.",
                {"type": "string"},
                allowEmptyValue=True,
            ),
        ]


class OnePage(PageOrCursorPagination):
    """The envelope of a list that is short, and so always whole."""

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return []


def _parameter(name: str, description: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
        **more,
    }


def _number(request: Request, name: str, default: int, maximum: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= len(str(maximum))) or not (
        1 <= int(text) <= maximum
    ):
        raise ValidationError({name: [f"A whole number from 1 to {maximum}."]}, code="invalid")
    return int(text)


def _value(row: Any, column: str) -> Any:
    for name in column.split("__"):
        row = row[name] if isinstance(row, dict) else getattr(row, name)
    return row


def _encode(row: Any, order: list[str], *, backwards: bool) -> str:
    values = [_value(row, column.removeprefix("-")) for column in order]
    document = orjson.dumps([int(backwards), ",".join(order), *values], default=str)
    return base64.urlsafe_b64encode(document).decode().rstrip("=")


def _decode(cursor: str, order: list[str]) -> tuple[bool, list[Any]]:
    try:
        document = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        backwards, written_for, *values = document
    except (ValueError, TypeError, binascii.Error) as error:
        raise _invalid_cursor() from error
    if written_for != ",".join(order) or len(values) != len(order):
        raise _invalid_cursor()
    return bool(backwards), values


def _invalid_cursor() -> ValidationError:
    return ValidationError(
        {"cursor": ["Not a cursor of this list in this order. Start again with an empty one."]},
        code="invalid_cursor",
    )


def _after(order: list[str], values: Sequence[Any], *, backwards: bool) -> Q:
    """Return the condition for rows that come after ``values`` in ``order``.

    (a, b, c) > (x, y, z), each key in its own direction, is written as
    ``a >= x AND (a > x OR (a = x AND (b > y OR (b = y AND c > z))))``: the first part lets an
    index find the place.
    """
    condition = Q()
    for index, (column, value) in reversed(list(enumerate(zip(order, values, strict=True)))):
        name = column.removeprefix("-")
        lookup = "lt" if column.startswith("-") != backwards else "gt"
        beyond = Q(**{f"{name}__{lookup}": value})
        condition = beyond | (Q(**{name: value}) & condition) if condition else beyond
        if index == 0:
            condition &= Q(**{f"{name}__{lookup}e": value})
    return condition


def _typed(field: Field[Any, Any], raw: Any) -> Any:
    if raw is None or isinstance(raw, dict | list) or (isinstance(raw, str) and "\x00" in raw):
        raise _invalid_cursor()
    try:
        return field.to_python(raw)
    except (FieldError, TypeError, ValueError) as error:
        raise _invalid_cursor() from error


def _field(queryset: QuerySet[Any], name: str) -> Any:
    if name in queryset.query.annotations:
        return queryset.query.annotations[name].output_field
    model, field = queryset.model, None
    for part in name.split("__"):
        field = model._meta.get_field(part)
        model = field.related_model or model
    return field
