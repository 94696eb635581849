"""The shop while Redis or PostgreSQL is away."""

from __future__ import annotations

import logging
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.core.cache import caches
from django.db import InterfaceError, OperationalError, connection
from django.test import Client, override_settings
from psycopg import errors
from rest_framework.test import APIClient

from core import outages, rate_limits
from core.models import RateLimitCounter
from core.rate_limits import Limit

LIMIT = Limit("example", count=2, seconds=3600)


class FakeRedis:
    """A server that speaks enough of Redis for a cache: it answers, hangs or refuses."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}
        self.is_hanging = False
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.server: socketserver.ThreadingTCPServer | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        fake = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with suppress(OSError, ValueError):
                    while line := self.rfile.readline():
                        count = int(line[1:])
                        words = []
                        for _word in range(count):
                            size = int(self.rfile.readline()[1:])
                            words.append(self.rfile.read(size + 2)[:-2])
                        if not fake.is_hanging:
                            self.wfile.write(fake.answer(words))

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self.server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def answer(self, words: list[bytes]) -> bytes:
        command = words[0].upper()
        if command == b"SET":
            self.values[words[1]] = words[2]
        if command == b"GET":
            found = self.values.get(words[1])
            return b"$-1\r\n" if found is None else b"$%d\r\n%s\r\n" % (len(found), found)
        if command == b"EVAL":
            return b"*1\r\n*2\r\n:1\r\n$2\r\n60\r\n"
        return b"+OK\r\n"


@pytest.fixture
def fake() -> Iterator[FakeRedis]:
    """Put a Redis of our own in the place of the shop's."""
    server = FakeRedis()
    server.start()
    options = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2, "retry": None, "protocol": 2}
    cache = {
        "BACKEND": "core.outages.SpareableRedisCache",
        "LOCATION": server.url,
        "OPTIONS": options,
    }
    outages._redis.rests_until = 0
    with override_settings(REDIS_URL=server.url, REDIS_OPTIONS=options, CACHES={"default": cache}):
        yield server
    server.stop()
    outages._redis.rests_until = 0


def _fail(server: FakeRedis, way: str) -> None:
    if way == "hangs":
        server.is_hanging = True
    else:
        server.stop()
        caches["default"]._cache._get_connection_pool(write=True).disconnect()  # type: ignore[attr-defined]  # closed with it
        rate_limits._redis(server.url).connection_pool.disconnect()


@pytest.mark.any_server
@pytest.mark.django_db
@pytest.mark.parametrize("way", ["hangs", "refuses"])
def test_without_redis_the_shop_sells_on_and_takes_it_back(
    fake: FakeRedis, way: str, client: Client, api: APIClient
) -> None:
    cache = caches["default"]
    cache.set("key", "kept", 60)
    assert (cache.get("key"), client.get("/readyz").json()["status"]) == ("kept", "ok")

    _fail(fake, way)

    assert cache.get("key", "nothing") == "nothing"
    assert api.get("/api/v1/products/").status_code == 200
    wrong = {"email": "ada@example.com", "password": "no-password-of-hers"}
    assert api.post("/api/v1/auth/login/", wrong).json()["code"] == "wrong_credentials"
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert ready.json()["cache"] == "away"

    fake.is_hanging = False
    if way == "refuses":
        fake.start()
    outages._redis.rests_until = 0  # its rest is over

    assert cache.get("key") == "kept"
    assert client.get("/readyz").json()["status"] == "ok"


@pytest.mark.any_server
@pytest.mark.django_db
@pytest.mark.parametrize("way", ["hangs", "refuses"])
def test_without_redis_limits_count_in_the_table(fake: FakeRedis, way: str) -> None:
    rate_limits.hit(LIMIT, "ada")
    assert not RateLimitCounter.objects.exists()
    _fail(fake, way)

    rate_limits.hit(LIMIT, "ada")
    rate_limits.hit(LIMIT, "ada")
    with pytest.raises(rate_limits.RateLimited):
        rate_limits.hit(LIMIT, "ada")
    rate_limits.give_back([(LIMIT, "ada")])

    assert RateLimitCounter.objects.get().count == 2


@pytest.mark.any_server
def test_a_redis_that_hangs_is_waited_for_once_and_told_once(
    fake: FakeRedis, caplog: pytest.LogCaptureFixture
) -> None:
    outages._redis.told_at = float("-inf")
    cache = caches["default"]
    cache.get("key")
    fake.is_hanging = True
    began = time.monotonic()

    assert [cache.get("key") for _time in range(1000)] == [None] * 1000

    assert time.monotonic() - began < 1000 * 0.2 / 2  # each would wait so long, were it asked
    assert [record.message for record in caplog.records] == ["Redis is away: TimeoutError"]


def _raise(error: Exception, cause: Exception | None = None) -> Any:
    error.__cause__ = cause

    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise error

    return fail


@pytest.mark.any_server
@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/api/v1/products/", "/api/v1/countries/", "/api/v1/brands/penguin/"]
)
def test_without_its_database_it_says_when_to_come_back(
    path: str, api: APIClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    outages._postgresql.told_at = float("-inf")
    monkeypatch.setattr(connection, "cursor", _raise(OperationalError("connection refused")))
    monkeypatch.setattr(connection, "chunked_cursor", _raise(OperationalError("refused")))
    with caplog.at_level(logging.WARNING):
        answers = [api.get(path) for _time in range(3)]

    assert {answer.status_code for answer in answers} == {503}
    assert {answer.json()["code"] for answer in answers} == {"unavailable"}
    assert {answer["Retry-After"] for answer in answers} == {"5"}
    assert {answer["Content-Type"] for answer in answers} == {"application/problem+json"}
    assert [record.message for record in caplog.records] == ["PostgreSQL is away: OperationalError"]
    assert [record.exc_info for record in caplog.records] == [None]


@pytest.mark.any_server
@pytest.mark.django_db
def test_without_its_database_the_admin_says_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "cursor", _raise(OperationalError("connection refused")))

    answer = client.post("/admin/login/", {"username": "a@example.com", "password": "x"})

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


@pytest.mark.any_server
@pytest.mark.parametrize(
    ("error", "cause", "is_away"),
    [
        (OperationalError("connection refused"), None, True),
        (InterfaceError("the connection is closed"), None, True),
        (OperationalError("shutting down"), errors.AdminShutdown(), True),
        (OperationalError("too many clients"), errors.TooManyConnections(), True),
        (OperationalError("deadlock detected"), errors.DeadlockDetected(), False),
        (OperationalError("lock timeout"), errors.LockNotAvailable(), False),
        (ValueError("a bug"), None, False),
    ],
)
def test_only_an_outage_is_taken_for_one(
    error: Exception, cause: Exception | None, is_away: bool
) -> None:
    error.__cause__ = cause

    assert outages.is_database_away(error) is is_away
