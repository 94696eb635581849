"""Running functions at the same moment, each in a thread with its own database connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from core.errors import DomainError


def race(functions: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start all functions at once and return what each returned, or the refusal it met.

    Anything else that is raised, such as a deadlock, is raised here.
    """
    start = Barrier(len(functions))

    def run(function: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=30)
            return function()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(run, functions))
