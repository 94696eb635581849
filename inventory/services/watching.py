"""Noticing what runs low."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from core import events
from inventory.events import StockLow

AT_ONCE = 500

# What someone holds is about to change: it is looked at the next time.
_FOLLOW = """
    UPDATE inventory_stockitem AS item SET is_low = NOT item.is_low
    FROM (
        SELECT id FROM inventory_stockitem
        WHERE (is_low OR reorder_point > 0)
          AND is_low <> (reorder_point > 0 AND on_hand - reserved <= reorder_point)
        ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
    ) AS changed
    WHERE item.id = changed.id
    RETURNING item.location_id, item.id, item.is_low
"""


@transaction.atomic
def announce_low_stock() -> int:
    """Announce StockLow for what has fallen to its reorder point; return how many items changed.

    An item is announced once, and again after it was above in between. At most ``AT_ONCE``
    items a call; rows that someone works on are left for the next.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW, [AT_ONCE])
        rows = cursor.fetchall()
    low: dict[UUID, list[UUID]] = defaultdict(list)
    for location_id, item_id, is_low in rows:
        if is_low:
            low[location_id].append(item_id)
    for location_id, item_ids in low.items():
        events.emit(StockLow(location_id, tuple(item_ids), at=timezone.now()))
    return len(rows)
