"""Holding a payment: the order first, then the payment with its transactions."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from core.compiled import CompiledQuery
from orders import selectors as order_selectors
from orders.models import Order
from payments.models import Payment, PaymentTransaction


@dataclass
class HeldPayment:
    """A payment whose order and own row are locked; ``transactions`` are in order of time."""

    order: Order
    payment: Payment
    transactions: list[PaymentTransaction]

    def __post_init__(self) -> None:
        """Let the payment be shown as it is at the end."""
        self.payment.loaded_transactions = self.transactions


_LOCKED = CompiledQuery(
    lambda order_id: (
        PaymentTransaction.objects.filter(payment__order=order_id)
        .order_by("at", "id")
        .select_related("payment")
        .select_for_update(of=("self", "payment"), no_key=True)
    ),
    UUID,
)


def hold_payment(*, order_id: UUID) -> HeldPayment:
    """Lock an order and its payment and return them as they are now.

    Call it inside a transaction. Whatever changes a payment holds its order, so that two of
    them wait for each other.
    """
    order = order_selectors.lock_order(order_id)
    transactions = _LOCKED.all(order_id)
    if not transactions:
        raise Payment.DoesNotExist
    payment = transactions[0].payment
    for transaction in transactions:
        transaction.payment = payment
    return HeldPayment(order, payment, transactions)
