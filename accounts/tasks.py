from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from accounts.services import activities, sessions

# How long staff can see a session after it expired.
SESSIONS_KEPT = timedelta(days=90)


@jobs.periodic(cron="23 4 * * *")
@jobs.task(name="accounts.tasks.purge", queueing_lock="accounts.purge")
def purge(timestamp: int) -> None:
    """Delete activities past their time, and sessions that ended long ago."""
    now = timezone.now()
    activities.purge_activities(now=now)
    sessions.purge_sessions(before=now - SESSIONS_KEPT)
