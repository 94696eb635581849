"""What order staff do with a payment: capture, void, refund."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.db import transaction as database

from accounts.models import User
from core.errors import DomainError, InvalidInput
from core.money import quantize
from payments.gateways import gateway_of
from payments.gateways.base import Capability
from payments.models import Payment, PaymentTransaction, TransactionKind, TransactionStatus
from payments.services.asking import execute
from payments.services.locking import HeldPayment, hold_payment
from payments.services.parts import parts_of, write_parts
from payments.services.requesting import Wish, write_request
from payments.sums import capturable, is_voidable, refund_awaiting_staff, refundable, sums_of


class InvalidAmount(InvalidInput):
    """Not positive, or finer than the currency's smallest unit."""

    code = "invalid_amount"
    title = "The amount must be positive and have the minor digits of the currency."


class RefundExceedsCaptured(DomainError):
    """More than what was captured and not yet refunded; ``refundable`` says how much that is."""

    code = "refund_exceeds_captured"
    title = "More than what can still be refunded."


class CaptureExceedsAuthorized(DomainError):
    """More than what is authorized and not yet captured; ``capturable`` says how much that is."""

    code = "capture_exceeds_authorized"
    title = "More than what can still be captured."


class WholeAmountOnly(DomainError):
    """The provider releases what is not captured, so that a part cannot be followed by another."""

    code = "whole_amount_only"
    title = "This payment provider captures or refunds the whole amount only."


class NotVoidable(DomainError):
    """Nothing is authorized, or something of it is captured: that is refunded instead."""

    code = "not_voidable"
    title = "There is no authorization that could be released."


class RefusedByProvider(DomainError):
    """The provider refused; ``reason`` is its code."""

    code = "refused_by_provider"
    title = "The payment provider refused this."


@dataclass(frozen=True)
class StaffWish:
    """What a member of staff wants done with a payment; without an amount, all that is left.

    A refund may instead name units by line, and the shipping.
    """

    payment_id: UUID
    by: User
    amount: Decimal | None = None
    reason: str = ""
    items: Mapping[UUID, int] = field(default_factory=dict)
    shipping: bool = False

    @property
    def is_by_parts(self) -> bool:
        """Whether units or the shipping are named."""
        return bool(self.items) or self.shipping


def refund_payment(*, wish: StaffWish) -> Payment:
    """Give back ``amount`` (in the payment's currency) of what was captured, or what parts cost.

    Written under the locks of order and payment, so that parallel refunds never exceed what
    was captured; then asked of the provider. A refund that waits for staff, because no network
    moves the money, is confirmed by this. When it does not answer, the transaction stays
    ``requested`` and is done by reconciliation. Must not be called inside a transaction.
    Raises RefundExceedsCaptured, InvalidAmount, WholeAmountOnly, RefusedByProvider, and for
    parts UnknownOrderLine, AlreadyRefunded.
    """
    return _carry_out(wish, _request_refund)


def capture_payment(*, wish: StaffWish) -> Payment:
    """Take ``amount`` (in the payment's currency) of what is authorized; works as refunds do.

    The order becomes paid when its whole total is captured.
    Raises CaptureExceedsAuthorized, InvalidAmount, WholeAmountOnly, RefusedByProvider.
    """
    return _carry_out(wish, _request_capture)


def void_payment(*, wish: StaffWish) -> Payment:
    """Release the whole authorization, of which nothing is captured; works as refunds do.

    Raises NotVoidable, RefusedByProvider.
    """
    return _carry_out(wish, _request_void)


def _carry_out(
    wish: StaffWish, request: Callable[[HeldPayment, StaffWish], PaymentTransaction]
) -> Payment:
    order_id = Payment.objects.values_list("order_id", flat=True).get(pk=wish.payment_id)
    with database.atomic(durable=True):
        requested = request(hold_payment(order_id=order_id), wish)
    payment = execute(transaction_id=requested.pk)
    outcome = PaymentTransaction.objects.get(pk=requested.pk)
    if outcome.status == TransactionStatus.FAILED:
        raise RefusedByProvider(reason=outcome.error_code)
    return payment


def _request_refund(held: HeldPayment, wish: StaffWish) -> PaymentTransaction:
    if waiting := refund_awaiting_staff(held.transactions):
        return _confirm_refund(waiting, wish)
    if wish.is_by_parts:
        return _request_refund_of_parts(held, wish)
    return _request_refund_of_amount(held, wish, _amount(held, wish, refundable(held.transactions)))


def _request_refund_of_parts(held: HeldPayment, wish: StaffWish) -> PaymentTransaction:
    if wish.amount is not None:
        raise InvalidAmount("Name parts or an amount, not both.", pointer="#/amount")
    parts = parts_of(held.order, wish.items, shipping=wish.shipping)
    if not parts.amount:
        raise InvalidAmount("These parts cost nothing.", pointer="#/items")
    transaction = _request_refund_of_amount(held, wish, parts.amount)
    write_parts(transaction, parts)
    return transaction


def _request_refund_of_amount(
    held: HeldPayment, wish: StaffWish, amount: Decimal
) -> PaymentTransaction:
    left = refundable(held.transactions)
    if not 0 < amount <= left:
        raise RefundExceedsCaptured(refundable=_text(left, held))
    if amount < left:
        _require(held, Capability.PARTIAL_REFUND)
    return _write(held, wish, TransactionKind.REFUND, amount)


def _confirm_refund(waiting: PaymentTransaction, wish: StaffWish) -> PaymentTransaction:
    """Ask again for a refund that waits for staff to say that the money has left."""
    if wish.is_by_parts or wish.amount not in {None, waiting.amount}:
        raise InvalidAmount("A refund of another amount awaits confirmation.", pointer="#/amount")
    waiting.status, waiting.by = TransactionStatus.REQUESTED, wish.by
    waiting.save(update_fields=["status", "by"])
    return waiting


def _request_capture(held: HeldPayment, wish: StaffWish) -> PaymentTransaction:
    left = capturable(held.transactions)
    amount = _amount(held, wish, left)
    if not 0 < amount <= left:
        raise CaptureExceedsAuthorized(capturable=_text(left, held))
    if amount < left:
        _require(held, Capability.PARTIAL_CAPTURE)
    return _write(held, wish, TransactionKind.CAPTURE, amount)


def _request_void(held: HeldPayment, wish: StaffWish) -> PaymentTransaction:
    if not is_voidable(held.transactions):
        raise NotVoidable
    return _write(held, wish, TransactionKind.VOID, sums_of(held.transactions).authorized)


def _require(held: HeldPayment, capability: Capability) -> None:
    if capability not in gateway_of(held.payment.provider).capabilities:
        raise WholeAmountOnly


def _amount(held: HeldPayment, wish: StaffWish, left: Decimal) -> Decimal:
    if wish.amount is None:
        return left
    if wish.amount <= 0 or quantize(wish.amount, held.payment.currency) != wish.amount:
        raise InvalidAmount(pointer="#/amount")
    return wish.amount


def _write(
    held: HeldPayment, wish: StaffWish, kind: TransactionKind, amount: Decimal
) -> PaymentTransaction:
    return write_request(held, Wish(kind, amount, held.payment.reference, wish.reason, wish.by))


def _text(amount: Decimal, held: HeldPayment) -> str:
    return f"{quantize(amount, held.payment.currency):f}"
