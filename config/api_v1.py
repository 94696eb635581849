"""Mounts the API of every app below ``/api/v1/``."""

import re
from collections.abc import Collection
from importlib import import_module
from typing import Any

from django.urls import URLPattern, URLResolver, path
from django.urls.resolvers import RoutePattern

from config.api_root import api_root

_FIRST_WORD = re.compile(r"\^?([a-z-]+)")


class StartsWith(RoutePattern):
    """Lets a request into an app only when its path begins with one of the app's words.

    Else each request would try every route of the apps before its own: sixty, for a payment.
    """

    def __init__(self, words: Collection[str]) -> None:
        super().__init__("", is_endpoint=False)
        self.words = words

    def match(self, path: str) -> tuple[str, tuple[Any, ...], dict[str, Any]] | None:
        """Return the whole path, of which nothing is taken away."""
        return (path, (), {}) if path.partition("/")[0] in self.words else None


def mounted(module_name: str) -> URLResolver:
    """Return the routes of an app."""
    module = import_module(module_name)
    words = {
        match[1] for route in module.urlpatterns if (match := _FIRST_WORD.match(str(route.pattern)))
    }
    return URLResolver(StartsWith(words), module)


urlpatterns: list[URLPattern | URLResolver] = [path("", api_root, name="api-root")]
urlpatterns += [
    mounted(app)
    # A request tries the apps in this order.
    for app in (
        "imports.api.urls",  # before products/{key}/
        "listings.api.urls",
        "inventory.api.urls",
        "cart.api.urls",
        "orders.api.urls",
        "payments.api.urls",
        "shipping.api.urls",
        "accounts.api.urls",
    )
]
