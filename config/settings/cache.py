"""The cache: shared by all processes when there is a Redis, otherwise inside each process."""

from typing import Any

# The shop does without Redis sooner than it waits for it.
REDIS_OPTIONS: dict[str, Any] = {
    "socket_connect_timeout": 0.5,
    "socket_timeout": 0.5,
    "retry": None,
}


def caches(redis_url: str) -> dict[str, dict[str, Any]]:
    """Return Django's setting ``CACHES``."""
    if redis_url:
        backend = "core.outages.SpareableRedisCache"
        return {
            "default": {"BACKEND": backend, "LOCATION": redis_url, "OPTIONS": REDIS_OPTIONS},
        }
    backend = "django.core.cache.backends.locmem.LocMemCache"
    return {"default": {"BACKEND": backend, "OPTIONS": {"MAX_ENTRIES": 2000}}}
