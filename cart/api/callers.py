from __future__ import annotations

from rest_framework.request import Request

from accounts.models import User
from cart.selectors import Owner
from core.api.callers import cart_token_of


def customer_of(request: Request) -> User | None:
    return request.user if isinstance(request.user, User) else None


def owner_of(request: Request) -> Owner:
    """Return whose cart this is: the signed-in customer's, or that of the token's holder."""
    customer = customer_of(request)
    return Owner(customer=customer, token="" if customer else cart_token_of(request))
