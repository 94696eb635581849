"""What every operation may answer beside its own: common errors, headers, and examples of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from drf_spectacular.plumbing import ComponentRegistry

from core.api.problems import CONTENT_TYPE, problem
from core.errors import DomainError

PROBLEM: Final = "#/components/schemas/Problem"
_REQUEST_ID: Final = "0198f3a2c5d17e3b9a4f6c8d0e2b4a61"

_COMMON_ERRORS: Final = {
    "400": "The request is not valid.",
    "401": "Not signed in, or the token is no longer valid.",
    "403": "Signed in, but not allowed.",
    "404": "It does not exist, or belongs to someone else.",
    "409": "The state of things forbids it.",
    "429": "Too many requests; `Retry-After` says when to come back.",
    "503": "The shop cannot answer just now; `Retry-After` says when to come back.",
}
_ERRORS_WITH_BODY: Final = {
    "413": "The body is too large.",
    "415": "The body is of another media type.",
}
_ERRORS_WITH_HEADER: Final = {
    "If-Match": {"412": "It has changed since you read it."},
    "Idempotency-Key": {"422": "The key was used with another request."},
}
_ERRORS: Final = (
    _COMMON_ERRORS
    | _ERRORS_WITH_BODY
    | {status: text for told in _ERRORS_WITH_HEADER.values() for status, text in told.items()}
)
# The codes of common errors that are not their status's first.
_CODES: Final = {
    "409": ("conflict", DomainError.title),
    "412": ("precondition_failed", "It has changed since you read it."),
    "422": ("idempotency_key_reused", "This Idempotency-Key was used with another request."),
}

_HEADERS: Final = {
    "X-Request-ID": "Finds the request in the logs.",
    "WWW-Authenticate": "How to sign in.",
    "Retry-After": "Seconds to wait.",
    "RateLimit": "For each limit of the action: the calls that remain, and the seconds to its end.",
    "RateLimit-Policy": "For each limit of the action: how many calls in how many seconds.",
    "ETag": "Names this state: for `If-None-Match`, and for `If-Match` with a change.",
    "Cache-Control": "Who may keep the answer, and for how long.",
    "Location": "Where it is.",
    "Idempotent-Replayed": "`true`: the first answer again, nothing was done.",
    "X-Cart-Token": "The guest's cart: send it from now on.",
    "Content-Disposition": "The name of the file.",
}
_ALWAYS: Final = ("X-Request-ID", "Cache-Control")
_OF_STATUS: Final = {
    "201": ("Location",),
    "202": ("Location",),
    "301": ("Location",),
    "401": ("WWW-Authenticate",),
    "429": ("Retry-After", "RateLimit", "RateLimit-Policy"),
    "503": ("Retry-After",),
}


def example_of(error: type[DomainError]) -> dict[str, Any]:
    """Return the problem document that tells of a domain error."""
    errors = [{"pointer": error.at, "code": error.code, "detail": error.title}] if error.at else []
    shown = problem(
        error.status, code=error.code, title=error.title, errors=errors, **error.example
    )
    return shown | {"request_id": _REQUEST_ID}


def complete(
    described: dict[str, Any], *, method: str, view: Any, registry: ComponentRegistry
) -> None:
    """Add to an operation the errors that follow from what it takes, and its answers' headers."""
    responses = described["responses"]
    is_tagged = method == "GET" and _is_tagged(view)
    if is_tagged:
        described.setdefault("parameters", []).append(_IF_NONE_MATCH)
        responses["304"] = {"description": "What you have is current."}
    for status in _possible_errors(described, method):
        if status == "400":
            _show_invalid(responses.setdefault("400", _problem("400")), described, registry)
        elif status not in responses:
            responses[status] = {"$ref": f"#/components/responses/problem{status}"}
    for status, response in responses.items():
        if "$ref" not in response:
            names = _headers_of(status, response, described, view=view, is_tagged=is_tagged)
            response["headers"] = _references(names)
    described["responses"] = dict(sorted(responses.items()))


def _references(headers: Sequence[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in headers}


def _problem(status: str) -> dict[str, Any]:
    content = {CONTENT_TYPE: {"schema": {"$ref": PROBLEM}}}
    return {"description": _ERRORS[status], "content": content}


_IF_NONE_MATCH: Final = {
    "in": "header",
    "name": "If-None-Match",
    "schema": {"type": "string"},
    "description": "The ETag of what you have; 304 when it is current.",
}


def _is_tagged(view: Any) -> bool:
    action = getattr(view, "action", "")
    is_kept = action in getattr(view, "kept_actions", ())
    is_public = getattr(view, "public_max_age", None) is not None
    return is_kept or is_public or action in getattr(view, "tagged_actions", ())


def _possible_errors(described: dict[str, Any], method: str) -> list[str]:
    """Return the statuses of the problems that an operation may answer by what it takes."""
    statuses = list(_COMMON_ERRORS)
    if method != "GET":
        statuses += _ERRORS_WITH_BODY
    for parameter in described.get("parameters", ()):
        statuses += _ERRORS_WITH_HEADER.get(parameter["name"], {})
    return statuses


def _show_invalid(
    response: dict[str, Any], described: dict[str, Any], registry: ComponentRegistry
) -> None:
    """Add the example of a mistake in what the operation takes, with a pointer to it."""
    content = response["content"][CONTENT_TYPE]
    content.setdefault("examples", {})["invalid"] = {"value": _invalid(described, registry)}


def _invalid(described: dict[str, Any], registry: ComponentRegistry) -> dict[str, Any]:
    pointer, code, detail = _wrong_part(described, registry)
    error = {"pointer": pointer, "code": code, "detail": detail}
    return problem(400, detail=detail, errors=[error]) | {"request_id": _REQUEST_ID}


def _wrong_part(described: dict[str, Any], registry: ComponentRegistry) -> tuple[str, str, str]:
    """Return pointer, code and detail of a mistake that a caller of the operation can make."""
    contents: dict[str, Any] = described.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = next((content["schema"] for content in contents.values()), {})
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        schema = registry[name, "schemas"].schema
    if required := schema.get("required"):
        return f"#/{required[0]}", "required", "This field is required."
    if members := list(schema.get("properties", ())):
        return f"#/{members[0]}", "invalid", "Not a valid value."
    return "#/colour", "unknown_parameter", "Unknown parameter."


def _headers_of(
    status: str,
    response: dict[str, Any],
    described: dict[str, Any],
    *,
    view: Any,
    is_tagged: bool,
) -> list[str]:
    """Return the names of the headers that an answer may have."""
    is_done = status.startswith("2")
    names = [*_ALWAYS, *_OF_STATUS.get(status, ())]
    taken = {parameter["name"] for parameter in described.get("parameters", ())}
    if status in {"200", "304"} and is_tagged:
        names.append("ETag")
    if getattr(view, "limits", {}).get(getattr(view, "action", "")):
        names += ["RateLimit", "RateLimit-Policy"]
    if "Idempotency-Key" in taken:
        names.append("Idempotent-Replayed")
    if "X-Cart-Token" in taken and is_done:
        names.append("X-Cart-Token")
    kinds = set(response.get("content", ()))
    is_file = described["operationId"].startswith("export") or kinds - {"application/json"}
    if is_done and is_file:
        names.append("Content-Disposition")
    return names


def add_components(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Post-process the document: add the headers and errors that its operations refer to."""
    components = result["components"]
    components["headers"] = {
        name: {"description": text, "schema": {"type": "string"}} for name, text in _HEADERS.items()
    }
    shared = sorted(_ERRORS.keys() - {"400"})  # that one shows each operation its own mistake
    components["responses"] = {f"problem{status}": _common(status) for status in shared}
    return result


def _common(status: str) -> dict[str, Any]:
    """Return the answer of an error that any operation may tell."""
    code, title = _CODES.get(status, ("", ""))
    shown = problem(int(status), code=code, title=title) | {"request_id": _REQUEST_ID}
    response = _problem(status)
    response["content"][CONTENT_TYPE]["examples"] = {shown["code"]: {"value": shown}}
    response["headers"] = _references([*_ALWAYS, *_OF_STATUS.get(status, ())])
    return response
