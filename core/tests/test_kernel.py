"""Logs, rate limits, audit, health."""

from __future__ import annotations

import io
import json
import logging
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
import redis
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone
from gunicorn.glogging import Logger as GunicornLogger
from pytest_django.fixtures import Settings

from core import audit, rate_limits
from core.audit import Discrepancy, Identity
from core.logging import HIDDEN, configure, hide_secrets
from core.models import RateLimitCounter
from core.queues import LANES
from core.rate_limits import Limit, RateLimited

LIMIT = Limit("test", count=3, seconds=60)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("password", "hunter2", HIDDEN),
        ("refresh_token", "abc", HIDDEN),
        ("event", "got Bearer abc.def.ghi today", f"got {HIDDEN} today"),
        ("event", "key Api-Key tp_1.secret", f"key {HIDDEN}"),
        ("detail", "eyJhbGciOiJI.eyJzdWIi.c2ln", HIDDEN),
        ("path", "/api/v1/orders/", "/api/v1/orders/"),
        ("status", 200, 200),
    ],
)
def test_secrets_never_reach_a_log(name: str, value: object, shown: object) -> None:
    assert hide_secrets(None, "info", {name: value}) == {name: shown}


@pytest.mark.django_db
def test_every_request_is_logged_with_its_id_and_without_its_query(
    caplog: pytest.LogCaptureFixture, client: Client
) -> None:
    with caplog.at_level(logging.INFO, "tradepost.access"):
        client.get("/healthz?token=secret", headers={"X-Request-ID": "trace-1234"})

    (record,) = [entry for entry in caplog.records if entry.name == "tradepost.access"]
    assert record.__dict__["path"] == "/healthz"
    assert "secret" not in str(record.__dict__)


@pytest.mark.django_db
def test_the_line_of_a_request_is_json(capsys: pytest.CaptureFixture[str], client: Client) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure({"level": "INFO", "format": "json"})
        client.get("/x/eyJhbGciOi.eyJzdWIi.c2ln/", headers={"X-Request-ID": "trace-1234"})
    finally:
        root.handlers[:], root.level = handlers, level

    lines = map(json.loads, capsys.readouterr().err.splitlines())
    (line,) = (entry for entry in lines if entry["logger"] == "tradepost.access")
    assert line.pop("milliseconds") >= 0
    assert datetime.fromisoformat(line.pop("timestamp")).tzinfo
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "tradepost.access",
        "method": "GET",
        "path": f"/x/{HIDDEN}/",
        "status": 404,
        "request_id": "trace-1234",
    }


@pytest.mark.parametrize("order", [5, 10**400, "\udc80"])
def test_logs_are_json_lines(capsys: pytest.CaptureFixture[str], order: object) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure({"level": "INFO", "format": "json"})
        logging.getLogger("tradepost.test").info("hello", extra={"password": "x", "order": order})
    finally:
        root.handlers[:], root.level = handlers, level

    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (line["event"], line["order"], line["password"]) == ("hello", order, HIDDEN)


def test_log_records_hold_what_the_web_server_prints() -> None:
    configure({"level": "INFO", "format": "json"})
    record = logging.getLogger("gunicorn.error").makeRecord(
        "gunicorn.error", logging.INFO, "", 0, "Starting", (), None
    )

    line = logging.Formatter(GunicornLogger.error_fmt).format(record)

    assert f"[{os.getpid()}] [INFO] Starting" in line


@pytest.mark.django_db
def test_a_limit_counts_down_and_refuses() -> None:
    remaining = [rate_limits.hit(LIMIT, "a", now=100).remaining for _ in range(3)]

    with pytest.raises(RateLimited) as refused:
        rate_limits.hit(LIMIT, "a", now=119)

    assert remaining == [2, 1, 0]
    assert refused.value.usage.reset == LIMIT.seconds - 19
    assert rate_limits.hit(LIMIT, "b", now=119).remaining == 2


@pytest.mark.django_db
def test_a_window_begins_with_the_first_hit_and_is_not_drawn_out_by_later_ones() -> None:
    for moment in (119, 120, 178.5):
        rate_limits.hit(LIMIT, "a", now=moment)

    with pytest.raises(RateLimited):
        rate_limits.hit(LIMIT, "a", now=178.9)

    assert rate_limits.hit(LIMIT, "a", now=179).remaining == 2


@pytest.mark.django_db
def test_a_hit_given_back_counts_no_more_but_never_in_another_window() -> None:
    rate_limits.hit(LIMIT, "a", now=100)
    rate_limits.give_back([(LIMIT, "a")], now=101)
    assert rate_limits.hit(LIMIT, "a", now=102).remaining == 2

    rate_limits.give_back([(LIMIT, "a")], now=200)
    assert rate_limits.hit(LIMIT, "a", now=103).remaining == 1


@pytest.mark.django_db
def test_limits_are_scaled_for_load_tests(settings: Settings) -> None:
    settings.THROTTLE_SCALE = 1000

    assert rate_limits.hit(LIMIT, "a").remaining == 2999


@pytest.mark.django_db
def test_expired_counters_are_forgotten() -> None:
    rate_limits.hit(LIMIT, "a", now=100)

    rate_limits.forget_expired(now=timezone.now() + timedelta(days=1))

    assert not RateLimitCounter.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_parallel_hits_are_all_counted() -> None:
    def hit(_number: int) -> bool:
        try:
            rate_limits.hit(LIMIT, "a", now=100)
        except RateLimited:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(hit, range(10))) == 3


def test_threads_that_ask_at_once_share_one_client_of_redis() -> None:
    rate_limits._client.cache_clear()
    start, usual = Barrier(20), sys.getswitchinterval()

    def client(_number: int) -> redis.Redis:
        start.wait()
        return rate_limits._redis("redis://127.0.0.1:1/0")  # nothing is sent

    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(20) as pool:
            clients = list(pool.map(client, range(20)))
    finally:
        sys.setswitchinterval(usual)
        rate_limits._client.cache_clear()

    assert len({id(caller) for caller in clients}) == 1


@pytest.mark.django_db
def test_audit_of_an_empty_shop_is_clean() -> None:
    out = io.StringIO()

    call_command("audit", stdout=out)

    assert "0 broken" in out.getvalue()


@pytest.mark.django_db
def test_audit_prints_discrepancies_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def check() -> Iterator[Discrepancy]:
        yield from audit.rows("SELECT 'row 7', 10, %s", [9])

    broken = Identity("core", "ten is ten", check)
    monkeypatch.setattr(audit, "_identities", [broken])
    out = io.StringIO()

    with pytest.raises(SystemExit) as stopped:
        call_command("audit", stdout=out)

    assert stopped.value.code == 1
    assert all(word in out.getvalue() for word in ("ten is ten", "row 7", "10", "9", "1 broken"))


def test_healthz_needs_nothing(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_readyz_tells_each_part(client: Client) -> None:
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (
        200,
        {
            "status": "ok",
            "database": "ok",
            "migrations": "ok",
            "cache": "ok",
            "jobs": "no worker",
            "queues": {lane.name: {"waiting": 0, "oldest_seconds": 0} for lane in LANES},
        },
    )


def test_readyz_is_503_without_its_database(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone:
        def cursor(self) -> None:
            raise DatabaseError("the server is gone")

    monkeypatch.setattr("core.api.health.connection", Gone())
    monkeypatch.setattr("core.api.health.MigrationExecutor", lambda _connection: Gone().cursor())
    monkeypatch.setattr("core.api.health._applied_once", dict)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["database"] == "DatabaseError"
