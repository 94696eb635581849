from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.events import Event


@dataclass(frozen=True)
class StockLow(Event):
    """At a location these stock items have fallen to their reorder points, or below."""

    name = "stock.low"
    location_id: UUID
    stock_item_ids: tuple[UUID, ...]
    at: datetime
