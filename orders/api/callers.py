"""Who asks about orders, and what they may do with one."""

from __future__ import annotations

from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from cart.api.callers import customer_of
from core.api.access import Rule, has_role, machine, role
from core.api.callers import cart_token_of
from orders.models import Order
from orders.selectors import Reader
from orders.transitions import Actor

VIEW = "orders.view_order"
CHANGE = "orders.change_order"

guest_with_token = Rule("a guest with the cart token", lambda request: bool(cart_token_of(request)))
order_writer = machine("orders:write")
order_reader = machine("orders:read") | order_writer
order_staff = role(CHANGE) | order_writer


def reader_of(request: Request) -> Reader:
    """Return which orders the caller may see."""
    return Reader(
        customer=customer_of(request),
        token=cart_token_of(request),
        sees_all=has_role(request, VIEW) or order_reader.allows(request),
    )


def role_towards(request: Request, order: Order) -> Actor | None:
    """Return on whose behalf the caller may change an order they see, or None."""
    if order_staff.allows(request):
        return Actor.STAFF
    reader = reader_of(request)
    return Actor.OWNER if reader.owns(order) else None


def actor_towards(request: Request, order: Order) -> Actor:
    """Return on whose behalf the caller changes an order, or refuse them."""
    actor = role_towards(request, order)
    if actor is None:
        raise PermissionDenied
    return actor
