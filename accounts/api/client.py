import ipaddress

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.services.sessions import Client
from core.api.callers import address_of


def client_of(request: Request | HttpRequest) -> Client:
    user_agent = request.headers.get("User-Agent", "").replace("\x00", "")
    ip_address: str | None
    try:
        ip_address = str(ipaddress.ip_address(address_of(request)))
    except ValueError:
        ip_address = None
    return Client(user_agent=user_agent, ip_address=ip_address)
