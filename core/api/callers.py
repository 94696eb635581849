"""Who is calling, as a key for limits and for remembered answers."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

CART_HEADER = "X-Cart-Token"


def address_of(request: Request | HttpRequest) -> str:
    """Return the caller's address, believing at most ``TRUSTED_PROXIES`` forwarding proxies."""
    remote = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.TRUSTED_PROXIES:
        return remote
    hops = [
        hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()
    ]
    return hops[-settings.TRUSTED_PROXIES] if len(hops) >= settings.TRUSTED_PROXIES else remote


def cart_token_of(request: Request) -> str:
    return request.headers.get(CART_HEADER, "")


def caller_of(request: Request) -> str:
    """Return a key for the caller: the user, the API key, the guest's cart or the address."""
    if key := getattr(request.auth, "prefix", ""):
        return f"key:{key}"
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    if token := cart_token_of(request):
        return f"cart:{hashlib.sha256(token.encode()).hexdigest()}"
    return f"address:{address_of(request)}"
