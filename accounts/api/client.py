import ipaddress
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts.models import User
from accounts.services import devices
from accounts.services.sessions import Client
from core.api.callers import address_of

DEVICE_COOKIE: Final = "device"


def client_of(request: Request | HttpRequest) -> Client:
    user_agent = request.headers.get("User-Agent", "").replace("\x00", "")
    ip_address: str | None
    try:
        ip_address = str(ipaddress.ip_address(address_of(request)))
    except ValueError:
        ip_address = None
    device = request.COOKIES.get(DEVICE_COOKIE, "")
    return Client(user_agent=user_agent, ip_address=ip_address, device=device)


def remember_device(response: HttpResponseBase, user: User) -> None:
    """Let the browser show at the next sign-in that this account was signed in with it."""
    response.set_cookie(
        DEVICE_COOKIE,
        devices.token_for(email=user.email),
        max_age=devices.KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
