"""What every request passes first."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from core import tracing

API = "/api/"
# Where only tokens are believed: no session, no cookie, no page that a browser would render.
API_V1 = "/api/v1/"

NOTHING_MAY_LOAD = "default-src 'none'; frame-ancestors 'none'"

access_log = logging.getLogger("tradepost.access")


class RequestMiddleware:
    """Gives the request its id, accepts API routes without their final slash, logs a line."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle the request."""
        started = time.perf_counter()
        identifier = tracing.accept_or_make(request.headers.get("X-Request-ID", ""))
        token = tracing.request_id.set(identifier)
        try:
            _accept_missing_slash(request)
            response = self.get_response(request)
            response["X-Request-ID"] = identifier
            if not response.streaming and not response.has_header("Content-Length"):
                response["Content-Length"] = str(len(response.content))
            if request.path_info.startswith(API_V1):
                response["Content-Security-Policy"] = NOTHING_MAY_LOAD
            _log(request, response, started)
        finally:
            tracing.request_id.reset(token)
        return response


def _accept_missing_slash(request: HttpRequest) -> None:
    """Let ``/api/v1/orders`` mean ``/api/v1/orders/``: a redirect would lose a POST's body."""
    if request.path_info.startswith(API) and not request.path_info.endswith("/"):
        request.path_info += "/"
        request.path += "/"


def _log(request: HttpRequest, response: HttpResponse, started: float) -> None:
    if access_log.isEnabledFor(logging.INFO):
        access_log.info(
            "request",
            extra={
                "method": request.method,
                "path": request.path,
                "status": response.status_code,
                "milliseconds": round((time.perf_counter() - started) * 1000, 1),
            },
        )


class _PagesOnly(MiddlewareMixin):
    """Leaves the token API alone: what serves browsers' pages would only cost time there."""

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(API_V1):
            return self.get_response(request)
        return super().__call__(request)


class PageSessionMiddleware(_PagesOnly, SessionMiddleware):
    """Sessions, for the admin."""


class PageAuthenticationMiddleware(_PagesOnly, AuthenticationMiddleware):
    """``request.user`` from the session, for the admin."""


class PageMessageMiddleware(_PagesOnly, MessageMiddleware):
    """Messages, for the admin."""


class PageContentPolicyMiddleware(_PagesOnly, CSPMiddleware):
    """What a page may load."""
