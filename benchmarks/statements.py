from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Statement:
    """An SQL statement of a request, with its parameters, and the wall time it took."""

    sql: str
    parameters: Any
    milliseconds: float


def statements_of(send: Callable[[], object]) -> list[Statement]:
    """Return the SQL that is run, in this thread, while ``send`` is called."""
    statements: list[Statement] = []

    def record(execute: Callable[..., Any], sql: str, parameters: Any, *rest: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, parameters, *rest)
        finally:
            milliseconds = (time.perf_counter() - started) * 1000
            statements.append(Statement(sql, parameters, milliseconds))

    with connection.execute_wrapper(record):
        send()
    return statements
