"""The addresses that answers name, as the caller named the shop."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.core.files.storage import Storage, default_storage
from django.http import HttpRequest
from django.utils.encoding import iri_to_uri
from rest_framework.request import Request

_KNOWN = "_origin"


def origin_of(request: HttpRequest | Request) -> str:
    """Return scheme, host and port that the caller used; found out and judged once a request.

    Raises DisallowedHost for a name that is not ours.
    """
    asked = request._request if isinstance(request, Request) else request
    known: str | None = getattr(asked, _KNOWN, None)
    if known is None:
        known = f"{asked.scheme}://{asked.get_host()}"
        setattr(asked, _KNOWN, known)
    return known


def path_of(request: HttpRequest | Request) -> str:
    return f"{origin_of(request)}{iri_to_uri(request.path)}"


def media_address(request: HttpRequest | Request) -> str:
    """Return the absolute URL below which uploads are served, with its final slash."""
    return absolute(request, _folder_of(default_storage, settings.MEDIA_URL))


@lru_cache(maxsize=4)
def _folder_of(storage: Storage, _media_url: str) -> str:
    """Return the address of a storage's root; every answer names it, and it stays the same."""
    return str(storage.url("x"))[:-1]


def absolute(request: HttpRequest | Request, address: str) -> str:
    """Return the address of an upload with scheme and host, which a storage may leave out."""
    is_ours = address.startswith("/") and not address.startswith("//")
    if is_ours:  # most often: nothing of it has to be taken apart
        return f"{origin_of(request)}{address}"
    return request.build_absolute_uri(address)
