"""Which jobs wait for which: queues in lanes by urgency, each lane with workers of its own.

Money never waits behind an import: a lane's jobs are taken by that lane's workers alone, several
at once, so no lane can starve another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Min, Q
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob


@dataclass(frozen=True)
class Lane:
    """Queues whose jobs are equally urgent, and how many of them run at once in a process."""

    name: str
    queues: tuple[str, ...]
    concurrency: int


LANES: Final = (
    Lane("money", ("payments",), concurrency=2),
    Lane("events", ("events",), concurrency=2),
    Lane("emails", ("emails",), concurrency=2),
    Lane("upkeep", ("default", "listings"), concurrency=1),
    Lane("imports", ("imports", "downloads"), concurrency=1),
)


@dataclass(frozen=True)
class Backlog:
    """How many jobs of a lane are due and not begun, and for how many seconds the oldest is."""

    lane: str
    waiting: int
    oldest_seconds: int


def backlogs(*, now: datetime) -> list[Backlog]:
    """Return the backlog of each lane, the most urgent first: two queries."""
    due = Q(scheduled_at=None) | Q(scheduled_at__lte=now)
    queues = {
        row["queue_name"]: row
        for row in ProcrastinateJob.objects.filter(due, status="todo")
        .values("queue_name")
        .annotate(waiting=Count("pk"), oldest=Min("pk"))
    }
    asked_at = dict(
        ProcrastinateEvent.objects.filter(job__in=[row["oldest"] for row in queues.values()])
        .values_list("job__queue_name")
        .annotate(Min("at"))
    )
    return [_backlog(lane, queues, asked_at, now) for lane in LANES]


def _backlog(
    lane: Lane, queues: dict[str, dict[str, int]], asked_at: dict[str, datetime], now: datetime
) -> Backlog:
    known: Sequence[str] = [queue for queue in lane.queues if queue in queues]
    ages = [int((now - asked_at[queue]).total_seconds()) for queue in known if queue in asked_at]
    return Backlog(
        lane=lane.name,
        waiting=sum(queues[queue]["waiting"] for queue in known),
        oldest_seconds=max([0, *ages]),
    )
