"""What every request passes first."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC
from typing import Any, cast

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.module_loading import import_string

from core import tracing
from core.logging import ACCESS_LOG

API = "/api/"
# Where only tokens are believed: no session, no cookie, no page that a browser would render.
API_V1 = "/api/v1/"

NOTHING_MAY_LOAD = "default-src 'none'; frame-ancestors 'none'"

access_log = logging.getLogger(ACCESS_LOG)

Handler = Callable[[HttpRequest], HttpResponse]


class RequestMiddleware:
    """Gives the request its id, accepts API routes without their final slash, logs a line."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        identifier = tracing.accept_or_make(request.META.get("HTTP_X_REQUEST_ID", ""))
        token = tracing.request_id.set(identifier)
        try:
            _accept_missing_slash(request)
            response = self.get_response(request)
            response["X-Request-ID"] = identifier
            if not response.streaming and not response.has_header("Content-Length"):
                response["Content-Length"] = str(len(response.content))
            if request.path_info.startswith(API_V1):
                response["Content-Security-Policy"] = NOTHING_MAY_LOAD
                response["X-Frame-Options"] = settings.X_FRAME_OPTIONS
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


class PagesMiddleware:
    """Lets browsers' pages pass ``PAGE_MIDDLEWARE``, and spares the token API all of it.

    Sessions, cookies, messages and policies of pages mean nothing there, and passing a layer
    costs time even where it does nothing: together they took a third of a short request.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = self._of_pages = get_response
        self._view_hooks: list[Callable[..., HttpResponse | None]] = []
        for path in reversed(settings.PAGE_MIDDLEWARE):
            layer = import_string(path)(self._of_pages)
            self._of_pages = cast("Handler", convert_exception_to_response(layer))
            if hook := getattr(layer, "process_view", None):
                self._view_hooks.insert(0, hook)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(API_V1):
            return self._of_pages(request)
        with timezone.override(UTC):  # pages show the shop's time, the API speaks UTC
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Let the layers of pages look at the view of a page, as Django does for layers."""
        if request.path_info.startswith(API_V1):
            return None
        answers = (hook(request, view, args, kwargs) for hook in self._view_hooks)
        return next((answer for answer in answers if answer is not None), None)
