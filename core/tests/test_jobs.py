"""Jobs belong to the transaction that asks for them, in a worker too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import psycopg
import pytest
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from core import jobs

pytestmark = pytest.mark.django_db


def worker_connector() -> Any:
    return cast("DjangoConnector", app.connector).get_worker_connector()


@pytest.fixture
def _in_a_worker() -> Iterator[None]:
    """Give procrastinate's app the connector that it has while it runs a worker."""
    with app.replace_connector(worker_connector()):
        yield


@pytest.mark.usefixtures("_in_a_worker")
def test_a_job_asked_for_in_a_worker_comes_with_its_transaction() -> None:
    task = jobs.configure_task("core.tasks.forget_expired", queue="events")
    with transaction.atomic():
        task.defer(timestamp=1)
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.exists()

    with transaction.atomic():
        task.defer(timestamp=2)

    job = ProcrastinateJob.objects.get()
    assert (job.queue_name, job.args) == ("events", {"timestamp": 2})
    assert job.queueing_lock == "forget_expired"  # as the task was declared


def test_a_worker_asks_pgbouncer_for_nothing_that_it_refuses(settings: Settings) -> None:
    settings.DATABASE_PREPARED_STATEMENTS = False

    assert "options" not in worker_connector()._pool_args["kwargs"]


def test_a_workers_bookkeeping_does_not_wait_for_the_disk() -> None:
    parameters = worker_connector()._pool_args["kwargs"]
    with psycopg.connect(**parameters) as connection:
        row = connection.execute("SHOW synchronous_commit").fetchone()

    assert row == ("off",)
