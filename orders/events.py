"""What this app announces."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from core.events import Event


@dataclass(frozen=True)
class OrderPlaced(Event):
    """An order was written and its stock reserved; it waits for payment."""

    name = "order.placed"
    order_id: UUID


@dataclass(frozen=True)
class OrderChanged(Event):
    """The customer changed an order that waits for payment; its total may be another one."""

    name = "order.changed"
    order_id: UUID


@dataclass(frozen=True)
class PaymentLinkSent(Event):
    """Staff sent a draft to its customer, who pays by the link."""

    name = "order.payment_link_sent"
    order_id: UUID


@dataclass(frozen=True)
class TransferAwaited(Event):
    """The customer chose to transfer ``amount``, in the order's currency, to the shop's account."""

    name = "order.transfer_awaited"
    order_id: UUID
    amount: Decimal


@dataclass(frozen=True)
class OrderPaid(Event):
    """The whole amount of an order was captured."""

    name = "order.paid"
    order_id: UUID


@dataclass(frozen=True)
class OrderShipped(Event):
    """A shipment of an order, which may be one of several, is on its way."""

    name = "order.shipped"
    order_id: UUID
    shipment_id: UUID


@dataclass(frozen=True)
class OrderDelivered(Event):
    """Everything of an order has arrived."""

    name = "order.delivered"
    order_id: UUID


@dataclass(frozen=True)
class OrderCancelled(Event):
    """An order will not be carried out; its stock is free again, its money is to go back."""

    name = "order.cancelled"
    order_id: UUID


@dataclass(frozen=True)
class OrderRestCancelled(Event):
    """What had not left of a partly shipped order was called off: what it costs is to go back.

    ``units`` says how many of each of the lines.
    """

    name = "order.rest_cancelled"
    order_id: UUID
    line_ids: tuple[UUID, ...]
    units: tuple[int, ...]


@dataclass(frozen=True)
class ReturnApproved(Event):
    """The customer may send goods back."""

    name = "order.return_approved"
    order_id: UUID
    return_id: UUID


@dataclass(frozen=True)
class ReturnRejected(Event):
    """The customer may not send goods back, or what was sent is not accepted."""

    name = "order.return_rejected"
    order_id: UUID
    return_id: UUID


@dataclass(frozen=True)
class ReturnReceived(Event):
    """Returned goods have arrived; ``amount``, in the order's currency, is to go back."""

    name = "order.return_received"
    order_id: UUID
    return_id: UUID
    amount: Decimal


@dataclass(frozen=True)
class OrderRefunded(Event):
    """The whole amount of an order went back to the customer."""

    name = "order.refunded"
    order_id: UUID
