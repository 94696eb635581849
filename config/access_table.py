"""Who may call what: every route of the API beside every kind of caller, by their rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.contrib.admindocs.views import simplify_regex
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.request import Request

from accounts.models import Scope, User
from accounts.roles import Role, role_grants
from core.api.access import Rule, nobody
from core.api.callers import CART_HEADER

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "access.md"
API_V1 = "/api/v1/"

_INTRODUCTION = """\
# Who may call what

Generated from the code by `manage.py access_table`; a test walks every route with every kind of
caller and compares. ✓ is let in by the rule, · is refused: with 401 when nobody is signed in,
otherwise with 403. What is let in still sees only what belongs to it: another customer's order is
a 404.

A *guest* sends `X-Cart-Token`. The roles are those of `accounts/roles.py`, an *API key* has the
one scope named. A superuser may do whatever a person may.
"""


@dataclass(frozen=True)
class Route:
    """A method on a path, and the action of a viewset that answers it."""

    method: str
    path: str
    view: type[Any]
    action: str

    @property
    def rule(self) -> Rule | None:
        """Return who may call it; None when nobody has decided."""
        rule: Rule | None = getattr(self.view, "access", {}).get(self.action)
        return rule

    @property
    def section(self) -> str:
        return self.path.removeprefix(API_V1).partition("/")[0]

    def __str__(self) -> str:
        return f"{self.method} {self.path.removeprefix(API_V1)}"


@dataclass(frozen=True)
class Caller:
    """A kind of caller, as far as rules look: as ``request.user`` and ``request.auth`` as well."""

    name: str
    is_authenticated: bool = False
    has_perm: Callable[[str], bool] = lambda _permission: False
    scopes: tuple[str, ...] = ()
    cart_token: str = ""

    def may_call(self, route: Route) -> bool:
        sent = HttpRequest()
        sent.META[f"HTTP_{CART_HEADER.upper().replace('-', '_')}"] = self.cart_token
        request = Request(sent)
        request.user = cast("User", self)  # rules ask no more of a user than this
        request.auth = self
        return (route.rule or nobody).allows(request)


def callers() -> list[Caller]:
    """Return every kind of caller, the least powerful first."""
    people = [
        Caller(
            role.value,
            is_authenticated=True,
            has_perm=partial(role_grants, role),
        )
        for role in Role
    ]
    machines = [Caller(f"key `{scope}`", scopes=(scope.value,)) for scope in Scope]
    return [
        Caller("anonymous"),
        Caller("guest", cart_token="a-guest's-cart"),  # noqa: S106 - opens nothing
        Caller("customer", is_authenticated=True),
        *people,
        Caller("superuser", is_authenticated=True, has_perm=lambda _permission: True),
        *machines,
    ]


def routes() -> list[Route]:
    found = []
    for path, pattern in patterns():
        for method, action in getattr(pattern.callback, "actions", {}).items():
            if method == "head":  # which DRF adds once a route was called: it is GET's twin
                continue
            view = vars(pattern.callback)["cls"]
            found.append(Route(method.upper(), path, view, action))
    return found


def pages() -> list[str]:
    """Return the names of the routes that are no viewsets, so that no rule guards them."""
    return [
        str(pattern.name)
        for _path, pattern in patterns()
        if not hasattr(pattern.callback, "actions")
    ]


def patterns() -> Iterator[tuple[str, URLPattern]]:
    return _patterns(get_resolver("config.api_v1"), API_V1.rstrip("/"))


def _patterns(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        path = prefix + simplify_regex(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern, path.rstrip("/"))
        else:
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path), pattern


def document() -> str:
    """Return the table as Markdown, one section for each first part of the path."""
    kinds = callers()
    parts = [_INTRODUCTION]
    ordered = sorted(routes(), key=lambda route: route.section)
    for section, group in groupby(ordered, key=lambda route: route.section):
        parts.append(f"## {section}\n\n{_table(list(group), kinds)}")
    return "\n".join(parts)


def _table(group: list[Route], kinds: list[Caller]) -> str:
    heads = ["Call", *(kind.name for kind in kinds), "Rule"]
    lines = [heads, ["---", *(":-:" for _ in kinds), "---"]]
    for route in sorted(group, key=lambda route: route.path):
        marks = ["✓" if kind.may_call(route) else "·" for kind in kinds]
        lines.append([f"`{route}`", *marks, route.rule.label if route.rule else "undecided"])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
