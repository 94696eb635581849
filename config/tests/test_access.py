"""Who may call what: the decision, the document and the running API say the same."""

from __future__ import annotations

import pytest
from pytest_django import Settings
from rest_framework.response import Response
from rest_framework.test import APIClient

from config import access_table
from config.access_table import Caller, Route, callers, routes
from config.tests.callers import client_for
from config.tests.shop import address_of
from config.tests.undone import undone


def _call(client: APIClient, route: Route) -> Response:
    """Send an empty body to an id that nothing has, and undo what it may have done."""
    with undone():
        response: Response = client.generic(
            route.method, address_of(route), "{}", content_type="application/json"
        )
    return response


def test_every_action_has_a_rule() -> None:
    assert [str(route) for route in routes() if route.rule is None] == []


def test_no_rule_is_for_an_action_that_does_not_exist() -> None:
    idle = {
        f"{view.__name__}.{action}"
        for view in {route.view for route in routes()}
        for action in view.access
        if not hasattr(view, action)
    }

    assert idle == set()


def test_every_route_but_the_root_is_a_viewset() -> None:
    assert access_table.pages() == ["api-root"]


def test_the_document_is_current() -> None:
    written = access_table.DOCUMENT.read_text("utf-8")

    assert written == access_table.document(), "Run .venv/bin/python manage.py access_table"


@pytest.mark.django_db
@pytest.mark.parametrize("caller", callers(), ids=lambda caller: caller.name)
def test_every_route_lets_in_whom_the_table_says(caller: Caller, settings: Settings) -> None:
    settings.THROTTLE_SCALE = 1000
    client = client_for(caller.name)

    answers = {route: _call(client, route).status_code for route in routes()}

    wrong = {
        str(route): status
        for route, status in answers.items()
        if status >= 500 or _refusal(status) != _expected_refusal(caller, route)
    }
    assert wrong == {}


def _refusal(status: int) -> int | None:
    return status if status in {401, 403} else None


def _expected_refusal(caller: Caller, route: Route) -> int | None:
    """Return 401 for a stranger and 403 for a known caller who is not let in; else None."""
    if caller.may_call(route):
        return None
    return 403 if caller.is_authenticated or caller.scopes else 401
