"""Carts that nobody comes back to."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from cart.events import CartAbandoned
from cart.models import Cart, CartItem, CartStatus
from core import events

ANNOUNCED_AT_ONCE = 500
# Older ones are not announced any more, so that each run looks at few carts only.
LOOKED_BACK = timedelta(days=7)


@transaction.atomic
def announce_abandoned_carts(*, now: datetime) -> int:
    """Announce up to 500 filled carts that nobody touched for ``ABANDONED_CART_HOURS``.

    Each is told once until someone touches it again. Skips rows that someone is working on;
    returns how many there were.
    """
    left_at = now - timedelta(hours=settings.ABANDONED_CART_HOURS)
    filled = Exists(CartItem.objects.filter(cart=OuterRef("pk")))
    untold = Q(abandoned_at=None) | Q(abandoned_at__lt=F("updated_at"))
    carts = (
        Cart.objects.filter(filled, untold, status=CartStatus.OPEN)
        .filter(updated_at__lt=left_at, updated_at__gte=left_at - LOOKED_BACK)
        .order_by("pk")
        .select_for_update(skip_locked=True)[:ANNOUNCED_AT_ONCE]
    )
    ids = [cart.pk for cart in carts]
    Cart.objects.filter(pk__in=ids).update(abandoned_at=now)
    for cart_id in ids:
        events.emit(CartAbandoned(cart_id))
    return len(ids)
