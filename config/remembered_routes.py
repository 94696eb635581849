"""Finding the view of a path that was asked for before, without trying one route after another."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any

from django.urls import ResolverMatch, URLResolver
from django.urls.resolvers import RoutePattern

# Paths with an id or slug come and go; the lists and actions that are asked for most stay.
REMEMBERED = 1024


class RememberedRoutes(URLResolver):
    """Routes below a prefix: what a path led to, it leads to as long as the process runs."""

    def __init__(self, prefix: str, module_name: str) -> None:
        super().__init__(RoutePattern(prefix), module_name)

    def resolve(self, path: Any) -> ResolverMatch:
        """Return where ``path`` leads; raises Resolver404, which is not remembered."""
        return self._resolve(str(path))

    @cached_property
    def _resolve(self) -> Callable[[str], ResolverMatch]:
        return lru_cache(maxsize=REMEMBERED)(super().resolve)
