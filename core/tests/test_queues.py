"""Jobs in lanes by urgency: each queue has one, and its backlog is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django import app
from pytest_django import DjangoAssertNumQueries

from core.jobs import configure_task
from core.queues import LANES, Backlog, backlogs

pytestmark = pytest.mark.django_db


def test_every_task_waits_in_a_queue_of_exactly_one_lane() -> None:
    queues = [queue for lane in LANES for queue in lane.queues]
    used = {task.queue for task in app.tasks.values()}

    assert len(queues) == len(set(queues))
    assert used - {"builtin"} <= set(queues)


def test_a_backlog_counts_what_is_due_and_tells_its_age() -> None:
    for task in ("payments.tasks.reconcile", "core.tasks.forget_expired"):
        configure_task(task).defer(timestamp=0)
    configure_task("core.tasks.deliver").defer(event_id="x", handler="y")
    configure_task("core.tasks.deliver", schedule_in={"hours": 1}).defer(event_id="x", handler="z")

    told = {
        backlog.lane: backlog for backlog in backlogs(now=timezone.now() + timedelta(minutes=5))
    }

    assert told["events"].waiting == 1
    assert 299 <= told["events"].oldest_seconds <= 360
    assert told["money"].waiting == told["upkeep"].waiting == 1
    assert told["imports"] == Backlog("imports", waiting=0, oldest_seconds=0)
    assert [*told] == [lane.name for lane in LANES]


def test_what_has_waited_is_two_queries_however_much_it_is(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(30):
        configure_task("core.tasks.deliver").defer(event_id=str(number), handler="y")

    with django_assert_num_queries(2):
        backlogs(now=timezone.now())
