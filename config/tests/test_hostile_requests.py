"""Whatever is sent to whichever operation, by whomever: a clear problem, never a 500 or a page."""

from __future__ import annotations

import base64
import copy
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from django.http import HttpRequest, QueryDict
from django.test import override_settings
from pytest_django import DjangoDbBlocker
from rest_framework.request import Request
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from config.access_table import Route, callers, routes
from config.tests.callers import client_for, client_of
from config.tests.openapi import operation_of
from config.tests.shop import Shop, address_of, furnish, furnished
from config.tests.undone import undone
from core.api.filters import ordering_of

pytestmark = [pytest.mark.django_db, pytest.mark.any_server]

KINDS = ("anonymous", "customer", "superuser")
JSON = "application/json"
PROBLEM = "application/problem+json"

WRITES = [route for route in routes() if route.method != "GET"]
READS = [route for route in routes() if route.method == "GET"]
KEYED = [route for route in routes() if "{" in route.path]
ONE_OF_EACH_VIEW = list({route.view: route for route in routes()}.values())

# No operation can mean these.
NONSENSE: list[tuple[bytes, str]] = [
    (b'{"name": ', JSON),
    (b"[]", JSON),
    (b'[{"quantity": 1}]', JSON),
    (b'"text"', JSON),
    (b"7", JSON),
    (b"true", JSON),
    (b'{"a": NaN}', JSON),
    (b'{"a": 1' + b"0" * 400 + b"}", JSON),
    (b'{"a": "x\\u0000y"}', JSON),
    (b'{"a\\u0000": 1}', JSON),
    (b'{"a": "x\x00y"}', JSON),
    (b'{"a": "\\ud800"}', JSON),
    (b"\xff\xfe{}", JSON),
    (b"\xef\xbb\xbf{}", JSON),
    (b"[" * 100_000, JSON),
    (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, JSON),
    (b'{"a": "' + b"x" * 3_000_000 + b'"}', JSON),
    (b"{}", "text/plain"),
    (b"<a/>", "application/xml"),
    (b"a=1", "application/x-www-form-urlencoded"),
    (b"--x\r\n", "multipart/form-data"),
    (b"{}", "nonsense"),
]
# For a part of a body; what is no text and no number is of the wrong type almost everywhere.
VALUES: list[Any] = [
    None,
    True,
    -1,
    1e308,
    "",
    "x" * 5_000,
    "'; DROP TABLE orders; -- \u202e\u200b\ufeff\U0001f4a5",
    "0000-00-00T00:00:00Z",
    [[2**63]],
    {"a": {"b": []}},
]
KEYS = [
    "not-a-uuid",
    "-1",
    "a%00b",
    "%FF",
    "%0A",
    "..%2F..%2Fetc",
    "%2e%2e",
    "' OR 1=1 -- \U0001f4a5\u202e",
    "9" * 400,
    "x" * 5_000,
    "00000000-0000-0000-0000-00000000000g",
    "{00000000-0000-0000-0000-000000000000}",
]
WORDS = [
    "",
    "%00",
    "%FF",
    "-1",
    "1e400",
    "NaN",
    "0000-00-00",
    "0001-01-01T00:00:00%2B14:00",
    "9" * 400,
    "'; DROP TABLE users; --,[]",
    "\U0001f4a5\u202e" * 2_000,
]
REFUSED_QUERIES = [
    "page=-1",
    "page=0",
    "page=NaN",
    "page=1e3",
    "page=%D9%A1",
    f"page={'9' * 400}",
    "page_size=0",
    "page_size=101",
    "page_size=-5",
    "ordering=;drop",
    "ordering=password",
    "ordering=--id",
    "ordering=%00",
    "cursor=garbage",
    "cursor=%00",
    "cursor=W10",
    "cursor=bnVsbA",
    "nonsense=1",
    "id__gt=1",
    "%00=1",
    "=1",
]
HEADERS: list[dict[str, str]] = [
    {"HTTP_AUTHORIZATION": text}
    for text in (
        "",
        "Bearer",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer \xff",
        "Bearer x y",
        "Bearer " + "x" * 9_000,
        "Basic YTpi",
        "Api-Key",
        "Api-Key .",
        "Api-Key x.y",
        "Api-Key \xff.\xff",
        "Api-Key " + "x" * 9_000,
    )
] + [
    {"HTTP_X_CART_TOKEN": "\xff"},
    {"HTTP_X_CART_TOKEN": "x" * 9_000},
    {"HTTP_IDEMPOTENCY_KEY": ""},
    {"HTTP_IDEMPOTENCY_KEY": "\xff"},
    {"HTTP_IDEMPOTENCY_KEY": "x" * 9_000},
    {"HTTP_IF_MATCH": '"'},
    {"HTTP_IF_NONE_MATCH": "\xff" * 100},
    {"HTTP_ACCEPT": "text/html"},
    {"HTTP_ACCEPT": "nonsense"},
    {"HTTP_X_FORWARDED_FOR": "\xff, '"},
    {"HTTP_USER_AGENT": "\xff" * 5_000},
    {"HTTP_HOST": "evil.example"},
    {"HTTP_RANGE": "bytes=9-1"},
]


@dataclass(frozen=True)
class Scene:
    """A client for each kind of caller, and the shop they call; it is the superuser's."""

    clients: Mapping[str, APIClient]
    shop: Shop


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    """Return callers and a shop, made once; all that is done is undone."""
    limits = override_settings(THROTTLE_SCALE=10**6)
    logging.disable()  # ten thousand refusals
    with django_db_blocker.unblock(), limits, undone():
        owner = UserFactory.create(is_staff=True, is_superuser=True)
        clients = {name: client_for(name) for name in ("anonymous", "customer")}
        yield Scene({**clients, "superuser": client_of(owner)}, furnish(owner))
    logging.disable(logging.NOTSET)


def _fault(client: APIClient, route: Route, url: str, body: bytes = b"", **headers: str) -> str:
    """Return what is wrong with the answer, empty when nothing is; its work is undone."""
    kind = headers.pop("content_type", JSON)
    with undone():
        response = client.generic(route.method, url, body, content_type=kind, **headers)  # type: ignore[arg-type]  # stubs: text only
    if response.status_code >= 500:
        return f"{response.status_code} {getattr(response, 'exc_info', '')}"
    if response.status_code >= 400 and response["Content-Type"] != PROBLEM:
        return f"{response.status_code} {response['Content-Type']}"
    return "" if response.status_code >= 400 else str(response.status_code)


def _only_crashes(faults: Mapping[str, str]) -> dict[str, str]:
    """Leave out the answers that were a success."""
    return {sent: fault for sent, fault in faults.items() if fault and not fault.startswith("2")}


def _each(scene: Scene, route: Route) -> list[tuple[str, APIClient]]:
    """Return the least and the most powerful of those whom the route lets in."""
    allowed = {caller.name for caller in callers() if caller.may_call(route)}
    let_in = [(name, scene.clients[name]) for name in KINDS if name in allowed]
    return [let_in[0], let_in[-1]] if len(let_in) > 1 else let_in


def _mutants(body: Any, schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Return ``body`` with each of its parts in turn replaced by each hostile value."""
    yield "one enormous text", dict.fromkeys([*body, "more"][:1], "x" * 1_000_000)
    for path in _paths({**dict.fromkeys(schema.get("properties", {})), **body}):
        for value in VALUES:
            changed = copy.deepcopy(body)
            _put(changed, path, value)
            yield f"{'/'.join(map(str, path))} = {str(value)[:40]!r}", changed


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _paths(part, (*path, name))
    elif isinstance(value, list) and value:
        yield from _paths(value[0], (*path, 0))


def _put(body: Any, path: tuple[Any, ...], value: Any) -> None:
    for name in path[:-1]:
        body = body[name]
    body[path[-1]] = value


@pytest.mark.parametrize("route", WRITES, ids=str)
def test_a_body_that_means_nothing_is_refused(scene: Scene, route: Route) -> None:
    if "requestBody" not in operation_of(route).described:
        return
    faults = {
        f"{name}: {body[:40]!r} as {kind}": _fault(
            client, route, address_of(route, scene.shop), body, content_type=kind
        )
        for body, kind in NONSENSE
        for name, client in _each(scene, route)
    }

    assert {sent: fault for sent, fault in faults.items() if fault} == {}


@pytest.mark.parametrize("route", WRITES, ids=str)
def test_hostile_values_crash_nothing(scene: Scene, route: Route) -> None:
    operation = operation_of(route)
    example = furnished(operation.body_example, scene.shop)
    faults = {
        f"{name}: {sent}": _fault(client, route, address_of(route, scene.shop), orjson.dumps(body))
        for sent, body in _mutants(example, operation.body_schema)
        for name, client in _each(scene, route)
        if name != "customer"
    }

    assert _only_crashes(faults) == {}


@pytest.mark.parametrize("route", KEYED, ids=str)
def test_a_key_that_nothing_can_have_is_a_problem(scene: Scene, route: Route) -> None:
    faults = {
        f"{name}: {key[:40]}": _fault(client, route, _keyed(route, key), b"{}")
        for key in KEYS
        for name, client in _each(scene, route)
    }

    assert {sent: fault for sent, fault in faults.items() if fault} == {}


def _keyed(route: Route, key: str) -> str:
    return re.sub(r"{\w+}", quote(key, safe="%").replace("\\", ""), route.path)


@pytest.mark.parametrize("route", READS, ids=str)
def test_absurd_queries_crash_nothing(scene: Scene, route: Route) -> None:
    parameters = {*operation_of(route).query_parameters, "fields", "expand", "attr.x", "%FF"}
    faults = {
        f"{name}: {parameter}={word[:40]}": _fault(
            client, route, f"{address_of(route, scene.shop)}?{parameter}={quote(word, safe='%')}"
        )
        for parameter in parameters
        for word in WORDS
        for name, client in _each(scene, route)[-1:]
    }

    assert _only_crashes(faults) == {}


@pytest.mark.parametrize("route", READS, ids=str)
def test_a_query_that_a_list_does_not_understand_is_refused(scene: Scene, route: Route) -> None:
    if "page" not in operation_of(route).query_parameters:
        return
    address = address_of(route, scene.shop)
    faults = {
        query[:40]: _fault(scene.clients["superuser"], route, f"{address}?{query}")
        for query in REFUSED_QUERIES
    }

    assert {query: fault for query, fault in faults.items() if fault} == {}


@pytest.mark.parametrize("route", READS, ids=str)
def test_a_forged_cursor_crashes_nothing(scene: Scene, route: Route) -> None:
    if "cursor" not in operation_of(route).query_parameters:
        return
    address = address_of(route, scene.shop)
    forged = [None, "text", "\x00", True, 10**18, 1e308, {"a": "b"}]
    faults = {
        f"{value!r} in {order}": _fault(
            scene.clients["superuser"], route, f"{address}?{_cursor(route, order, value)}"
        )
        for order in ["", *route.view.orderings]
        for value in forged
    }

    assert _only_crashes(faults) == {}


def _cursor(route: Route, order: str, value: Any) -> str:
    """Return a query whose cursor fits the list's order but names a row by ``value``."""
    sent = HttpRequest()
    sent.GET = QueryDict(f"ordering={order}")
    view = route.view(action=route.action)
    view.request = Request(sent)
    columns = ordering_of(view.request, view)
    document = orjson.dumps([0, ",".join(columns), *[value] * len(columns)])
    return f"ordering={order}&cursor={base64.urlsafe_b64encode(document).decode().rstrip('=')}"


@pytest.mark.parametrize("route", ONE_OF_EACH_VIEW, ids=str)
def test_hostile_headers_crash_nothing(scene: Scene, route: Route) -> None:
    ((_name, client),) = _each(scene, route)[-1:]
    address = address_of(route, scene.shop)
    body = orjson.dumps(furnished(operation_of(route).body_example, scene.shop))
    faults = {
        f"{headers}"[:80]: _fault(client, route, address, body, **headers) for headers in HEADERS
    }

    assert _only_crashes(faults) == {}
