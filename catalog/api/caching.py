"""Public answers: rendered once for each catalog version, revalidated by every reader."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from rest_framework.request import Request

from catalog import selectors
from core.api.conditional import etag_of

# Anyone may keep the answer and must ask whether it is still good: an edit is visible at once,
# and asking costs one read of the version.
CACHE_CONTROL = "public, max-age=0, must-revalidate"


def cached_answer(
    request: Request, render: Callable[[str | None], bytes], *, seconds: int
) -> HttpResponse:
    """Answer with what ``render`` made for this URL and catalog version, ``seconds`` ago at most.

    What changes without a new version (stock figures) is as old as that. ``render`` is given
    the version, for what it may remember itself. Inside a transaction, which may see what is
    never committed, the version is None and nothing is cached.
    """
    if connection.in_atomic_block:
        return answer(request, render(None))
    address = request._request.build_absolute_uri()
    digest = hashlib.blake2b(address.encode(), digest_size=16).hexdigest()
    version = selectors.catalog_version()
    key = f"catalog:{version}:{digest}"
    found: tuple[str, bytes] | None = cache.get(key)
    if found is None:
        body = render(version)
        found = (etag_of(body), body)
        cache.set(key, found, seconds)
    return _respond(request, *found)


def answer(request: Request, body: bytes) -> HttpResponse:
    """Answer a public read with ``body``, or with 304 when the caller has it."""
    return _respond(request, etag_of(body), body)


def _respond(request: Request, etag: str, body: bytes) -> HttpResponse:
    response: HttpResponse
    if _has(request, etag):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(body, content_type="application/json")
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


def _has(request: Request, etag: str) -> bool:
    header = request.META.get("HTTP_IF_NONE_MATCH")
    if header is None:
        return False
    return header == "*" or etag in (tag.removeprefix("W/") for tag in parse_etags(header))
