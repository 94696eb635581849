"""What the shop holds on a person: every app adds its part, a person can export the whole.

An app states its part in its ``personal_data.py``, which is found by itself::

    @section("orders")
    def orders_of(user_id: UUID) -> Iterator[dict[str, Any]]: ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

Rows = Iterator[dict[str, Any]]
Section = Callable[[UUID], Rows]

_sections: dict[str, Section] = {}


def section(name: str) -> Callable[[Section], Section]:
    """Register the decorated generator, which yields what is held on a user as plain values."""

    def register(rows: Section) -> Section:
        _sections[name] = rows
        return rows

    return register


def held_on(user_id: UUID) -> Iterator[tuple[str, Rows]]:
    """Yield every section's name and rows."""
    for name, rows in sorted(_sections.items()):
        yield name, rows(user_id)
