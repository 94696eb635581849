"""Doing without PostgreSQL and Redis while they are away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.core.cache.backends.redis import RedisCache
from django.db import InterfaceError, OperationalError
from redis import RedisError

T = TypeVar("T")

logger = logging.getLogger(__name__)

# After a failure Redis is left alone for so long: one that hangs costs a time-out, not one a call.
REST_SECONDS: Final = 5.0
# A log says once in so many seconds that something is away, not once a request.
TOLD_SECONDS: Final = 30.0


@dataclass
class _Outage:
    """What this process knows of a server that was away."""

    name: str
    rests_until: float = 0.0
    told_at: float = float("-inf")

    def tell(self, error: Exception) -> None:
        now = time.monotonic()
        if now - self.told_at >= TOLD_SECONDS:
            self.told_at = now
            logger.warning("%s is away: %s", self.name, type(error).__name__)


_redis = _Outage("Redis")
_postgresql = _Outage("PostgreSQL")


def ask_redis(question: Callable[[], T], *, otherwise: Callable[[], T]) -> T:
    """Return what Redis answers; while it is away, what ``otherwise`` does."""
    if time.monotonic() < _redis.rests_until:
        return otherwise()
    try:
        return question()
    except (RedisError, OSError) as error:
        _redis.rests_until = time.monotonic() + REST_SECONDS
        _redis.tell(error)
    return otherwise()


class SpareableRedisCache(RedisCache):
    """Django's cache in Redis; while that is away it keeps nothing and finds nothing."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        ask = super().get
        return ask_redis(lambda: ask(key, default, version), otherwise=lambda: default)

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        ask = super().set
        ask_redis(lambda: ask(key, value, *args, **kwargs), otherwise=lambda: None)

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> bool:
        ask = super().add
        return bool(ask_redis(lambda: ask(key, value, *args, **kwargs), otherwise=lambda: True))

    def delete(self, key: Any, version: int | None = None) -> bool:
        ask = super().delete
        return bool(ask_redis(lambda: ask(key, version), otherwise=lambda: False))


def is_database_away(error: BaseException) -> bool:
    """Tell whether PostgreSQL cannot be reached, is starting or ending, or takes no more."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(("08", "53", "57P"))


def tell_database_away(error: Exception) -> None:
    """Say in the log that PostgreSQL is away, if that was not said just now."""
    _postgresql.tell(error)
