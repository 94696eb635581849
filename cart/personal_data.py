"""What this app holds on a person."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from cart.models import CartItem, CartStatus, SavedItem
from core.personal_data import Rows, section


@section("cart")
def cart_of(user_id: UUID) -> Rows:
    """Yield what lies in the person's cart."""
    items = CartItem.objects.filter(cart__customer=user_id, cart__status=CartStatus.OPEN)
    yield from _rows(items)


@section("saved_for_later")
def saved_items_of(user_id: UUID) -> Rows:
    """Yield what the person has put aside."""
    yield from _rows(SavedItem.objects.filter(customer=user_id))


def _rows(items: QuerySet[CartItem] | QuerySet[SavedItem]) -> Rows:
    for item in items.select_related("variant").order_by("created_at", "id"):
        yield {"sku": item.variant.sku, "quantity": item.quantity, "added_at": item.created_at}
