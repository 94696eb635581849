"""Writing what the provider is going to be asked, before it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from core import rows
from payments.models import PaymentTransaction, TransactionKind
from payments.services.locking import HeldPayment


@dataclass(frozen=True)
class PaymentRequest:
    """What the provider is going to be asked, about which charge, why, and who wants it."""

    kind: TransactionKind
    amount: Decimal
    charge_reference: str = ""
    reason: str = ""
    by: User | None = None


def write_request(held: HeldPayment, request: PaymentRequest) -> PaymentTransaction:
    """Write a transaction of which the answer is not known yet, and add it to ``held``."""
    transaction = PaymentTransaction(
        payment=held.payment,
        provider=held.payment.provider,
        kind=request.kind,
        amount=request.amount,
        charge_reference=request.charge_reference,
        reason=request.reason,
        by=request.by,
        at=timezone.now(),
    )
    rows.insert(transaction)
    held.transactions.append(transaction)
    return transaction
