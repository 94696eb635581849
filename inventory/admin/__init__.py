from inventory.admin.backorders import BackorderRuleAdmin
from inventory.admin.counts import StockCountAdmin
from inventory.admin.history import MovementAdmin, ReservationAdmin
from inventory.admin.locations import LocationAdmin
from inventory.admin.products import StockedProductAdmin
from inventory.admin.stock import StockItemAdmin
from inventory.admin.transfers import TransferAdmin

__all__ = [
    "BackorderRuleAdmin",
    "LocationAdmin",
    "MovementAdmin",
    "ReservationAdmin",
    "StockCountAdmin",
    "StockItemAdmin",
    "StockedProductAdmin",
    "TransferAdmin",
]
