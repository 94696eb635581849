"""What this app announces."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from core.events import Event


@dataclass(frozen=True)
class PaymentSucceeded(Event):
    """The whole amount of an order was captured."""

    name = "payment.succeeded"
    payment_id: UUID
    order_id: UUID


@dataclass(frozen=True)
class PaymentFailed(Event):
    """An attempt to charge was refused, or never reached the provider."""

    name = "payment.failed"
    payment_id: UUID
    order_id: UUID
    error_code: str


@dataclass(frozen=True)
class PaymentRefunded(Event):
    """``amount`` of what was captured went back, in the payment's currency."""

    name = "payment.refunded"
    payment_id: UUID
    order_id: UUID
    amount: Decimal
