"""The registry behind ``manage.py audit``: every app adds the identities that must hold.

An app states them in its ``audit.py``, which is found by itself::

    @identity("stock on hand is the sum of its movements")
    def on_hand_is_sum_of_movements() -> Iterator[Discrepancy]: ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

Check = Callable[[], Iterator["Discrepancy"]]


@dataclass(frozen=True)
class Discrepancy:
    """A row that breaks an identity: which one, what is expected, what was found."""

    subject: str
    expected: str
    found: str


@dataclass(frozen=True)
class Identity:
    app: str
    statement: str
    check: Check


_identities: list[Identity] = []


def identity(statement: str) -> Callable[[Check], Check]:
    """Register the decorated generator, which yields every discrepancy it finds."""

    def register(check: Check) -> Check:
        _identities.append(Identity(check.__module__.split(".")[0], statement, check))
        return check

    return register


def identities() -> list[Identity]:
    return sorted(_identities, key=lambda known: (known.app, known.statement))


def discrepancies(app: str = "") -> list[Discrepancy]:
    """Check every identity, or those of one app."""
    checked = [known for known in identities() if app in {"", known.app}]
    return [found for known in checked for found in known.check()]


def rows(sql: str, parameters: list[Any] | None = None) -> Iterator[Discrepancy]:
    """Run ``sql``, which selects (subject, expected, found), and yield a discrepancy a row."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or [])
        for subject, expected, found in cursor.fetchall():
            yield Discrepancy(str(subject), str(expected), str(found))
