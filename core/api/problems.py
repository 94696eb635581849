"""Every error as an RFC 9457 problem document: ``application/problem+json``."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any, Final

import orjson
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.views import defaults
from drf_standardized_errors.formatter import flatten_errors
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import ExceptionHandlerContext
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import DomainError
from core.middleware import API
from core.outages import is_database_away, tell_database_away
from core.rate_limits import RateLimited
from core.tracing import request_id

CONTENT_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = "5"
_TYPE_PREFIX: Final = "/api/docs/errors/"

_CODES: Final[dict[int, tuple[str, str]]] = {
    400: ("invalid", "The request is not valid."),
    401: ("not_authenticated", "Sign in to do this."),
    403: ("permission_denied", "You are not allowed to do this."),
    404: ("not_found", "Not found."),
    405: ("method_not_allowed", "This method is not allowed here."),
    406: ("not_acceptable", "None of the accepted media types can be served."),
    413: ("too_large", "The request is too large."),
    415: ("unsupported_media_type", "This media type is not supported here."),
    429: ("rate_limited", "Too many requests."),
    500: ("server_error", "Something went wrong on our side."),
    503: ("unavailable", "The shop cannot answer just now."),
}


def problem(
    status: int,
    *,
    code: str = "",
    title: str = "",
    detail: str = "",
    errors: list[dict[str, str]] | None = None,
    **members: Any,
) -> dict[str, Any]:
    fallback = (HTTPStatus(status).name.lower(), HTTPStatus(status).phrase)
    default_code, default_title = _CODES.get(status, fallback)
    code = code or default_code
    title = title or default_title
    return {
        "type": f"{_TYPE_PREFIX}{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
        "request_id": request_id.get(),
        "errors": errors or [],
        **members,
    }


def problem_response(exc: Exception, context: ExceptionHandlerContext) -> Response | None:
    """Answer an exception that a view raised; DRF calls this for each."""
    response: Response | None
    if isinstance(exc, DomainError):
        response = _domain_error(exc)
    elif is_database_away(exc):
        response = _without_database(exc)
    else:
        response = _ProblemHandler(exc, context).run()
    if response is not None:
        response.content_type = CONTENT_TYPE
    return response


def _domain_error(exc: DomainError) -> Response:
    errors = (
        [{"pointer": exc.pointer, "code": exc.code, "detail": exc.detail}] if exc.pointer else []
    )
    body = problem(
        exc.status, code=exc.code, title=exc.title, detail=exc.detail, errors=errors, **exc.members
    )
    headers = {"Retry-After": str(exc.usage.reset)} if isinstance(exc, RateLimited) else {}
    if exc.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
    return Response(body, status=exc.status, headers=headers)


def _without_database(exc: Exception) -> Response:
    tell_database_away(exc)
    set_rollback()
    headers = {"Retry-After": RETRY_AFTER_SECONDS}
    response = Response(problem(503), status=503, headers=headers)
    vars(response)["_has_been_logged"] = True  # Django would log an error for each request
    return response


class _ProblemHandler(ExceptionHandler):
    """drf-standardized-errors knows every kind of exception; only the document is ours."""

    def should_not_handle(self, exc: Exception) -> bool:
        return False

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, RequestDataTooBig):
            return _TooLarge()
        if isinstance(exc, BadRequest | SuspiciousOperation | DataError):
            return exceptions.ParseError("The request is not valid.")
        return super().convert_known_exceptions(exc)

    def format_exception(self, exc: exceptions.APIException) -> dict[str, Any]:
        if isinstance(exc, exceptions.ValidationError):
            errors = [
                {"pointer": pointer(error.attr), "code": error.code, "detail": error.detail}
                for error in flatten_errors(exc.detail)
            ]
            return problem(400, detail=_summary(errors), errors=errors)
        if exc.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return problem(exc.status_code)
        code = exc.get_codes()
        return problem(
            exc.status_code, code=code if isinstance(code, str) else "", detail=_text(exc.detail)
        )


class _TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = "The request is too large."


def _text(detail: Any) -> str:
    """Return the message of an exception whose detail may be a text, list or dict of texts."""
    if isinstance(detail, dict):
        return str(detail.get("detail", next(iter(detail.values()), "")))
    return str(detail[0]) if isinstance(detail, list) else str(detail)


# Stand for a full stop in the name of a member, as full stops separate names, and for no name.
_FULL_STOP: Final = "\ue000"
_NO_NAME: Final = "\ue001"


def escaped(name: str) -> str:
    """Return the name of a member so that ``pointer`` keeps it whole (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1").replace(".", _FULL_STOP) or _NO_NAME


def pointer(attr: str | None) -> str:
    """Turn ``items.0.quantity`` into the JSON pointer ``#/items/0/quantity``."""
    if not attr:
        return "#"
    path = re.sub(r"(^|\.)non_field_errors$", "", attr).replace(".", "/")
    return f"#/{path.replace(_FULL_STOP, '.').replace(_NO_NAME, '')}" if path else "#"


def _summary(errors: list[dict[str, str]]) -> str:
    if len(errors) == 1:
        return errors[0]["detail"]
    return f"{len(errors)} parts of the request are not valid."


def plain_answer(request: HttpRequest, status: int) -> HttpResponse | None:
    """Return the problem as a Django response where an API client is asking, else None."""
    if not request.path_info.startswith(API):
        return None
    return HttpResponse(orjson.dumps(problem(status)), status=status, content_type=CONTENT_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    return plain_answer(request, status) or defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return plain_answer(request, 403) or defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return plain_answer(request, 404) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return plain_answer(request, 500) or defaults.server_error(request)
