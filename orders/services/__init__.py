"""What changes orders: one use case per function."""

from orders.services.addresses import UnknownAddress
from orders.services.calling_off import (
    CANCEL_REST_ERRORS,
    NothingLeft,
    call_off_refunded,
    cancel_rest,
    close_sent_order,
)
from orders.services.cancelling import CANCEL_ORDER_ERRORS, cancel_order, cancel_unpaid_order
from orders.services.delivery import ShippingNeeded
from orders.services.drafts import (
    HOLD_STOCK_ERRORS,
    SEND_PAYMENT_LINK_ERRORS,
    PaymentLink,
    hold_stock,
    payment_link,
    send_payment_link,
)
from orders.services.editing import (
    EDIT_ORDER_ERRORS,
    EditOrder,
    EmptyOrder,
    PaymentInProgress,
    UnknownOrderLine,
    edit_order,
)
from orders.services.guest_orders import claim_guest_orders
from orders.services.history import write_note
from orders.services.invoicing import ISSUE_INVOICE_ERRORS, InvoiceNotAvailable, issue_invoice
from orders.services.payment_status import (
    allow_payment_on_delivery,
    announce_transfer,
    mark_locked_paid,
    mark_paid,
    mark_refunded,
)
from orders.services.placing import (
    PLACE_ORDER_ERRORS,
    EmailNeeded,
    EmptyCart,
    PlaceOrder,
    TotalChanged,
    UnknownCustomer,
    owner_entered_for,
    place_order,
)
from orders.services.privacy import anonymise_closed_orders, anonymise_orders
from orders.services.returns import (
    DECIDE_RETURN_ERRORS,
    RECEIVE_RETURN_ERRORS,
    REQUEST_RETURN_ERRORS,
    MoreThanDelivered,
    RequestReturn,
    ReturnStep,
    approve_return,
    receive_return,
    reject_return,
    request_return,
)
from orders.services.shipping import (
    DELIVER_ORDER_ERRORS,
    SHIP_ORDER_ERRORS,
    MoreThanLeft,
    Parcel,
    UnknownLine,
    deliver_order,
    ship_order,
)
from orders.services.status import SET_STATUS_ERRORS, set_status
from orders.transitions import Actor, InvalidTransition

__all__ = [
    "CANCEL_ORDER_ERRORS",
    "CANCEL_REST_ERRORS",
    "DECIDE_RETURN_ERRORS",
    "DELIVER_ORDER_ERRORS",
    "EDIT_ORDER_ERRORS",
    "HOLD_STOCK_ERRORS",
    "ISSUE_INVOICE_ERRORS",
    "PLACE_ORDER_ERRORS",
    "RECEIVE_RETURN_ERRORS",
    "REQUEST_RETURN_ERRORS",
    "SEND_PAYMENT_LINK_ERRORS",
    "SET_STATUS_ERRORS",
    "SHIP_ORDER_ERRORS",
    "Actor",
    "EditOrder",
    "EmailNeeded",
    "EmptyCart",
    "EmptyOrder",
    "InvalidTransition",
    "InvoiceNotAvailable",
    "MoreThanDelivered",
    "MoreThanLeft",
    "NothingLeft",
    "Parcel",
    "PaymentInProgress",
    "PaymentLink",
    "PlaceOrder",
    "RequestReturn",
    "ReturnStep",
    "ShippingNeeded",
    "TotalChanged",
    "UnknownAddress",
    "UnknownCustomer",
    "UnknownLine",
    "UnknownOrderLine",
    "allow_payment_on_delivery",
    "announce_transfer",
    "anonymise_closed_orders",
    "anonymise_orders",
    "approve_return",
    "call_off_refunded",
    "cancel_order",
    "cancel_rest",
    "cancel_unpaid_order",
    "claim_guest_orders",
    "close_sent_order",
    "deliver_order",
    "edit_order",
    "hold_stock",
    "issue_invoice",
    "mark_locked_paid",
    "mark_paid",
    "mark_refunded",
    "owner_entered_for",
    "payment_link",
    "place_order",
    "receive_return",
    "reject_return",
    "request_return",
    "send_payment_link",
    "set_status",
    "ship_order",
    "write_note",
]
