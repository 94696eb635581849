"""What queries share."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models.expressions import RawSQL


def any_of(keys: Iterable[UUID]) -> RawSQL:
    """Return keys as one array, for ``__in``: PostgreSQL takes at most 65,535 one by one."""
    return RawSQL("SELECT unnest(%s::uuid[])", [list(keys)])
