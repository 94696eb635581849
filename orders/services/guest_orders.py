"""Orders that were placed as a guest, by someone who has an account now."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from orders.models import Order


def claim_guest_orders(*, user_id: UUID) -> int:
    """Give a customer the orders placed as a guest with the address that they have proved.

    Returns how many; nothing is given to an account whose address is not verified.
    """
    user = User.objects.filter(pk=user_id, is_active=True, is_email_verified=True).first()
    if user is None:
        return 0
    return Order.objects.filter(customer=None, email=user.email).update(customer=user)
