"""What is left of carts when the person behind them leaves."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from cart.models import Cart, CartItem, CartStatus, SavedItem


@transaction.atomic
def anonymise_carts(*, user_id: UUID) -> None:
    """Remove the carts and saved items of an erased account; orders keep what was ordered."""
    SavedItem.objects.filter(customer=user_id).delete()
    carts = Cart.objects.filter(customer=user_id).exclude(status=CartStatus.ORDERED)
    CartItem.objects.filter(cart__in=carts).delete()
    carts.delete()
