"""What every endpoint shares: problems, shaping, paging, caching, limits."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import DomainEvent, new_id
from core.tests.example_api import ExampleViewSet

pytestmark = [pytest.mark.django_db, pytest.mark.urls("core.tests.example_api")]

EXAMPLES = "/api/v1/examples/"


def _events(*names: str) -> list[DomainEvent]:
    return DomainEvent.objects.bulk_create(
        DomainEvent(name=name, payload={"size": 7}) for name in names
    )


def _problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail", "code", "request_id", "errors"} <= set(body)
    assert body["request_id"] == response["X-Request-ID"]
    return body


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        ('{"name": ', "application/json", 400, "parse_error"),
        ("[]", "application/json", 400, "invalid"),
        ('"text"', "application/json", 400, "invalid"),
        ('{"name": "a\\u0000b"}', "application/json", 400, "parse_error"),
        ('{"name": 1' + "0" * 400 + "}", "application/json", 400, "parse_error"),
        ('{"name": "a", "parts": [{"quantity": 1e300}]}', "application/json", 400, "invalid"),
        ('{"name": NaN}', "application/json", 400, "parse_error"),
        ("[" * 5000, "application/json", 400, "parse_error"),
        (b"\xff\xfe", "application/json", 400, "parse_error"),
        ('{"name": "\\ud800"}', "application/json", 400, "parse_error"),
        ("name=a", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        ("<a/>", "application/xml", 415, "unsupported_media_type"),
        ('{"name": "' + "a" * 3_000_000 + '"}', "application/json", 413, "too_large"),
    ],
)
def test_hostile_bodies_get_a_clear_problem(
    api: APIClient, body: Any, content_type: str, status: int, code: str
) -> None:
    response = api.generic("POST", EXAMPLES, body, content_type=content_type)

    assert _problem(response, status)["code"] == code
    assert not DomainEvent.objects.exists()


def test_validation_errors_point_into_the_body(api: APIClient) -> None:
    response = api.post(EXAMPLES, {"name": "", "parts": [{"quantity": 1}, {"quantity": 0}]})

    assert _problem(response, 400)["errors"] == [
        {"pointer": "#/name", "code": "blank", "detail": "This field may not be blank."},
        {
            "pointer": "#/parts/1/quantity",
            "code": "min_value",
            "detail": "Ensure this value is greater than or equal to 1.",
        },
    ]


def test_a_domain_error_carries_its_members_and_rolls_back(api: APIClient) -> None:
    response = api.post(EXAMPLES, {"name": "a", "failure": "domain"}, HTTP_IDEMPOTENCY_KEY="k")

    problem = _problem(response, 409)
    assert (problem["code"], problem["available"]) == ("out_of_order", 3)
    assert not DomainEvent.objects.exists()


def test_a_bug_is_a_500_that_tells_nothing(api: APIClient) -> None:
    api.raise_request_exception = False

    response = api.post(EXAMPLES, {"name": "a", "failure": "bug"})

    assert _problem(response, 500)["code"] == "server_error"
    assert b"secret" not in response.content
    assert b"ZeroDivision" not in response.content


def test_an_unknown_route_is_a_problem(api: APIClient) -> None:
    assert _problem(api.get("/api/v1/nothing/here"), 404)["code"] == "not_found"


def test_an_unknown_id_is_a_problem(api: APIClient) -> None:
    _problem(api.get(f"{EXAMPLES}{new_id()}/"), 404)


def test_an_action_that_is_not_opened_is_denied(api: APIClient) -> None:
    (event,) = _events("a")

    _problem(api.delete(f"{EXAMPLES}{event.pk}/"), 401)


def test_a_method_that_does_not_exist_is_405(api: APIClient) -> None:
    _problem(api.put(EXAMPLES, {}), 405)


@pytest.mark.parametrize("path", [EXAMPLES, EXAMPLES.rstrip("/")])
def test_a_route_answers_with_and_without_its_slash(api: APIClient, path: str) -> None:
    assert api.get(path).status_code == 200
    assert api.post(path, {"name": "a"}).status_code == 201


def test_a_well_formed_request_id_is_taken(api: APIClient) -> None:
    response = api.get(EXAMPLES, HTTP_X_REQUEST_ID="trace-1234")

    assert response["X-Request-ID"] == "trace-1234"


@pytest.mark.parametrize("hostile", ["", "short", "a" * 65, "bad id!!", "x\ny12345678"])
def test_an_ill_formed_request_id_is_replaced(api: APIClient, hostile: str) -> None:
    assert api.get(EXAMPLES, HTTP_X_REQUEST_ID=hostile)["X-Request-ID"] != hostile


def test_pages_are_counted_and_linked(api: APIClient) -> None:
    _events(*"abcde")

    body = api.get(f"{EXAMPLES}?page=2&page_size=2").json()

    assert [row["name"] for row in body["results"]] == ["c", "d"]
    assert body["count"] == 5
    assert "page=3" in body["next"]
    assert "page=1" in body["previous"]


def test_a_page_beyond_the_last_is_empty_and_leads_back_to_the_last(api: APIClient) -> None:
    _events(*"abcde")

    body = api.get(f"{EXAMPLES}?page_size=2&page=1000").json()

    assert (body["count"], body["next"], body["results"]) == (5, None, [])
    assert len(api.get(body["previous"]).json()["results"]) == 1


def test_a_page_past_the_end_is_empty(api: APIClient) -> None:
    body = api.get(f"{EXAMPLES}?page=9").json()

    assert (body["results"], body["next"]) == ([], None)


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "page_size=101", "page=1e3", "page=" + "9" * 400]
)
def test_an_impossible_page_is_refused(api: APIClient, query: str) -> None:
    _problem(api.get(f"{EXAMPLES}?{query}"), 400)


@pytest.mark.parametrize("ordering", ["", "&ordering=-name", "&ordering=at,-name"])
def test_walking_by_cursor_meets_every_row_once(api: APIClient, ordering: str) -> None:
    _events(*"abbbcdde")
    numbered = api.get(f"{EXAMPLES}?page_size=100{ordering}").json()["results"]

    walked, previous, url = [], None, f"{EXAMPLES}?cursor=&page_size=3{ordering}"
    while url:
        body = api.get(url).json()
        assert "count" not in body
        walked += body["results"]
        previous, url = body["previous"], body["next"]

    assert walked == numbered
    assert previous is not None
    assert api.get(previous).json()["results"] == numbered[3:6]


def test_walking_back_to_the_start_ends_there(api: APIClient) -> None:
    _events(*"abc")
    second = api.get(f"{EXAMPLES}?cursor=&page_size=2").json()["next"]

    back = api.get(api.get(second).json()["previous"]).json()

    assert [row["name"] for row in back["results"]] == ["a", "b"]
    assert back["previous"] is None


@pytest.mark.parametrize(
    "cursor", ["x", "bm90aGluZw", "WzAsIm5hbWUiXQ", "%00", "WzAsImlkIiwibm8iXQ"]
)
def test_a_foreign_cursor_is_refused(api: APIClient, cursor: str) -> None:
    _problem(api.get(f"{EXAMPLES}?cursor={cursor}"), 400)


@pytest.mark.parametrize("value", [None, 7, True, [], {}, "no time", "\x00"])
def test_a_cursor_that_names_no_row_is_refused(api: APIClient, value: Any) -> None:
    document = json.dumps([0, "occurred_at,id", value, value]).encode()
    cursor = base64.urlsafe_b64encode(document).decode().rstrip("=")

    _problem(api.get(f"{EXAMPLES}?ordering=at&cursor={cursor}"), 400)


@pytest.mark.parametrize("query", ["colour=red", "ordering=colour", "fields=colour", "expand=name"])
def test_what_a_list_does_not_know_is_refused(api: APIClient, query: str) -> None:
    _events("a")

    _problem(api.get(f"{EXAMPLES}?{query}"), 400)


def test_fields_and_expand_shape_the_answer(api: APIClient) -> None:
    (event,) = _events("a")

    assert api.get(f"{EXAMPLES}{event.pk}/?fields=name").json() == {"name": "a"}
    assert api.get(f"{EXAMPLES}?fields=payload&expand=payload").json()["results"] == [
        {"payload": {"size": 7}}
    ]


def test_if_none_match_answers_304(api: APIClient) -> None:
    (event,) = _events("a")
    etag = api.get(f"{EXAMPLES}{event.pk}/")["ETag"]

    response = api.get(f"{EXAMPLES}{event.pk}/", HTTP_IF_NONE_MATCH=etag)

    assert (response.status_code, response.content) == (304, b"")


def test_if_match_refuses_when_someone_else_wrote_first(api: APIClient) -> None:
    (event,) = _events("a")
    etag = api.get(f"{EXAMPLES}{event.pk}/")["ETag"]

    first = api.patch(f"{EXAMPLES}{event.pk}/", {"name": "b"}, HTTP_IF_MATCH=etag)
    second = api.patch(f"{EXAMPLES}{event.pk}/", {"name": "c"}, HTTP_IF_MATCH=etag)

    assert first.status_code == 200
    assert _problem(second, 412)["code"] == "precondition_failed"
    event.refresh_from_db()
    assert event.name == "b"


def test_private_answers_are_not_stored(api: APIClient) -> None:
    assert api.get(EXAMPLES)["Cache-Control"] == "no-store"


def test_a_limit_is_told_and_kept(api: APIClient) -> None:
    (event,) = _events("a")

    answers = [api.patch(f"{EXAMPLES}{event.pk}/", {"name": "b"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0]["RateLimit-Policy"] == '"example";q=2;w=3600'
    assert answers[0]["RateLimit"].startswith('"example";r=1;t=')
    assert int(answers[2]["Retry-After"]) > 0
    assert _problem(answers[2], 429)["code"] == "rate_limited"


def test_an_answer_tells_its_length(api: APIClient) -> None:
    response = api.get(EXAMPLES)

    assert response["Content-Length"] == str(len(response.content))


def test_an_error_that_an_operation_does_not_name_fails_the_test(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(ExampleViewSet.create), "documented_errors", ())

    with pytest.raises(AssertionError, match=r"create answers out_of_order: name OutOfOrder"):
        api.post(EXAMPLES, {"name": "a", "failure": "domain"})
