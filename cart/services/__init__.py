"""What changes carts: one use case per function."""

from cart.basket import CurrencyMismatch
from cart.services.abandoned_carts import announce_abandoned_carts
from cart.services.carts import (
    clear_cart,
    close_cart,
    lock_cart,
    lock_open_cart,
    open_cart,
    remove_idle_carts,
)
from cart.services.choosing import (
    CHOOSE_VARIANTS_ERRORS,
    NotForSale,
    RequestedItem,
    UnknownItem,
    choose_variants,
)
from cart.services.coupons import (
    APPLY_COUPON_ERRORS,
    REMOVE_COUPON_ERRORS,
    TooManyCoupons,
    apply_coupon,
    remove_coupon,
)
from cart.services.items import (
    ADD_ITEMS_ERRORS,
    CHANGE_QUANTITY_ERRORS,
    REMOVE_ITEM_ERRORS,
    CartFull,
    QuantityTooLarge,
    add_items,
    change_quantity,
    remove_item,
)
from cart.services.merging import MERGE_ERRORS, MergedCart, Shortfall, merge, merge_guest_cart
from cart.services.privacy import anonymise_carts
from cart.services.quoting import (
    DELIVERY_OPTIONS_ERRORS,
    QUOTE_ERRORS,
    QuoteRequest,
    delivery_options,
    quote,
    refuse_problems,
)
from cart.services.saved_items import (
    MOVE_TO_CART_ERRORS,
    REMOVE_SAVED_ERRORS,
    SAVE_FOR_LATER_ERRORS,
    SavedListFull,
    move_to_cart,
    remove_saved,
    save_for_later,
)

__all__ = [
    "ADD_ITEMS_ERRORS",
    "APPLY_COUPON_ERRORS",
    "CHANGE_QUANTITY_ERRORS",
    "CHOOSE_VARIANTS_ERRORS",
    "DELIVERY_OPTIONS_ERRORS",
    "MERGE_ERRORS",
    "MOVE_TO_CART_ERRORS",
    "QUOTE_ERRORS",
    "REMOVE_COUPON_ERRORS",
    "REMOVE_ITEM_ERRORS",
    "REMOVE_SAVED_ERRORS",
    "SAVE_FOR_LATER_ERRORS",
    "CartFull",
    "CurrencyMismatch",
    "MergedCart",
    "NotForSale",
    "QuantityTooLarge",
    "QuoteRequest",
    "RequestedItem",
    "SavedListFull",
    "Shortfall",
    "TooManyCoupons",
    "UnknownItem",
    "add_items",
    "announce_abandoned_carts",
    "anonymise_carts",
    "apply_coupon",
    "change_quantity",
    "choose_variants",
    "clear_cart",
    "close_cart",
    "delivery_options",
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
]
