"""Public answers: rendered once for each catalog version, revalidated by every reader."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from rest_framework.request import Request

from catalog import selectors
from core.api.conditional import etag_of
from core.api.viewsets import ANYTHING

# Anyone may keep the answer and must ask whether it is still good: an edit is visible at once,
# and asking costs one read of the version.
CACHE_CONTROL = "public, max-age=0, must-revalidate"
# The attribute of a request that tells where its answer would have been kept.
_KNOWN_PLACE: Final = "_place_in_the_cache"


@dataclass(frozen=True)
class _Place:
    """Where the answer to a URL is kept for a catalog version; ``is_empty``: it is not."""

    version: str
    key: str
    is_empty: bool = False


def kept_answer(request: HttpRequest) -> HttpResponse | None:
    """Return what ``cached_answer`` keeps for this URL, if anything, before a view looks at it.

    Who asks for a type of media, or inside a transaction, is left to the view.
    """
    if connection.in_atomic_block or request.META.get("HTTP_ACCEPT", ANYTHING) != ANYTHING:
        return None
    place = _place_of(request)
    if found := cache.get(place.key):
        return _respond(request, *found)
    setattr(request, _KNOWN_PLACE, replace(place, is_empty=True))
    return None


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
    asked = request._request
    place: _Place = getattr(asked, _KNOWN_PLACE, None) or _place_of(asked)
    found: tuple[str, bytes] | None = None if place.is_empty else cache.get(place.key)
    if found is None:
        asked.get_host()  # refuses a name that is not ours: nothing is kept for it
        body = render(place.version)
        found = (etag_of(body), body)
        cache.set(place.key, found, seconds)
    return _respond(asked, *found)


def _place_of(request: HttpRequest) -> _Place:
    """Return the place for a whole address; what a header claims of it is judged before a write."""
    asked = (
        request.scheme,
        request.META.get("HTTP_HOST"),
        request.path,
        request.META["QUERY_STRING"],
    )
    digest = hashlib.blake2b(repr(asked).encode(), digest_size=16).hexdigest()
    version = selectors.catalog_version()
    return _Place(version, f"catalog:{version}:{digest}")


def answer(request: Request, body: bytes) -> HttpResponse:
    """Answer a public read with ``body``, or with 304 when the caller has it."""
    return _respond(request._request, etag_of(body), body)


def _respond(request: HttpRequest, etag: str, body: bytes) -> HttpResponse:
    response: HttpResponse
    if _has(request, etag):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(body, content_type="application/json")
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


def _has(request: HttpRequest, etag: str) -> bool:
    header = request.META.get("HTTP_IF_NONE_MATCH")
    if header is None:
        return False
    return header == "*" or etag in (tag.removeprefix("W/") for tag in parse_etags(header))
