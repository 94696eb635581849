"""503 instead of 500 while PostgreSQL is away."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core.api.problems import RETRY_AFTER_SECONDS, plain_answer
from core.outages import is_database_away, tell_database_away

Handler = Callable[[HttpRequest], HttpResponse]


class OutageMiddleware:
    """Answers what a view or a page could not ask the database for."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the answer to a request that met no database; None for any other error."""
        if not is_database_away(error):
            return None
        tell_database_away(error)
        answer = plain_answer(request, 503) or HttpResponse(
            "The shop cannot answer just now. Please try again in a few seconds.",
            status=503,
            content_type="text/plain; charset=utf-8",
        )
        answer["Retry-After"] = RETRY_AFTER_SECONDS
        vars(answer)["_has_been_logged"] = True  # Django would log an error for each request
        return answer
