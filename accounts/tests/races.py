"""Doing something many times at once, each in a thread with a connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def at_once(count: int, act: Callable[[], T]) -> list[T]:
    """Call ``act`` ``count`` times in parallel and return the results.

    Keep to 20: a server of PostgreSQL takes 100 connections unless told otherwise, and other tests
    run meanwhile.
    """
    barrier = Barrier(count)

    def run() -> T:
        barrier.wait()
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(count)]]
