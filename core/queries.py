"""What queries share."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL


def any_of(keys: Iterable[UUID]) -> RawSQL:
    """Return keys as one array, for ``__in``: PostgreSQL takes at most 65,535 one by one."""
    return RawSQL("SELECT unnest(%s::uuid[])", [list(keys)])


def with_asynchronous_commit(statement: str) -> str:
    """Return an INSERT or UPDATE whose own transaction commits before the disk has it.

    For what a power cut may take: because it is worth little, or because a later commit that
    does wait keeps what came before it too. As part of a transaction it is as safe as that.
    """
    if connection.in_atomic_block:
        return statement
    mark = ", " if " RETURNING " in statement else " RETURNING "
    return f"{statement}{mark}set_config('synchronous_commit', 'off', true)"
