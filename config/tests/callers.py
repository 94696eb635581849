"""Every kind of caller of ``config.access_table``, for real: people, guests and machines."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Scope, User
from accounts.roles import Role
from accounts.services.api_keys import NewKey, create_api_key
from accounts.services.sessions import Client, start_session
from accounts.tests.factories import StaffFactory, UserFactory


def client_for(name: str) -> APIClient:
    """Return a client that calls as the kind of caller with this name, newly made."""
    return _client(_headers(name))


def client_of(user: User) -> APIClient:
    """Return a client that calls as ``user``."""
    return _client({"HTTP_AUTHORIZATION": f"Bearer {access_token_of(user)}"})


def _client(headers: dict[str, str]) -> APIClient:
    client = APIClient()
    client.raise_request_exception = False
    client.credentials(**headers)
    return client


def _headers(name: str) -> dict[str, str]:
    if name == "anonymous":
        return {}
    if name == "guest":
        return {"HTTP_X_CART_TOKEN": "the-token-of-no-cart-that-was-ever-made"}
    if name.startswith("key "):
        scope = Scope(name.removeprefix("key ").strip("`"))
        _key, text = create_api_key(
            new=NewKey(name, [scope], rate_per_minute=10**6), created_by=None
        )
        return {"HTTP_AUTHORIZATION": f"Api-Key {text}"}
    return {"HTTP_AUTHORIZATION": f"Bearer {access_token_of(_MAKERS[name]())}"}


def access_token_of(user: User) -> str:
    """Return an access token of a new session."""
    return str(start_session(user=user, client=Client(), now=timezone.now()).access)


_MAKERS: dict[str, Callable[[], User]] = {
    "customer": UserFactory.create,
    "superuser": partial(UserFactory.create, is_staff=True, is_superuser=True),
    **{role.value: partial(StaffFactory.create, role=role.value) for role in Role},
}
