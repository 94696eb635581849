"""Every answer that a test gets is held against the OpenAPI document."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import jsonschema_rs
import orjson
from django.contrib.admindocs.views import simplify_regex
from django.urls import Resolver404

from config.tests.openapi import Operation, document, operation_at, resolved
from core.api.problem_kinds import kinds

# What any operation may answer without saying so.
UNSAID = {"405", "406", "412", "413", "500"}
TOLD_HEADERS = (
    "Content-Disposition",
    "ETag",
    "Idempotent-Replayed",
    "Location",
    "RateLimit",
    "Retry-After",
    "WWW-Authenticate",
    "X-Cart-Token",
)
# Limits and repeated answers are told with every error.
HEADERS_OF_ERRORS = ("Retry-After", "WWW-Authenticate")


def differences(response: Any, query: dict[str, Any]) -> list[str]:
    """Return in what an answer of the API is not as documented."""
    operation = _operation(response)
    if operation is None:
        return []
    status = str(response.status_code)
    described = operation.described["responses"].get(status)
    if described is None:
        is_known = status in UNSAID
        described = {"content": {"application/problem+json": {"schema": _PROBLEM}}, "headers": {}}
        if not is_known:
            return [f"{operation} answers {status}, which is not documented"]
        return [f"{operation} {status}: {text}" for text in _body(response, described, query)]
    found = [*_headers(response, described), *_body(response, described, query)]
    return [f"{operation} {status}: {text}" for text in found]


_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def _operation(response: Any) -> Operation | None:
    path = response.request["PATH_INFO"]
    method = response.request["REQUEST_METHOD"].lower()
    if not path.startswith("/api/v1/"):
        return None
    match = response.resolver_match
    try:
        is_view = hasattr(match.func, "cls")
    except Resolver404:
        return None
    if not is_view:
        return None
    route = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", simplify_regex(match.route))
    return operation_at("get" if method == "head" else method, route)


def _headers(response: Any, described: dict[str, Any]) -> list[str]:
    told = TOLD_HEADERS if response.status_code < 400 else HEADERS_OF_ERRORS
    unsaid = [
        name
        for name in told
        if response.has_header(name) and name not in described.get("headers", {})
    ]
    return [f"it has the header {name}, which is not documented" for name in unsaid]


def _body(response: Any, described: dict[str, Any], query: dict[str, Any]) -> list[str]:
    contents = described.get("content", {})
    if response.streaming or not response.content:
        return []
    media_type = response["Content-Type"].partition(";")[0]
    if media_type not in contents:
        return [f"it is {media_type}, documented are {sorted(contents)}"]
    if not media_type.endswith("json"):
        return []
    body = orjson.loads(response.content)
    if media_type == "application/problem+json" and body["code"] not in kinds():
        return [f"no page tells what {body['code']} means"]
    schema = contents[media_type]["schema"]
    if "fields" in query:
        schema = _with_any_of_its_members(schema)
    validator = _validator(orjson.dumps(schema))
    return [
        f"{error.instance_path}: {error.message}"[:300] for error in validator.iter_errors(body)
    ]


def _with_any_of_its_members(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object, or of a page of objects, of which ``fields`` names some."""
    whole = resolved(schema)
    if "results" not in whole.get("properties", ()):
        return {name: part for name, part in whole.items() if name != "required"}
    rows = whole["properties"]["results"]
    some = {**rows, "items": _with_any_of_its_members(rows["items"])}
    return {**whole, "properties": {**whole["properties"], "results": some}}


@cache
def _validator(schema: bytes) -> Any:
    wanted = _closed(_merged(orjson.loads(schema)))
    return jsonschema_rs.Draft202012Validator(
        {**wanted, "components": {"schemas": _closed_components()}}, validate_formats=True
    )


@cache
def _closed_components() -> dict[str, Any]:
    return {name: _closed(schema) for name, schema in document()["components"]["schemas"].items()}


def _merged(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema of several parts as one, so that it can be closed."""
    parts = [resolved(part) for part in schema.get("allOf", ())]
    if len(parts) < 2:
        return schema
    properties = {name: kind for part in parts for name, kind in part["properties"].items()}
    required = [name for part in parts for name in part.get("required", ())]
    return {"type": "object", "properties": properties, "required": required}


def _closed(schema: Any) -> Any:
    """Return a schema whose objects have no members but those that it names."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(part) for name, part in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed
