"""Is the process alive, and can it serve?"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.core.cache import cache as shared_cache
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from redis import RedisError

from core.queues import backlogs

_LAST_HEARTBEAT = (
    "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute'"
)


def healthz(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when database and migrations are fit to serve, otherwise 503.

    Without its cache the shop sells on, slower: ``status`` is then ``degraded``.
    ``jobs`` tells whether a worker has reported within the last minute; without one the shop
    still sells, so that alone does not take it out of service. ``queues`` tells for each lane
    of jobs how many are due and for how many seconds the oldest has waited.
    """
    checks = {name: _state(check) for name, check in _CHECKS.items()}
    is_ready = all(checks[name] == "ok" for name in ("database", "migrations"))
    served = "ok" if checks["cache"] == "ok" else "degraded"
    body: dict[str, Any] = {"status": served if is_ready else "unavailable", **checks}
    if is_ready:
        body["queues"] = {
            backlog.lane: {"waiting": backlog.waiting, "oldest_seconds": backlog.oldest_seconds}
            for backlog in backlogs(now=timezone.now())
        }
    return JsonResponse(body, status=200 if is_ready else 503)


def _state(check: Callable[[], str]) -> str:
    try:
        return check()
    except (DatabaseError, InterfaceError, RedisError, OSError) as error:
        return type(error).__name__


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    return "ok" if not _has_pending_migrations() else "pending"


@cache
def _applied_once() -> dict[str, bool]:
    """Remember that all was applied: migrations do not go backwards under a running process."""
    return {}


def _has_pending_migrations() -> bool:
    if _applied_once().get("all"):
        return False
    executor = MigrationExecutor(connection)
    is_pending = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    _applied_once()["all"] = not is_pending
    return is_pending


def _cache() -> str:
    shared_cache.set("readyz", "ok", 5)
    return str(shared_cache.get("readyz", "away"))


def _jobs() -> str:
    with connection.cursor() as cursor:
        cursor.execute(_LAST_HEARTBEAT)
        return "ok" if cursor.fetchall()[0][0] else "no worker"


_CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "cache": _cache,
    "jobs": _jobs,
}
