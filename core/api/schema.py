"""OpenAPI: every operation with its summary, example, errors and who may call it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from core.api.access import Rule, anyone
from core.api.fields import named_as_an_attribute
from core.api.operation_names import operation_name
from core.api.problems import CONTENT_TYPE
from core.api.schema_answers import PROBLEM, complete, example_of
from core.api.shaping import ShapedSerializer
from core.errors import DomainError

F = TypeVar("F", bound=Callable[..., Any])

_METHODS: Final = ("get", "post", "put", "patch", "delete")
# Where the first part of a path is not the tag that a reader looks under.
_TAGS: Final = {
    "countries": "shipping",
    "locations": "inventory",
    "shipping-methods": "shipping",
}
IDEMPOTENCY_KEY: Final = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Send it again with the same request: the first answer is repeated.",
)
CART_TOKEN: Final = OpenApiParameter(
    "X-Cart-Token",
    str,
    OpenApiParameter.HEADER,
    description="A guest's cart, from its first write.",
)
IF_MATCH: Final = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag you read; 412 when it has changed.",
)


# Each member is a parameter of its own, as `style: form` with `explode` has it.
ATTRIBUTES: Final = OpenApiParameter(
    "attributes",
    {
        "type": "object",
        "propertyNames": {"pattern": r"^attr\..+"},
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
        "example": {"attr.language": ["eng"]},
    },
    OpenApiParameter.QUERY,
    description="Attributes, each as a parameter `attr.<name>`: `attr.language=eng`.",
    style="form",
    explode=True,
)
OK: Final = 200


class FieldErrorSerializer(serializers.Serializer[Any]):
    """One part of the request that is not valid."""

    pointer = serializers.CharField(help_text="JSON pointer into the body.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An error, as RFC 9457 problem document; `code` is stable and for machines."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    request_id = serializers.CharField()
    errors = named_as_an_attribute(FieldErrorSerializer(many=True))


def operation(
    summary: str,
    *,
    request: Any = None,
    response: Any = None,
    status: int = 200,
    example: Any = None,
    request_example: Any = None,
    errors: Sequence[type[DomainError]] = (),
    moved: Any = None,
    **more: Any,
) -> Callable[[F], F]:
    """Describe an action for OpenAPI.

    ``response`` is the output serializer (None: no body; for files a schema for each
    ``(status, media type)``), ``example`` what it answers, ``request_example`` what is sent,
    ``errors`` the domain errors beside the common ones, ``moved`` the output serializer of a 301.
    The description is the action's docstring.
    """
    examples = []
    if request_example is not None:
        examples.append(OpenApiExample("Request", value=request_example, request_only=True))
    if example is not None:
        if isinstance(response, serializers.ListSerializer):
            example = _row_of(example)
        examples.append(
            OpenApiExample("Answer", value=example, response_only=True, status_codes=[str(status)])
        )
    responses = _success_responses(status, response)
    if moved is not None:
        responses[301] = OpenApiResponse(moved, description="It has another address now.")
    responses.update(_error_responses(errors))
    describe = extend_schema(
        summary=summary, request=request, responses=responses, examples=examples, **more
    )

    def decorate(action: F) -> F:
        described: F = describe(action)
        vars(described)["documented_errors"] = tuple(errors)
        vars(described)["looks_at_if_match"] = IF_MATCH in more.get("parameters", ())
        vars(described)["takes_body"] = request is not None
        return described

    return decorate


def _row_of(example: Any) -> Any:
    """Return the row that a list's example shows, be it given in a page, a list or by itself."""
    rows = example["results"] if isinstance(example, dict) and "results" in example else example
    return rows[0] if isinstance(rows, list) else rows


def _success_responses(status: int, response: Any) -> dict[Any, Any]:
    """Return what ``response`` says; of files it names each ``(status, media type)`` itself."""
    if isinstance(response, dict) and all(isinstance(key, tuple) for key in response):
        return dict(response)
    return {status: response if response is not None else OpenApiResponse(description="Done.")}


def _error_responses(errors: Sequence[type[DomainError]]) -> dict[Any, OpenApiResponse]:
    by_status: dict[int, list[type[DomainError]]] = {}
    for error in errors:
        by_status.setdefault(error.status, []).append(error)
    return {
        (status, CONTENT_TYPE): OpenApiResponse(
            _problem_with(kinds),
            description=" ".join(error.title for error in kinds),
            examples=[OpenApiExample(kind.code, value=example_of(kind)) for kind in kinds],
        )
        for status, kinds in by_status.items()
    }


def _problem_with(kinds: Sequence[type[DomainError]]) -> Any:
    """Return the schema of a problem that may have the further members of these errors."""
    members: dict[str, list[dict[str, Any]]] = {}
    for kind in kinds:
        for name, value in kind.example.items():
            schema = _schema_of(value)
            if schema not in members.setdefault(name, []):
                members[name].append(schema)
    if not members:
        return ProblemSerializer
    properties = {
        name: schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
        for name, schemas in members.items()
    }
    return {"allOf": [{"$ref": PROBLEM}, {"type": "object", "properties": properties}]}


def _schema_of(example: Any) -> dict[str, Any]:
    """Return the schema of a value that looks like this one."""
    if isinstance(example, dict):
        return {
            "type": "object",
            "properties": {name: _schema_of(value) for name, value in example.items()},
            "required": list(example),
        }
    if isinstance(example, list):
        return {"type": "array", "items": _schema_of(example[0])}
    kinds = {bool: "boolean", int: "integer", str: "string"}
    return {"type": kinds[type(example)]}


class AutoSchema(SpectacularSchema):
    """drf-spectacular's schema, told who may call and filed under the reader's tags."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Return the operation with the errors and headers that follow from what it takes."""
        described: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if described is not None:
            complete(described, method=self.method, view=self.view, registry=self.registry)
        return described

    def get_override_parameters(self) -> list[Any]:
        """Return the parameters that the action names, and those that shape its answer."""
        named: list[Any] = super().get_override_parameters()
        return [*named, *_shaping_parameters(self)] if self.method == "GET" else named

    def _get_request_body(self, direction: Any = "request") -> Any:
        """Return the body; drf-spectacular itself knows no DELETE that has one."""
        described: Any = super()
        method, self.method = self.method, "POST" if self.method == "DELETE" else self.method
        try:
            return described._get_request_body(direction)
        finally:
            self.method = method

    def _get_paginator(self) -> Any:
        """What is read comes in pages, not what was written."""
        pagination_class = getattr(self.view, "pagination_class", None)
        return pagination_class() if pagination_class and self.method == "GET" else None

    def get_tags(self) -> list[str]:
        found = re.match(r"/api/v1/([a-z-]+)", self.path)
        first = found[1] if found else "service"
        return [_TAGS.get(first, first)]

    def get_operation_id(self) -> str:
        return operation_name(
            path=self.path.removeprefix(settings.SPECTACULAR_SETTINGS["SCHEMA_PATH_PREFIX"] + "/"),
            method=self.method,
            action=getattr(self.view, "action", ""),
            is_list=self._is_list_view(),
        )

    def get_auth(self) -> list[dict[str, Any]]:
        """The ways to sign in that the action's rule accepts; ``{}``: there is no need.

        The names are those of ``securitySchemes`` in the settings.
        """
        rule: Rule = getattr(self.view, "access", {}).get(getattr(self.view, "action", ""), anyone)
        ways: list[dict[str, Any]] = []
        if rule.is_for_people:
            ways.append({"accessToken": []})
        if rule.is_for_machines:
            ways.append({"apiKey": []})
        if rule.allows(_stranger()) or rule.allows(_stranger("a-token")):
            ways.append({})
        return ways

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular does
        """Return the action's docstring and who may call it."""
        action = getattr(self.view, "action", None) or self.method.lower()
        text = (getattr(getattr(self.view, action, None), "__doc__", "") or "").strip()
        rule = getattr(self.view, "access", {}).get(action)
        who = f"**Who may call:** {rule.label}." if rule else ""
        return "\n\n".join(part for part in (_unindent(text), who) if part)


def _shaping_parameters(schema: AutoSchema) -> list[OpenApiParameter]:
    """Return ``fields``, ``expand`` and ``attr.*`` where the answer to a GET obeys them."""
    answers: Any = schema.get_response_serializers()
    found = answers.get(OK, answers) if isinstance(answers, dict) else answers
    shaped = getattr(found, "child", found)
    kind = shaped if isinstance(shaped, type) else type(shaped)
    parameters = []
    if issubclass(kind, ShapedSerializer):
        names = list(kind().fields)
        text = "Return only these fields; the others are left out, required or not."
        parameters.append(_names("fields", text, [*names, *kind.expandable]))
        if kind.expandable:
            text = "Embed these in full."
            parameters.append(_names("expand", text, list(kind.expandable)))
    if "attr.*" in getattr(schema.view, "extra_parameters", ()):
        parameters.append(ATTRIBUTES)
    return parameters


class ShapedExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # drf-spectacular's
    """Says of a member that `expand` embeds in full what it is then, too."""

    target_class = ShapedSerializer
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Return the schema of a serializer with what its members may be expanded to."""
        schema: dict[str, Any] = auto_schema._map_serializer(
            self.target, direction, bypass_extensions=True
        )
        for name, kind in self.target.expandable.items():
            whole = auto_schema._map_serializer_field(kind(read_only=True), direction)
            if name not in schema["properties"]:
                schema["properties"][name] = whole
            elif schema["properties"][name] != whole:
                schema["properties"][name] = {"anyOf": [schema["properties"][name], whole]}
        return schema


def _names(parameter: str, text: str, names: Sequence[str]) -> OpenApiParameter:
    possible = {"type": "string", "enum": sorted(set(names))}
    schema = {"type": "array", "items": possible}
    return OpenApiParameter(
        parameter, schema, OpenApiParameter.QUERY, description=text, style="form", explode=False
    )


def _stranger(cart_token: str = "") -> Request:
    request = Request(HttpRequest())
    request.META["HTTP_X_CART_TOKEN"] = cart_token
    request.user = AnonymousUser()
    return request


def _unindent(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines())


def in_order_of_methods(endpoints: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Pre-process the routes: those of one path come in the same order in every process."""
    places: dict[str, int] = {}
    for path, *_ in endpoints:
        places.setdefault(path, len(places))
    methods = [*_METHODS, "head", "options", "trace"]
    return sorted(endpoints, key=lambda route: (places[route[0]], methods.index(route[2].lower())))
