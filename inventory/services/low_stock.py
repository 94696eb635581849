from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, F, Q
from django.utils import timezone

from core import events
from inventory.events import StockLow
from inventory.models import StockItem

AT_ONCE = 500


@transaction.atomic
def announce_low_stock() -> int:
    """Announce StockLow for what has fallen to its reorder point; return how many items changed.

    An item is announced once, and again after it was above in between. At most ``AT_ONCE``
    items a call; rows that someone has locked are left for the next.
    """
    watched = StockItem.objects.filter(Q(is_low=True) | Q(reorder_point__gt=0))
    is_low_now = ExpressionWrapper(
        Q(reorder_point__gt=0, on_hand__lte=F("reserved") + F("reorder_point")), BooleanField()
    )
    changed = watched.annotate(is_low_now=is_low_now).exclude(is_low=F("is_low_now"))
    locked = changed.order_by("pk").select_for_update(no_key=True, skip_locked=True)
    items = list(locked[:AT_ONCE])
    by_location: dict[UUID, list[UUID]] = defaultdict(list)
    for item in items:
        item.is_low = not item.is_low
        if item.is_low:
            by_location[item.location_id].append(item.pk)
    StockItem.objects.filter(pk__in=[item.pk for item in items]).update(is_low=~F("is_low"))
    for location_id, item_ids in by_location.items():
        events.emit(StockLow(location_id, tuple(item_ids), at=timezone.now()))
    return len(items)
