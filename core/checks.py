"""What `check` and `migrate` say of the database that they are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections

_HINT = (
    "Make a database with LC_CTYPE 'C.UTF-8' and restore a dump of this one into it. With the "
    "embedded server: `pg_dump`, stop, move `.data/postgres` away, `make demo`, `pg_restore`."
)


@checks.register(checks.Tags.database)
def letters_are_known(
    databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[checks.CheckMessage]:
    """Ask whether trigrams see letters beyond ASCII; in the locale "C" they see none."""
    found: list[checks.CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT datctype FROM pg_database WHERE datname = current_database()")
            if cursor.fetchone()[0] in {"C", "POSIX"}:
                problem = "Typing errors in other scripts than Latin are not corrected by searches."
                found.append(checks.Warning(problem, hint=_HINT, id="core.W001"))
    return found
