"""A page for each ``type`` of a problem document, and one that lists them."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core.api.document import document
from core.api.problem_kinds import kinds

_SECONDS: Final = 3600


@require_safe
@cache_control(public=True, max_age=_SECONDS)
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "core/problems.html", {"kinds": kinds()})


@require_safe
@cache_control(public=True, max_age=_SECONDS)
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Say what an error means, what to do next, and which operations tell it."""
    told = kinds().get(code)
    if told is None:
        raise Http404
    parts = [
        {
            "status": kind.status,
            "title": with_code(kind.title),
            "meaning": with_code(kind.meaning),
            "remedy": with_code(kind.remedy),
        }
        for kind in told
    ]
    operations = _operations().get(code, [])
    return render(
        request,
        "core/problem.html",
        {"code": code, "parts": parts, "operations": operations},
    )


def with_code(text: str) -> SafeString:
    """Return a text as HTML, with what stands between backticks as code."""
    pieces = [conditional_escape(piece) for piece in text.split("`")]
    marked = [f"<code>{piece}</code>" if at % 2 else piece for at, piece in enumerate(pieces)]
    return mark_safe("".join(marked))  # noqa: S308 - each piece is escaped


@cache
def _operations() -> dict[str, list[str]]:
    """Return the operations that name each code among their own errors."""
    found: dict[str, list[str]] = {}
    for path, methods in document()["paths"].items():
        for method, described in methods.items():
            for code in _own_codes(described):
                found.setdefault(code, []).append(f"{method.upper()} {path}")
    return found


def _own_codes(described: dict[str, Any]) -> set[str]:
    codes: set[str] = set()
    for response in described["responses"].values():
        problems = response.get("content", {}).get("application/problem+json", {})
        codes |= {example["value"]["code"] for example in problems.get("examples", {}).values()}
    return codes
