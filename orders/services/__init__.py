"""What changes orders: one use case per function."""

from orders.services.addresses import UnknownAddress
from orders.services.cancelling import cancel_order, cancel_unpaid_order
from orders.services.delivery import ShippingNeeded
from orders.services.editing import (
    EDIT_ORDER_ERRORS,
    EditOrder,
    PaymentInProgress,
    UnknownOrderLine,
    edit_order,
)
from orders.services.history import write_note
from orders.services.invoicing import InvoiceNotAvailable, issue_invoice
from orders.services.payment_status import mark_locked_paid, mark_paid, mark_refunded
from orders.services.people import (
    claim_guest_orders,
    forget_person,
    forget_those_who_left,
)
from orders.services.placing import (
    PLACE_ORDER_ERRORS,
    EmailNeeded,
    EmptyCart,
    PlaceOrder,
    TotalChanged,
    place_order,
)
from orders.services.returns import (
    MoreThanDelivered,
    RequestReturn,
    ReturnStep,
    approve_return,
    receive_return,
    reject_return,
    request_return,
)
from orders.services.shipping import (
    MoreThanLeft,
    Parcel,
    UnknownLine,
    deliver_order,
    ship_order,
)
from orders.services.status import set_status
from orders.transitions import Actor, InvalidTransition

__all__ = [
    "EDIT_ORDER_ERRORS",
    "PLACE_ORDER_ERRORS",
    "Actor",
    "EditOrder",
    "EmailNeeded",
    "EmptyCart",
    "InvalidTransition",
    "InvoiceNotAvailable",
    "MoreThanDelivered",
    "MoreThanLeft",
    "Parcel",
    "PaymentInProgress",
    "PlaceOrder",
    "RequestReturn",
    "ReturnStep",
    "ShippingNeeded",
    "TotalChanged",
    "UnknownAddress",
    "UnknownLine",
    "UnknownOrderLine",
    "approve_return",
    "cancel_order",
    "cancel_unpaid_order",
    "claim_guest_orders",
    "deliver_order",
    "edit_order",
    "forget_person",
    "forget_those_who_left",
    "issue_invoice",
    "mark_locked_paid",
    "mark_paid",
    "mark_refunded",
    "place_order",
    "receive_return",
    "reject_return",
    "request_return",
    "set_status",
    "ship_order",
    "write_note",
]
