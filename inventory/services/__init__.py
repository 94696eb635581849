from inventory.services.allocation import Demand, InsufficientStock, NotReserved
from inventory.services.backorders import FewerThanAwaited, allow_backorders
from inventory.services.counts import (
    CountFinished,
    confirm_count,
    discard_count,
    record_count,
    start_count,
)
from inventory.services.listings import refresh_listings
from inventory.services.locations import (
    LocationFields,
    LocationNotEmpty,
    create_location,
    default_location,
    delete_location,
    lock_location,
    update_location,
)
from inventory.services.low_stock import announce_low_stock
from inventory.services.reservations import (
    RESERVE_ERRORS,
    fulfil,
    re_reserve,
    release,
    reserve,
    sell,
    serve_backorders,
    withdraw,
)
from inventory.services.stock import (
    Adjustment,
    adjust,
    set_quantities,
    set_quantity,
    set_reorder_point,
)
from inventory.services.stock_items import lock_items, lock_stock
from inventory.services.transfers import (
    InvalidTransfer,
    NewTransfer,
    TransferFinished,
    cancel_transfer,
    receive_transfer,
    start_transfer,
)

__all__ = [
    "RESERVE_ERRORS",
    "Adjustment",
    "CountFinished",
    "Demand",
    "FewerThanAwaited",
    "InsufficientStock",
    "InvalidTransfer",
    "LocationFields",
    "LocationNotEmpty",
    "NewTransfer",
    "NotReserved",
    "TransferFinished",
    "adjust",
    "allow_backorders",
    "announce_low_stock",
    "cancel_transfer",
    "confirm_count",
    "create_location",
    "default_location",
    "delete_location",
    "discard_count",
    "fulfil",
    "lock_items",
    "lock_location",
    "lock_stock",
    "re_reserve",
    "receive_transfer",
    "record_count",
    "refresh_listings",
    "release",
    "reserve",
    "sell",
    "serve_backorders",
    "set_quantities",
    "set_quantity",
    "set_reorder_point",
    "start_count",
    "start_transfer",
    "update_location",
    "withdraw",
]
