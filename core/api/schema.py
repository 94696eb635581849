"""OpenAPI: every operation with its summary, example, errors and who may call it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from core.api.access import Rule, anyone
from core.api.fields import named_as_an_attribute
from core.api.operation_names import operation_name
from core.api.problems import CONTENT_TYPE, problem
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
            ProblemSerializer,
            description=" ".join(error.title for error in kinds),
            examples=[
                OpenApiExample(
                    error.code,
                    value=problem(status, code=error.code, title=error.title)
                    | {"request_id": "0198f3a2c5d17e3b9a4f6c8d0e2b4a61"},
                )
                for error in kinds
            ],
        )
        for status, kinds in by_status.items()
    }


class AutoSchema(SpectacularSchema):
    """drf-spectacular's schema, told who may call and filed under the reader's tags."""

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


def _stranger(cart_token: str = "") -> Request:
    request = Request(HttpRequest())
    request.META["HTTP_X_CART_TOKEN"] = cart_token
    request.user = AnonymousUser()
    return request


def _unindent(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines())


_COMMON_ERRORS: Final = {
    "400": "The request is not valid.",
    "401": "Not signed in, or the token is no longer valid.",
    "403": "Signed in, but not allowed.",
    "404": "It does not exist, or belongs to someone else.",
    "409": "The state of things forbids it.",
    "429": "Too many requests; `Retry-After` says when to come back.",
}


def in_order_of_methods(endpoints: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Pre-process the routes: those of one path come in the same order in every process."""
    places: dict[str, int] = {}
    for path, *_ in endpoints:
        places.setdefault(path, len(places))
    methods = [*_METHODS, "head", "options", "trace"]
    return sorted(endpoints, key=lambda route: (places[route[0]], methods.index(route[2].lower())))


_ERRORS_WITH_BODY: Final = {
    "413": "The body is too large.",
    "415": "The body is of another media type.",
}
_ERRORS_WITH_HEADER: Final = {
    "If-Match": {"412": "It has changed since you read it."},
    "Idempotency-Key": {"422": "The key was used with another request."},
}


def add_problem_responses(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Post-process the document: every operation may answer the common problems."""
    reference = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for methods in result["paths"].values():
        for described in (methods[method] for method in _METHODS if method in methods):
            for status, description in _possible_errors(described).items():
                described["responses"].setdefault(
                    status, {"description": description, "content": reference}
                )
    return result


def _possible_errors(described: dict[str, Any]) -> dict[str, str]:
    """Return the problems that an operation may answer by what it takes."""
    errors = dict(_COMMON_ERRORS)
    if "requestBody" in described:
        errors |= _ERRORS_WITH_BODY
    for parameter in described.get("parameters", ()):
        errors |= _ERRORS_WITH_HEADER.get(parameter["name"], {})
    return errors
