"""The caller's program and place, as services take them."""

import ipaddress

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.services.sessions import Client
from core.api.callers import address_of


def client_of(request: Request | HttpRequest) -> Client:
    """Return user agent and address of the request."""
    user_agent = request.headers.get("User-Agent", "").replace("\x00", "")
    return Client(user_agent=user_agent, ip_address=_well_formed(address_of(request)))


def _well_formed(address: str) -> str | None:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None
