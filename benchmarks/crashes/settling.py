"""Letting the jobs run out after the killing, without waiting for the time that it takes."""

from __future__ import annotations

import time
from typing import Final

from django.db import connection
from procrastinate.exceptions import AlreadyEnqueued

from core import jobs
from demo.supervisor import Program

PATIENCE_SECONDS: Final = 60
_LEFT: Final = """
    SELECT count(*) FROM procrastinate_jobs
    WHERE queueing_lock IS NULL AND status IN ('todo', 'doing')
"""


def settle(worker: Program) -> int:
    """Start a new worker and let it do all that is left; return how many jobs remain.

    However slow the machine is, it is waited for as long as jobs are getting fewer.
    """
    worker.ask_to_stop()
    worker.stop(deadline=time.monotonic() + PATIENCE_SECONDS)
    _execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    worker.start()
    fewest, since = _count(), time.monotonic()
    while (left := _count()) and time.monotonic() - since < PATIENCE_SECONDS:
        if left < fewest:
            fewest, since = left, time.monotonic()
        # As if the time had passed after which failed jobs are tried again.
        _execute(
            "UPDATE procrastinate_jobs SET scheduled_at = now() "
            "WHERE status = 'todo' AND attempts > 0 AND scheduled_at > now()"
        )
        _look_for_stalled_jobs()
        time.sleep(0.5)
    return left


def _look_for_stalled_jobs() -> None:
    try:
        jobs.configure_task("core.tasks.retry_stalled_jobs").defer(timestamp=0)
    except AlreadyEnqueued:
        return


def _count() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_LEFT)
        return int(cursor.fetchone()[0])


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
