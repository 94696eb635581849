"""Notes what signed-in people do.

A viewset says which of its actions are worth noting::

    activities = {"retrieve": "product.viewed"}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.api.client import client_of
from accounts.models import User
from accounts.services.activities import ActivityEntry, note_activity

REFUSED = 400


class ActivityMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        action = _activity(request)
        if action and response.status_code < REFUSED:
            data = getattr(response, "data", None)
            data = data if isinstance(data, Mapping) else {}
            user_id = _actor(request, data)
            if user_id is not None:
                client = client_of(request)
                entry = ActivityEntry(
                    user_id=user_id,
                    action=action,
                    target=_target(action, request, data),
                    occurred_at=timezone.now(),
                    ip_address=client.ip_address,
                    user_agent=client.user_agent[:300],
                )
                note_activity(entry=entry)
        return response


def _activity(request: HttpRequest) -> str:
    """Return the name that the view gives to what was asked, or nothing."""
    view: Any = request.resolver_match.func if request.resolver_match else None
    action = getattr(view, "actions", {}).get(str(request.method).lower(), "")
    return str(getattr(getattr(view, "cls", None), "activities", {}).get(action, ""))


def _actor(request: HttpRequest, data: Mapping[str, Any]) -> UUID | None:
    """Return who did it; of a sign-in, who has just become known."""
    caller = getattr(request, "user", None)
    if isinstance(caller, User):
        return caller.pk
    user = data.get("user")
    return UUID(str(user["id"])) if isinstance(user, Mapping) and "id" in user else None


def _target(action: str, request: HttpRequest, data: Mapping[str, Any]) -> str:
    """Return what it was done to, such as ``product 0198…``; nothing for one's own account."""
    kind = action.partition(".")[0]
    keys = request.resolver_match.kwargs.values() if request.resolver_match else ()
    key = str(next(iter(keys), data.get("id", "")))
    return f"{kind} {key}"[:120] if key and kind != "account" else ""
