"""What is stored about stock."""

from inventory.models.awaiting import Backorder, BackorderRule
from inventory.models.moving import (
    CountLine,
    CountStatus,
    StockCount,
    Transfer,
    TransferLine,
    TransferStatus,
)
from inventory.models.stock import (
    Location,
    LocationKind,
    MovementReason,
    Reservation,
    StockItem,
    StockMovement,
)

__all__ = [
    "Backorder",
    "BackorderRule",
    "CountLine",
    "CountStatus",
    "Location",
    "LocationKind",
    "MovementReason",
    "Reservation",
    "StockCount",
    "StockItem",
    "StockMovement",
    "Transfer",
    "TransferLine",
    "TransferStatus",
]
