"""Serializer fields of the catalog."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from listings.selectors.lookups import by_key

_AMOUNT = re.compile(r"[0-9]{1,14}(\.[0-9]{1,4})?")


@extend_schema_field({"type": "string", "description": "Id or slug.", "example": "science-fiction"})
class KeyField(serializers.Field[Model, Any, str, Any]):
    """A living row, named by its id or slug."""

    default_error_messages: ClassVar = {"unknown": "There is none with this id or slug."}

    def __init__(self, rows: Callable[[], QuerySet[Any]], **kwargs: Any) -> None:
        self.rows = rows
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Model:
        """Return the row."""
        found = None
        if isinstance(data, str) and "\x00" not in data:
            found = self.rows().filter(by_key(data)).first()
        if not isinstance(found, Model):
            self.fail("unknown")
        return found

    def to_representation(self, value: Model) -> str:
        """Return the row's id."""
        return str(value.pk)


@extend_schema_field({"type": "string", "format": "decimal", "example": "19.90"})
class PriceField(serializers.Field[Decimal, Any, str, Any]):
    """An amount as a plain decimal: no exponent, sign, separator or foreign digits."""

    default_error_messages: ClassVar = {"invalid": "An amount, such as 19.90."}

    def to_internal_value(self, data: Any) -> Decimal:
        """Return the amount."""
        text = str(data) if isinstance(data, str | int | float) else ""
        if isinstance(data, bool) or not _AMOUNT.fullmatch(text):
            self.fail("invalid")
        return Decimal(text)

    def to_representation(self, value: Decimal) -> str:
        """Return the decimal string."""
        return f"{value:f}"
