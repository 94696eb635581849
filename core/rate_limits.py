"""Counting how often something happens, atomically and over all processes.

Counts live in Redis when ``REDIS_URL`` is set, otherwise (and while Redis is away, from nothing)
in PostgreSQL; in both a hit is one
atomic step, so that parallel callers cannot slip through between reading and writing.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from math import ceil
from threading import Lock
from typing import Any

import redis
from django.conf import settings
from django.db import connection

from core.errors import DomainError
from core.models import RateLimitCounter
from core.outages import ask_redis
from core.queries import with_asynchronous_commit


@dataclass(frozen=True)
class Limit:
    name: str
    count: int
    seconds: int

    @property
    def quota(self) -> int:
        """Return the count in force, scaled by the setting ``THROTTLE_SCALE``."""
        return self.count * int(settings.THROTTLE_SCALE)


@dataclass(frozen=True)
class Usage:
    """Where a caller stands: ``remaining`` hits until the window ends in ``reset`` seconds."""

    limit: Limit
    remaining: int
    reset: int


class RateLimited(DomainError):
    """Too many tries; ``usage`` says when to come back."""

    code = "rate_limited"
    status = 429
    title = "Too many requests."

    def __init__(self, usage: Usage) -> None:
        super().__init__(f"Too many requests. Try again in {usage.reset} seconds.")
        self.usage = usage


def hit(limit: Limit, caller: str, *, now: float | None = None) -> Usage:
    """Count one hit of ``caller`` against ``limit``; raise RateLimited when it is one too many.

    A window begins with a caller's first hit and lasts ``limit.seconds``.
    """
    return hit_all([(limit, caller)], now=now)[0]


def hit_all(hits: Sequence[tuple[Limit, str]], *, now: float | None = None) -> list[Usage]:
    """Count one hit against each (limit, caller) in one step.

    Raises RateLimited with the longest wait when any of them is one too many; all are counted.
    """
    seconds = {_key(limit, caller): limit.seconds for limit, caller in hits}
    moment = time.time() if now is None else now
    counts = _counts(seconds, moment)
    usages, exceeded = [], []
    for limit, caller in hits:
        counted, left = counts[_key(limit, caller)]
        usage = Usage(limit, max(limit.quota - counted, 0), max(ceil(left), 1))
        usages.append(usage)
        if counted > limit.quota:
            exceeded.append(usage)
    if exceeded:
        raise RateLimited(max(exceeded, key=lambda usage: usage.reset))
    return usages


def _counts(seconds: Mapping[str, int], moment: float) -> dict[str, tuple[int, float]]:
    if not settings.REDIS_URL:
        return _count_in_table(seconds, moment)
    return ask_redis(
        lambda: _count_in_redis(seconds, moment),
        otherwise=lambda: _count_in_table(seconds, moment),
    )


def give_back(hits: Sequence[tuple[Limit, str]], *, now: float | None = None) -> None:
    """Take back one hit of each: what was counted beforehand proved harmless."""
    moment = time.time() if now is None else now
    keys = [_key(limit, caller) for limit, caller in hits]
    if not settings.REDIS_URL:
        return _give_back_in_table(keys, moment)
    places = [f"rate:{key}" for key in keys]
    return ask_redis(
        lambda: _give_back_in_redis(places, moment),
        otherwise=lambda: _give_back_in_table(keys, moment),
    )


def _give_back_in_redis(places: Sequence[str], moment: float) -> None:
    _redis(settings.REDIS_URL).eval(_GIVE_BACK_IN_REDIS, len(places), *places, moment)


def _give_back_in_table(keys: Sequence[str], moment: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, [list(keys), datetime.fromtimestamp(moment, UTC)])


def _key(limit: Limit, caller: str) -> str:
    return f"{limit.name}:{caller}"[: RateLimitCounter._meta.get_field("key").max_length]


def forget_expired(*, now: datetime) -> None:
    """Drop the counters of windows that have ended."""
    RateLimitCounter.objects.filter(expires_at__lt=now).delete()


# Rows are written in the order of their keys, so that two callers cannot deadlock.
_COUNT = """
    INSERT INTO core_ratelimitcounter AS counter (key, count, expires_at)
    SELECT key, 1, %(now)s::timestamptz + make_interval(secs => seconds)
    FROM unnest(%(keys)s::varchar[], %(seconds)s::integer[]) AS hit (key, seconds)
    ORDER BY key
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN counter.expires_at > %(now)s THEN counter.count + 1 ELSE 1 END,
        expires_at = CASE WHEN counter.expires_at > %(now)s THEN counter.expires_at
                          ELSE excluded.expires_at END
    RETURNING key, count, expires_at"""

_GIVE_BACK = """
    UPDATE core_ratelimitcounter AS counter SET count = counter.count - 1
    FROM (SELECT key FROM core_ratelimitcounter WHERE key = ANY(%s) ORDER BY key FOR UPDATE) AS held
    WHERE counter.key = held.key AND counter.count > 0 AND counter.expires_at > %s
"""


def _count_in_table(seconds: Mapping[str, int], now: float) -> dict[str, tuple[int, float]]:
    """Return the count of each key, and the seconds until its window ends."""
    moment = datetime.fromtimestamp(now, UTC)
    parameters: dict[str, Any] = {
        "now": moment,
        "keys": list(seconds),
        "seconds": list(seconds.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(with_asynchronous_commit(_COUNT), parameters)
        return {
            key: (count, (end - moment).total_seconds())
            for key, count, end, *_ in cursor.fetchall()
        }


# A hash for each caller: ``count``, and when its window ``ends``.
_COUNT_IN_REDIS = """
    local now, counts = tonumber(ARGV[1]), {}
    for place, key in ipairs(KEYS) do
        local ends = tonumber(redis.call('HGET', key, 'ends') or '0')
        if ends <= now then
            ends = now + tonumber(ARGV[place + 1])
            redis.call('HSET', key, 'count', 0, 'ends', ends)
            redis.call('EXPIRE', key, ARGV[place + 1])
        end
        counts[place] = {redis.call('HINCRBY', key, 'count', 1), tostring(ends - now)}
    end
    return counts
"""

_GIVE_BACK_IN_REDIS = """
    for _, key in ipairs(KEYS) do
        local count, ends = unpack(redis.call('HMGET', key, 'count', 'ends'))
        if tonumber(count or '0') > 0 and tonumber(ends) > tonumber(ARGV[1]) then
            redis.call('HINCRBY', key, 'count', -1)
        end
    end
"""


def _count_in_redis(seconds: Mapping[str, int], now: float) -> dict[str, tuple[int, float]]:
    keys = [f"rate:{key}" for key in seconds]
    server = _redis(settings.REDIS_URL)
    counts = server.eval(_COUNT_IN_REDIS, len(keys), *keys, now, *seconds.values())
    return {key: (count, float(left)) for key, (count, left) in zip(seconds, counts, strict=True)}


def _redis(url: str) -> redis.Redis:
    """Return the process's one client: a client that goes closes its connections, whoever reads."""
    with _making_client:
        return _client(url)


_making_client = Lock()


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, **settings.REDIS_OPTIONS)
