"""The activity log, written off the path of the requests that it is about.

``note`` only puts the activity into the memory of this process; a thread of its own writes what
has gathered, many rows at a time. When a process is killed, the last fraction of a second is
lost: sessions, orders and events are kept elsewhere, this log is for its readers.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import Error, close_old_connections, connection, transaction

from accounts.models import Activity, User

log = logging.getLogger(__name__)

# More than this cannot wait: should the database be away, the oldest are dropped.
MAXIMUM_WAITING: Final = 10_000
# The thread that writes gives its connection up when nothing has happened for so long.
IDLE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    user_id: UUID
    action: str
    occurred_at: datetime
    target: str = ""
    ip_address: str | None = None
    user_agent: str = ""


class _Writer:
    """What waits to be written, and the thread that writes it."""

    def __init__(self) -> None:
        self.waiting: deque[ActivityEntry] = deque(maxlen=MAXIMUM_WAITING)
        self.something_waits = threading.Event()
        self.starting = threading.Lock()
        self.thread: threading.Thread | None = None

    def put(self, entry: ActivityEntry) -> None:
        self.waiting.append(entry)
        if settings.ACTIVITY_FLUSH_SECONDS:
            self._ensure_thread()
            self.something_waits.set()

    def _ensure_thread(self) -> None:
        """Start the thread in this process; a forked server's child has none of its parent's."""
        with self.starting:
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._run, name="activities", daemon=True)
                self.thread.start()

    def _run(self) -> None:
        while True:
            if not self.something_waits.wait(IDLE_SECONDS):
                connection.close()
                self.something_waits.wait()
            self.something_waits.clear()
            time.sleep(settings.ACTIVITY_FLUSH_SECONDS)
            close_old_connections()
            try:
                flush_activities()
            except Error:
                log.exception("Activities could not be written")


_writer = _Writer()


def note_activity(*, entry: ActivityEntry) -> None:
    """Remember what someone did; it is written a moment later."""
    _writer.put(entry)


def flush_activities() -> int:
    """Write what waits and return how many rows that were."""
    entries = [_writer.waiting.popleft() for _ in range(len(_writer.waiting))]
    if not entries:
        return 0
    user_ids = {entry.user_id for entry in entries}
    known = set(User.objects.filter(pk__in=user_ids).values_list("pk", flat=True))
    rows = [Activity(**asdict(entry)) for entry in entries if entry.user_id in known]
    with transaction.atomic():
        # Nobody waits for the disk: a power cut may take the last of the log.
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO off")
        Activity.objects.bulk_create(rows)
    return len(rows)


def purge_activities(*, now: datetime) -> int:
    """Delete what is older than ``ACTIVITY_DAYS`` and return how many rows that were."""
    oldest = now - timedelta(days=settings.ACTIVITY_DAYS)
    return Activity.objects.filter(occurred_at__lt=oldest).delete()[0]
