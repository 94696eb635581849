"""Running functions at the same moment, each in a thread with its own database connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from core.errors import DomainError
from core.tests.waiting import PATIENCE_SECONDS, wait_until


def race(functions: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start all functions at once and return what each returned, or the refusal it met.

    Anything else that is raised, such as a deadlock, is raised here.
    """
    start = Barrier(len(functions))

    def run(function: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=PATIENCE_SECONDS)
            return function()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(run, functions))


def wait_until_someone_waits() -> None:
    """Return once another connection waits for a lock."""
    wait_until(_someone_waits, otherwise=lambda: "Nobody came to wait for the lock.")


def _someone_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])
