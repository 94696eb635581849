"""Reads of what customers and guests have put aside for later."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery

from cart.models import SavedItem
from cart.selectors import CartLine, Owner, is_for_sale, terms_of
from catalog.models import ProductImage


def saved_of(*, owner: Owner) -> QuerySet[SavedItem]:
    """Return what the owner has put aside for later."""
    if owner.is_nobody:
        return SavedItem.objects.none()
    if owner.customer:
        return SavedItem.objects.filter(customer=owner.customer)
    return SavedItem.objects.filter(customer=None, token_digest=owner.token_digest)


def saved_lines_of(*, owner: Owner) -> list[CartLine]:
    """Return what the owner has put aside, the latest first, as it is now: two queries."""
    first = ProductImage.objects.filter(product=OuterRef("variant__product"))
    picture = Subquery(first.order_by("position", "id").values("image")[:1])
    items = saved_of(owner=owner).annotate(picture=picture).select_related("variant__product")
    saved = list(items.order_by("-updated_at", "-id"))
    terms = terms_of([item.variant for item in saved], customer=owner.customer) if saved else {}
    return [
        CartLine(
            id=item.id,
            variant=item.variant,
            quantity=item.quantity,
            available=terms[item.variant_id][0] if is_for_sale(item.variant) else 0,
            price_seen=item.unit_price_seen,
            image=item.picture,
            breaks=terms[item.variant_id][1],
        )
        for item in saved
    ]
