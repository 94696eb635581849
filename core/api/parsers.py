"""JSON in, by orjson: no NaN, no infinity, no NUL bytes, bounded depth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class JSONParser(BaseParser):
    """Parses a JSON body; what PostgreSQL could not store is refused here already."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        raw = _read(stream)
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not valid JSON: {error}.") from error
        if b"\\u0000" in raw and contains_nul(body):
            raise ParseError("The body contains a NUL character.")
        return body


def _read(stream: IO[Any]) -> bytes:
    """Return the body. Django only bounds bodies that it reads itself."""
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    raw: bytes = stream.read(most + 1)
    if len(raw) > most:
        raise RequestDataTooBig
    return raw


def contains_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(contains_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(contains_nul, value))
