"""Events are announced with their transaction, handled once, and tried again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import procrastinate
import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from core import events
from core.events import Event, deliver, emit, handles
from core.models import DomainEvent, EventDelivery
from core.tasks import PATIENT, Patience

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class KettleBoiled(Event):
    """For these tests only."""

    name = "kettle.boiled"
    kettle_id: UUID
    at: datetime
    litres: Decimal
    by: str = ""


class Broken(Exception):
    """What a handler may raise."""


@pytest.fixture
def handled() -> Iterator[list[KettleBoiled]]:
    """Return what a handler of KettleBoiled has seen; it writes a row first and may break."""
    seen: list[KettleBoiled] = []

    @handles(KettleBoiled)
    def pour(event: KettleBoiled) -> None:
        DomainEvent.objects.create(name="tea.poured", payload={})
        if event.by == "broken":
            raise Broken
        seen.append(event)

    yield seen
    del events._handlers[KettleBoiled.name]


def boiled(by: str = "") -> KettleBoiled:
    return KettleBoiled(uuid4(), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), Decimal("1.5"), by)


def jobs() -> list[dict[str, str]]:
    waiting = ProcrastinateJob.objects.filter(task_name="core.tasks.deliver").order_by("id")
    return [job.args for job in waiting]


def test_an_event_is_written_with_a_job_for_each_handler(handled: list[KettleBoiled]) -> None:
    emit(boiled())

    row = DomainEvent.objects.get()
    handler = f"{__name__}.handled.<locals>.pour"
    assert jobs() == [{"event_id": str(row.pk), "handler": handler}]


def test_a_rolled_back_transaction_announces_nothing(handled: list[KettleBoiled]) -> None:
    with transaction.atomic():
        emit(boiled())
        transaction.set_rollback(True)

    assert not DomainEvent.objects.exists()
    assert jobs() == []


def test_an_event_without_handlers_is_written_without_jobs() -> None:
    emit(boiled())

    assert DomainEvent.objects.count() == 1
    assert jobs() == []


def test_a_handler_gets_the_event_as_it_was_emitted(handled: list[KettleBoiled]) -> None:
    event = boiled("Ada")
    emit(event)

    deliver(event_id=UUID(jobs()[0]["event_id"]), handler=jobs()[0]["handler"])

    assert handled == [event]


def test_a_handler_acts_once_even_if_it_is_delivered_twice(handled: list[KettleBoiled]) -> None:
    emit(boiled())

    for _ in range(2):
        deliver(event_id=UUID(jobs()[0]["event_id"]), handler=jobs()[0]["handler"])

    assert len(handled) == 1


def test_nothing_remains_of_a_handler_that_fails_so_it_can_try_again(
    handled: list[KettleBoiled],
) -> None:
    emit(boiled("broken"))

    for _ in range(2):
        with pytest.raises(Broken):
            deliver(event_id=UUID(jobs()[0]["event_id"]), handler=jobs()[0]["handler"])

    assert not EventDelivery.objects.exists()
    assert not DomainEvent.objects.filter(name="tea.poured").exists()


def test_a_handler_that_has_left_the_code_has_nothing_to_do() -> None:
    emit(boiled())

    deliver(event_id=DomainEvent.objects.get().pk, handler="an.old.handler")

    assert EventDelivery.objects.count() == 1


def job_after(attempts: int) -> procrastinate.jobs.Job:
    return procrastinate.jobs.Job(
        id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts
    )


def test_waits_double_up_to_an_hour_and_end_after_about_a_day() -> None:
    waits = []
    now = datetime.now(UTC)
    for attempts in range(Patience.ATTEMPTS):
        decision = PATIENT.get_retry_decision(exception=Broken(), job=job_after(attempts))
        assert decision
        assert decision.retry_at
        waits.append(round((decision.retry_at - now).total_seconds()))

    assert waits[:4] == [2, 4, 8, 16]
    assert max(waits) == 3600
    assert 20 * 3600 < sum(waits) < 28 * 3600
    last = job_after(Patience.ATTEMPTS)
    assert PATIENT.get_retry_decision(exception=Broken(), job=last) is None


def test_a_worker_finds_its_next_job_as_fast_however_many_wait() -> None:
    fetch = "SELECT * FROM procrastinate_fetch_job_v2(NULL, NULL)"
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE procrastinate_jobs")
        for _ in range(10):  # the plan for an empty queue is the one that stays
            cursor.execute(fetch)
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status)"
            " SELECT 'events', 'core.tasks.deliver', 0, '{}', 'todo' FROM generate_series(1, 1000)"
        )
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {fetch}")
        [plan] = cursor.fetchone()[0]

    assert plan["Plan"]["Actual Rows"] == 1
    assert plan["Plan"]["Shared Hit Blocks"] < 200
