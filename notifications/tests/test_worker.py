"""The whole chain with a real worker process: an order is placed, its e-mail arrives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection
from procrastinate.contrib.django import app as jobs
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.tests.factories import UserFactory
from core.queues import LANES
from core.tests.waiting import wait_until
from notifications.models import EmailStatus, OutgoingEmail
from notifications.tests.mail import MailServer
from orders.tests.factories import place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
StartWorker = Callable[..., subprocess.Popen[bytes]]


def database_url() -> str:
    at = connection.settings_dict
    host = quote(at["HOST"], safe="")
    return f"postgres://{at['USER']}:{at['PASSWORD']}@{host}:{at['PORT']}/{at['NAME']}"


@pytest.fixture
def start_worker(mail_server: MailServer, tmp_path: Path) -> Iterator[StartWorker]:
    """Return what starts a worker on this test's database that mails to ``mail_server``."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*options: str) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "DATABASE_URL": database_url(),
            "DATA_DIR": str(tmp_path),
            "LOG_LEVEL": "WARNING",
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}",
        }
        command = [sys.executable, "manage.py", "worker", *options]
        started.append(subprocess.Popen(command, cwd=ROOT, env=environment))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def worker_is_listening() -> bool:
    """Whether each lane listens by a connection of its own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state = 'idle' AND query ILIKE '%listen %'"
        )
        return int(cursor.fetchone()[0]) == len(LANES)


def test_placing_an_order_wakes_the_worker_which_sends_its_confirmation(
    start_worker: StartWorker, mail_server: MailServer
) -> None:
    start_worker("--polling-seconds=100000")  # only a notification wakes it
    wait_until(worker_is_listening)

    order = place(UserFactory.create())
    wait_until(lambda: bool(mail_server.messages))

    assert mail_server.messages[0]["To"] == order.email
    assert order.number in mail_server.messages[0]["Subject"]
    wait_until(lambda: OutgoingEmail.objects.get().status == EmailStatus.SENT)


def test_what_a_killed_worker_left_is_done_by_the_next_one(
    start_worker: StartWorker, mail_server: MailServer
) -> None:
    worker = start_worker()
    wait_until(worker_is_listening)
    mail_server.is_stuck = True
    place(UserFactory.create())
    wait_until(lambda: mail_server.connections > 0)

    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    sending = ProcrastinateJob.objects.get(task_name="notifications.tasks.send_email")
    assert sending.status == "doing"
    assert mail_server.messages == []

    mail_server.is_stuck = False
    pretend_a_minute_passes()
    start_worker()
    jobs.configure_task("core.tasks.retry_stalled_jobs").defer(timestamp=0)
    wait_until(lambda: bool(mail_server.messages))
    wait_until(lambda: OutgoingEmail.objects.get().status == EmailStatus.SENT)

    assert len(mail_server.messages) == 1


def test_a_stalled_job_with_a_waiting_twin_does_not_hold_up_the_others(
    start_worker: StartWorker, mail_server: MailServer
) -> None:
    twin = jobs.configure_task("core.tasks.forget_expired").defer(timestamp=0)
    look_stalled(twin)
    jobs.configure_task("core.tasks.forget_expired", schedule_in={"hours": 1}).defer(timestamp=0)
    place(UserFactory.create())
    handler = "notifications.tasks.send_order_placed"
    look_stalled(ProcrastinateJob.objects.get(args__handler=handler).pk)

    start_worker()
    jobs.configure_task("core.tasks.retry_stalled_jobs").defer(timestamp=0)
    wait_until(lambda: bool(mail_server.messages))

    assert status_of(twin) == "failed"


def test_an_email_does_not_wait_behind_a_long_import(
    start_worker: StartWorker, mail_server: MailServer
) -> None:
    with psycopg.connect(database_url()) as importing:
        importing.execute("LOCK TABLE core_idempotencyrecord")
        long_job = jobs.configure_task("core.tasks.forget_expired", queue="imports").defer(
            timestamp=0
        )
        start_worker()
        wait_until(lambda: status_of(long_job) == "doing")

        place(UserFactory.create())
        wait_until(lambda: bool(mail_server.messages))

        assert status_of(long_job) == "doing"
    wait_until(lambda: status_of(long_job) == "succeeded")


def look_stalled(job: int) -> None:
    """Make a job look as a killed worker leaves it."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job])


def status_of(job: int) -> str:
    return str(ProcrastinateJob.objects.get(pk=job).status)


def pretend_a_minute_passes() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
        )
