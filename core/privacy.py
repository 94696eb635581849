"""What the shop holds on a person: every app adds its sections, a person can export them all.

An app states its sections in its ``privacy.py``, which is found when the apps are loaded::

    @section("orders")
    def export_orders(user_id: UUID) -> Rows: ...
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


def export_personal_data(user_id: UUID) -> Iterator[tuple[str, Rows]]:
    for name, rows in sorted(_sections.items()):
        yield name, rows(user_id)
