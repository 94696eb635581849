"""Fixtures that every app's tests share."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models.signals import post_migrate
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import sessions
from config.tests.contract import differences
from config.tests.openapi import document
from core.api.viewsets import ApiViewSet
from core.errors import DomainError


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays to the end: Django, the apps and the tests."""
    gc.collect()
    gc.freeze()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what is run once more on another PostgreSQL and with Redis: all that uses them."""
    uses = {"db", "transactional_db"}.intersection(getattr(item, "fixturenames", ()))
    if (uses or item.get_closest_marker("django_db")) and not item.get_closest_marker("any_server"):
        item.add_marker("server")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow tests, so that no worker is left with one while the others are idle."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Let no test see what another one cached."""
    cache.clear()
    yield
    cache.clear()


# What an operation may answer without naming it: core/api/schema.py documents these by what it
# takes.
COMMON_CODES = {
    "idempotency_in_progress",
    "idempotency_key_reused",
    "invalid",
    "invalid_idempotency_key",
    "not_found",
    "precondition_failed",
    "rate_limited",
}


@pytest.fixture(scope="session", autouse=True)
def _errors_are_documented() -> Iterator[None]:
    """Let a test fail when an operation answers a domain error that its ``errors`` do not name."""
    handle = ApiViewSet.handle_exception

    def check(view: ApiViewSet, error: Exception) -> Response:
        if isinstance(error, DomainError) and error.code not in COMMON_CODES:
            action = getattr(view, view.action or "", None)
            documented = {kind.code for kind in getattr(action, "documented_errors", ())}
            assert error.code in documented, (
                f"{type(view).__name__}.{view.action} answers {error.code}: name "
                f"{type(error).__name__} in its @operation(errors=…)"
            )
        return handle(view, error)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ApiViewSet, "handle_exception", check)
        yield


@pytest.fixture(scope="session", autouse=True)
def _answers_are_documented() -> Iterator[None]:
    """Let a test fail when an answer is not what the OpenAPI document says."""
    document()  # of the shop's routes, before a test puts others in their place
    send = Client.request

    def check(client: Client, **request: Any) -> Any:
        response = send(client, **request)
        wrong = differences(response, QueryDict(request.get("QUERY_STRING", "")))
        assert not wrong, "\n".join(wrong)
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "request", check)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Make the roles once: emptying the tables spares them, so nothing has to make them again."""
    post_migrate.receivers.clear()


@pytest.fixture(autouse=True)
def _no_jobs_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Empty the job queue after a test that commits: flushing spares unmanaged tables."""
    marker = request.node.get_closest_marker("django_db")
    if not (marker and marker.kwargs.get("transaction")):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@pytest.fixture
def api() -> APIClient:
    """Return a client that is not signed in."""
    return APIClient()


@pytest.fixture
def api_for() -> Callable[[User], APIClient]:
    """Return a maker of clients that carry a real access token of a user."""

    def sign_in(user: User) -> APIClient:
        tokens = sessions.start_session(user=user, client=sessions.Client(), now=timezone.now())
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.access}")
        return client

    return sign_in
