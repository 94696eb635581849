"""Background jobs, and putting them into their queue.

A job is put there in the transaction that makes it needed: it exists if that commits, and it
starts afterwards. procrastinate's own ``app`` does so in a web server only. A worker gives it a
connection of another kind, by which a job would be committed at once: it could start before there
is what it is about, and would stay if its transaction failed. So apps use ``configure_task`` of
this module; ``app`` is for declaring tasks.

The worker's own bookkeeping (what it has taken, what is done) does not wait for the disk: what a
power cut takes of it is done again, as after any crash, and all jobs are made for that. Behind
PgBouncer, which refuses to pass that setting on, it waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from procrastinate import App
from procrastinate.contrib.django import app, connector_params
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import JobDeferrer
from procrastinate.manager import JobManager
from procrastinate.psycopg_connector import PsycopgConnector

from core.queues import LANES, Lane

SHARED_CONNECTIONS: Final = 3
_in_transaction = JobManager(DjangoConnector(alias=DEFAULT_DB_ALIAS))


def configure_task(name: str, **options: Any) -> JobDeferrer:
    """Return what puts jobs of a task into its queue, in the current transaction.

    ``options`` are procrastinate's: ``queue``, ``lock``, ``queueing_lock``, ``schedule_in``.
    """
    deferrer = app.configure_task(name, **options)
    deferrer.job_manager = _in_transaction
    return deferrer


class Connector(DjangoConnector):
    """Connects web servers by Django, and workers without waiting for the disk."""

    def get_worker_connector(self) -> PsycopgConnector:
        return worker_connector(LANES)


def worker_connector(lanes: Sequence[Lane]) -> PsycopgConnector:
    """Return what the workers of these lanes take and finish jobs by.

    Each keeps a connection to listen by; those for the rest are shared.
    """
    parameters = connector_params(DEFAULT_DB_ALIAS)
    if settings.DATABASE_PREPARED_STATEMENTS:
        given = parameters.get("options", "")
        parameters["options"] = f"{given} -c synchronous_commit=off".strip()
    return PsycopgConnector(kwargs=parameters, min_size=1, max_size=len(lanes) + SHARED_CONNECTIONS)


def prepare(ready: App) -> None:
    """Give procrastinate's app our connector, once it is ready."""
    ready.connector = ready.job_manager.connector = Connector(alias=DEFAULT_DB_ALIAS)
