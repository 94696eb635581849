"""Public answers: rendered once for each catalog version, revalidated by every reader."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final, TypeAlias

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from rest_framework.request import Request

from core.api.addresses import origin_of
from core.api.conditional import etag_of
from listings import selectors

ANYTHING: Final = "*/*"

# Anyone may keep the answer and must ask whether it is still good: an edit is visible at once,
# and asking costs one read of the version.
CACHE_CONTROL = "public, max-age=0, must-revalidate"
# What is kept of an answer: the catalog version that it is of, its tag, its body.
_Kept: TypeAlias = tuple[str, str, bytes]


def kept_answer(request: HttpRequest) -> HttpResponse | None:
    """Return what ``cached_answer`` keeps for this URL, if anything, before a view looks at it.

    Who asks for a type of media, or inside a transaction, is left to the view.
    """
    if connection.in_atomic_block or request.META.get("HTTP_ACCEPT", ANYTHING) != ANYTHING:
        return None
    key = _key_of(request)
    kept: _Kept | None = cache.get(key)
    if kept and kept[0] == selectors.catalog_version():
        return _respond(request, *kept[1:])
    return None


def cached_answer(
    request: Request,
    render: Callable[[str | None], bytes],
    *,
    seconds: int,
) -> HttpResponse:
    """Answer with what ``render`` made for this URL and catalog version, ``seconds`` ago at most.

    What changes without a new version (stock figures) is as old as that. ``render`` is given
    the version, to cache what other answers share. Inside a transaction, which may see what is
    never committed, the version is None and nothing is cached.
    """
    if connection.in_atomic_block:
        return answer(request, render(None))
    asked = request._request
    key = _key_of(asked)
    version = selectors.catalog_version()
    kept: _Kept | None = cache.get(key)
    if kept and kept[0] == version:
        return _respond(asked, *kept[1:])
    origin_of(asked)  # refuses a name that is not ours: nothing is kept for it
    body = render(version)
    tag = etag_of(body)
    cache.set(key, (version, tag, body), seconds)
    return _respond(asked, tag, body)


def _key_of(request: HttpRequest) -> str:
    """Return the key of a whole address; what a header claims of it is judged before a write."""
    asked = (
        request.scheme,
        request.META.get("HTTP_HOST"),
        request.path,
        request.META["QUERY_STRING"],
    )
    return f"catalog:{hashlib.blake2b(repr(asked).encode(), digest_size=16).hexdigest()}"


def answer(request: Request, body: bytes) -> HttpResponse:
    """Answer a public read with ``body``, or with 304 when the caller has it."""
    return _respond(request._request, etag_of(body), body)


def _respond(request: HttpRequest, etag: str, body: bytes) -> HttpResponse:
    response: HttpResponse
    if is_held(request, etag):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(body, content_type="application/json")
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


def is_held(request: HttpRequest, etag: str) -> bool:
    """Whether the caller has what the tag names, by ``If-None-Match``."""
    header = request.META.get("HTTP_IF_NONE_MATCH")
    if header is None:
        return False
    return header == "*" or etag in (tag.removeprefix("W/") for tag in parse_etags(header))
