"""What changes carts: one use case per function."""

from cart.services.abandoned_carts import announce_abandoned_carts, forget_person
from cart.services.carts import (
    clear_cart,
    close_cart,
    lock_cart,
    lock_open_cart,
    open_cart,
    remove_idle_carts,
)
from cart.services.choosing import (
    Choice,
    NotForSale,
    RequestedItem,
    UnknownItem,
    choose_variants,
    with_breaks,
)
from cart.services.coupons import TooManyCoupons, apply_coupon, remove_coupon
from cart.services.items import (
    CartFull,
    CurrencyMismatch,
    QuantityTooLarge,
    add_items,
    change_quantity,
    remove_item,
)
from cart.services.merging import MergedCart, Shortfall, merge, merge_guest_cart
from cart.services.quoting import Quote, QuoteRequest, delivery_options, quote, refuse_problems
from cart.services.saved_items import SavedListFull, move_to_cart, remove_saved, save_for_later

__all__ = [
    "CartFull",
    "Choice",
    "CurrencyMismatch",
    "MergedCart",
    "NotForSale",
    "QuantityTooLarge",
    "Quote",
    "QuoteRequest",
    "RequestedItem",
    "SavedListFull",
    "Shortfall",
    "TooManyCoupons",
    "UnknownItem",
    "add_items",
    "announce_abandoned_carts",
    "apply_coupon",
    "change_quantity",
    "choose_variants",
    "clear_cart",
    "close_cart",
    "delivery_options",
    "forget_person",
    "lock_cart",
    "lock_open_cart",
    "merge",
    "merge_guest_cart",
    "move_to_cart",
    "open_cart",
    "quote",
    "refuse_problems",
    "remove_coupon",
    "remove_idle_carts",
    "remove_item",
    "remove_saved",
    "save_for_later",
    "with_breaks",
]
