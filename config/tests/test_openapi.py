"""The OpenAPI document: complete, true to its examples, current; its pages load nothing foreign."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from django.conf import settings
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from openapi_spec_validator import validate

from config.access_table import callers, routes
from config.tests.openapi import Operation, document, operation_of, operations
from core.api import document as served

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"
COMMON_ERRORS = {"400", "401", "403", "404", "409", "429"}


def _answers(operation: Operation) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return status, media type and description of each answer with a body."""
    for status, answer in operation.described["responses"].items():
        for media_type, content in answer.get("content", {}).items():
            yield status, media_type, content


def _shown_bodies(operation: Operation) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Return name, schema and value of each example of an operation."""
    sent = operation.described.get("requestBody", {}).get("content", {})
    contents = [*sent.items(), *((kind, content) for _s, kind, content in _answers(operation))]
    for media_type, content in contents:
        for name, example in content.get("examples", {}).items():
            yield f"{operation} {name} as {media_type}", content["schema"], example["value"]


def test_it_is_made_without_a_warning() -> None:
    GENERATOR_STATS.reset()

    SchemaGenerator().get_schema(request=None, public=True)

    assert [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache] == []


def test_every_route_is_documented() -> None:
    hidden = {str(route) for route in routes() if not operation_of(route).described}

    assert hidden == set()


def test_every_operation_says_what_it_does_and_who_may_call_it() -> None:
    silent = [
        str(operation)
        for operation in operations()
        if not operation.described.get("summary")
        or operation.described.get("description", "").startswith("**Who may call:**")
        or "**Who may call:**" not in operation.described.get("description", "")
    ]

    assert silent == []


def test_no_two_operations_have_the_same_id() -> None:
    ids = [operation.described["operationId"] for operation in operations()]

    assert len(ids) == len(set(ids))


def test_ids_read_as_the_methods_of_a_client() -> None:
    ids = [operation.described["operationId"] for operation in operations()]

    assert [name for name in ids if not re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", name)] == []
    assert {"listOrders", "createProduct", "cancelOrder", "suggestProducts"} <= set(ids)


def test_an_operation_takes_the_ways_to_sign_in_that_its_rule_accepts() -> None:
    wrong = {}
    for route in routes():
        if not operation_of(route).described:
            continue  # another name of the same
        let_in = {caller.name for caller in callers() if caller.may_call(route)}
        needs_none = bool(let_in & {"anonymous", "guest"})
        keys = {name for name in let_in if name.startswith("key ")}
        expected = {
            "accessToken": bool(let_in - keys),
            "apiKey": bool(keys) and "anonymous" not in let_in,
            "": needs_none,
        }
        security = operation_of(route).described.get("security", [{}])
        told = {next(iter(way), "") for way in security}
        if told != {way for way, is_accepted in expected.items() if is_accepted}:
            wrong[str(route)] = told

    assert wrong == {}


def test_it_is_a_valid_document() -> None:
    validate(served.document())


def test_truths_in_a_query_are_booleans() -> None:
    wrong = [
        f"{operation} {parameter['name']}"
        for operation in operations()
        for parameter in operation.described.get("parameters", [])
        if parameter["schema"].get("type") == "boolean" and "enum" in parameter["schema"]
    ]

    assert wrong == []


def test_every_answer_with_a_json_body_has_an_example() -> None:
    bare = [
        f"{operation} {status}"
        for operation in operations()
        for status, media_type, content in _answers(operation)
        if status.startswith("2") and media_type == "application/json"
        if not content.get("examples")
    ]

    assert [example for example in bare if "/export/" not in example] == []


def test_every_json_body_to_send_has_an_example() -> None:
    assert [
        str(operation)
        for operation in operations()
        if operation.takes_json and not operation.body_example
    ] == []


def test_every_operation_names_its_errors() -> None:
    silent = {
        str(operation): sorted(COMMON_ERRORS - set(operation.described["responses"]))
        for operation in operations()
        if not set(operation.described["responses"]) >= COMMON_ERRORS
    }

    assert silent == {}


def test_errors_are_problem_documents() -> None:
    others = [
        f"{operation} {status} {media_type}"
        for operation in operations()
        for status, media_type, _content in _answers(operation)
        if status[0] in "45" and media_type != "application/problem+json"
    ]

    assert others == []


def test_tags_come_in_the_order_that_a_reader_needs() -> None:
    told = [tag["name"] for tag in settings.SPECTACULAR_SETTINGS["TAGS"]]
    used = {tag for operation in operations() for tag in operation.described["tags"]}

    assert [tag["name"] for tag in document()["tags"]] == told
    assert used == set(told)


def test_examples_are_what_their_schemas_say() -> None:
    components = document()["components"]
    wrong = {
        name: [error.message for error in _validator(schema, components).iter_errors(value)]
        for operation in operations()
        for name, schema, value in _shown_bodies(operation)
        if not _validator(schema, components).is_valid(value)
    }

    assert wrong == {}


def _validator(schema: dict[str, Any], components: dict[str, Any]) -> Any:
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": components}, validate_formats=True
    )


def test_the_committed_document_is_current() -> None:
    made = OpenApiYamlRenderer().render(served.document(), renderer_context={})

    assert DOCUMENT.read_bytes() == made, (
        "Run .venv/bin/python manage.py spectacular --file docs/openapi.yaml"
    )


@pytest.mark.parametrize("page", ["/api/docs/", "/api/redoc/"])
def test_the_pages_of_the_document_load_nothing_from_elsewhere(client: Client, page: str) -> None:
    response = client.get(page)
    html = response.content.decode()

    assert response.status_code == 200
    loaded = re.findall(r'(?:src|href|url)\s*[=:(]\s*["\']?(https?:)?//', html)
    assert loaded == []
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "http" not in response["Content-Security-Policy"]
