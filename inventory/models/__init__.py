from inventory.models.backorders import Backorder, BackorderRule
from inventory.models.counts import CountLine, CountStatus, StockCount
from inventory.models.stock import (
    Location,
    LocationKind,
    MovementReason,
    Reservation,
    StockItem,
    StockMovement,
)
from inventory.models.transfers import Transfer, TransferLine, TransferStatus

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
