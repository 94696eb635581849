"""Counting how often something happens, atomically and over all processes.

Counts live in Redis when ``REDIS_URL`` is set, otherwise in PostgreSQL; in both a hit is one
atomic step, so that parallel callers cannot slip through between reading and writing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from threading import Lock

import redis
from django.conf import settings
from django.db import connection

from core.errors import DomainError
from core.models import RateLimitCounter
from core.queries import unhurried


@dataclass(frozen=True)
class Limit:
    """At most ``count`` hits in ``seconds``; ``name`` is told to the caller."""

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

    Windows are fixed: they begin at multiples of ``limit.seconds`` since the epoch.
    """
    return hit_all([(limit, caller)], now=now)[0]


def hit_all(hits: Sequence[tuple[Limit, str]], *, now: float | None = None) -> list[Usage]:
    """Count one hit against each (limit, caller) in one step.

    Raises RateLimited with the longest wait when any of them is one too many; all are counted.
    """
    moment = time.time() if now is None else now
    keys = [_key(limit, caller, moment) for limit, caller in hits]
    ends = [(int(moment // limit.seconds) + 1) * limit.seconds for limit, _ in hits]
    seconds = [max(int(end - moment), 1) for end in ends]
    counts = _count_in_redis(keys, seconds) if settings.REDIS_URL else _count_in_table(keys, ends)
    usages = [
        Usage(limit, max(limit.quota - counts[key], 0), left)
        for (limit, _), key, left in zip(hits, keys, seconds, strict=True)
    ]
    exceeded = [
        usage for usage, key in zip(usages, keys, strict=True) if counts[key] > usage.limit.quota
    ]
    if exceeded:
        raise RateLimited(max(exceeded, key=lambda usage: usage.reset))
    return usages


def give_back(hits: Sequence[tuple[Limit, str]], *, now: float | None = None) -> None:
    """Take back one hit of each: what was counted beforehand proved harmless."""
    moment = time.time() if now is None else now
    keys = [_key(limit, caller, moment) for limit, caller in hits]
    if settings.REDIS_URL:
        _redis(settings.REDIS_URL).eval(_DECREMENT_EXISTING, len(keys), *keys)
    else:
        with connection.cursor() as cursor:
            cursor.execute(_GIVE_BACK, [keys])


def _key(limit: Limit, caller: str, moment: float) -> str:
    window = int(moment // limit.seconds)
    return f"{limit.name}:{window}:{caller}"[: RateLimitCounter._meta.get_field("key").max_length]


def forget_expired(*, now: datetime) -> None:
    """Drop the counters of windows that have ended."""
    RateLimitCounter.objects.filter(expires_at__lt=now).delete()


# Rows are written in the order of their keys, so that two callers cannot deadlock.
_COUNT = """
    INSERT INTO core_ratelimitcounter AS counter (key, count, expires_at)
    SELECT key, 1, expires_at FROM unnest(%s::varchar[], %s::timestamptz[]) AS hit (key, expires_at)
    ORDER BY key
    ON CONFLICT (key) DO UPDATE SET count = counter.count + 1 RETURNING key, count"""

_GIVE_BACK = """
    UPDATE core_ratelimitcounter AS counter SET count = counter.count - 1
    FROM (SELECT key FROM core_ratelimitcounter WHERE key = ANY(%s) ORDER BY key FOR UPDATE) AS held
    WHERE counter.key = held.key AND counter.count > 0
"""


def _count_in_table(keys: list[str], ends: list[int]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            unhurried(_COUNT), [keys, [datetime.fromtimestamp(end, UTC) for end in ends]]
        )
        return {key: count for key, count, *_ in cursor.fetchall()}


_DECREMENT_EXISTING = """
    for _, key in ipairs(KEYS) do
        if tonumber(redis.call('GET', 'rate:' .. key) or '0') > 0 then
            redis.call('DECR', 'rate:' .. key)
        end
    end
"""


def _count_in_redis(keys: list[str], seconds: list[int]) -> dict[str, int]:
    pipeline = _redis(settings.REDIS_URL).pipeline(transaction=True)
    for key, left in zip(keys, seconds, strict=True):
        pipeline.incr(f"rate:{key}")
        pipeline.expire(f"rate:{key}", left)
    return dict(zip(keys, map(int, pipeline.execute()[::2]), strict=True))


def _redis(url: str) -> redis.Redis:
    """Return the process's one client: a client that goes closes its connections, whoever reads."""
    with _making_client:
        return _client(url)


_making_client = Lock()


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url)
