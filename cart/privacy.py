from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from cart.models import CartItem, CartStatus, SavedItem
from core.privacy import Rows, section


@section("cart")
def export_cart(user_id: UUID) -> Rows:
    items = CartItem.objects.filter(cart__customer=user_id, cart__status=CartStatus.OPEN)
    yield from _rows(items)


@section("saved_for_later")
def export_saved_items(user_id: UUID) -> Rows:
    yield from _rows(SavedItem.objects.filter(customer=user_id))


def _rows(items: QuerySet[CartItem] | QuerySet[SavedItem]) -> Rows:
    for item in items.select_related("variant").order_by("created_at", "id"):
        yield {"sku": item.variant.sku, "quantity": item.quantity, "added_at": item.created_at}
