"""Who may call an action. A viewset lists a rule for each of its actions; the rest is denied.

::

    access = {"list": anyone, "create": role("catalog.add_product") | machine("catalog:write")}
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class Nobody(BasePermission):
    """Denies all: what a view answers with that has not decided who may call it."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return False


@dataclass(frozen=True)
class Rule(BasePermission):
    """A test of the caller, with the words that documentation uses for it."""

    label: str
    allows: Callable[[Request], bool]
    # Whether people who are signed in, and API keys, are among those it is for.
    is_for_people: bool = True
    is_for_machines: bool = False

    def has_permission(self, request: Request, view: Any) -> bool:
        return self.allows(request)

    def __or__(self, other: Rule) -> Rule:
        return Rule(
            f"{self.label} or {other.label}",
            lambda request: self.allows(request) or other.allows(request),
            is_for_people=self.is_for_people or other.is_for_people,
            is_for_machines=self.is_for_machines or other.is_for_machines,
        )


anyone = Rule("anyone", lambda _request: True)
signed_in = Rule("signed in", lambda request: request.user.is_authenticated)
nobody = Rule("nobody", lambda _request: False)


def role(permission: str) -> Rule:
    """Allow those whose role carries a Django permission, such as ``orders.change_order``."""
    return Rule(f"permission `{permission}`", lambda request: has_role(request, permission))


def machine(scope: str) -> Rule:
    """Allow an API key with this scope, such as ``catalog:write``."""
    return Rule(
        f"API key `{scope}`",
        lambda request: scope in getattr(request.auth, "scopes", ()),
        is_for_people=False,
        is_for_machines=True,
    )


def has_role(request: Request, permission: str) -> bool:
    return request.user.is_authenticated and request.user.has_perm(permission)
