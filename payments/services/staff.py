"""What order staff do with a payment: capture, void, refund."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final
from uuid import UUID

from django.db import transaction as database

from accounts.models import User
from core.errors import DomainError, InvalidInput
from core.money import quantize
from orders.services import UnknownOrderLine
from payments.gateways import gateway_of
from payments.gateways.base import Capability
from payments.models import Payment, PaymentTransaction, TransactionKind, TransactionStatus
from payments.services.locking import HeldPayment, hold_payment
from payments.services.payment_requests import PaymentRequest, write_request
from payments.services.provider_calls import execute
from payments.services.refund_lines import (
    AlreadyRefunded,
    RefundedLines,
    price_refund,
    write_refund_lines,
)
from payments.sums import capturable, is_voidable, refund_awaiting_staff, refundable


class InvalidAmount(InvalidInput):
    """Not positive, or finer than the currency's smallest unit."""

    code = "invalid_amount"
    title = "The amount must be positive and have the minor digits of the currency."
    at = "#/amount"


class NothingSelected(InvalidInput):
    """A refund does not say of what; that is not taken for all."""

    code = "nothing_selected"
    title = (
        'Say what to refund: an "amount", "items" with their quantities, "shipping": true, '
        'or "all": true for everything that is left.'
    )


class RefundExceedsCaptured(DomainError):
    """More than what was captured and not yet refunded; ``refundable`` says how much that is."""

    code = "refund_exceeds_captured"
    title = "More than what can still be refunded."
    example: ClassVar = {"refundable": "10.00"}
    remedy = "Refund at most what `refundable` names."


class CaptureExceedsAuthorized(DomainError):
    """More than what is authorized and not yet captured; ``capturable`` says how much that is."""

    code = "capture_exceeds_authorized"
    title = "More than what can still be captured."
    example: ClassVar = {"capturable": "10.00"}
    remedy = "Capture at most what `capturable` names."


class WholeAmountOnly(DomainError):
    """The provider releases what is not captured, so that a part cannot be followed by another."""

    code = "whole_amount_only"
    title = "This payment provider captures or refunds the whole amount only."


class NotVoidable(DomainError):
    """Nothing is authorized that was not captured, or a capture of it is under way."""

    code = "not_voidable"
    title = "There is no authorization that could be released."


class RefusedByProvider(DomainError):
    """The provider refused; ``reason`` is its code."""

    code = "refused_by_provider"
    title = "The payment provider refused this."
    example: ClassVar = {"reason": "charge_disputed"}


CAPTURE_PAYMENT_ERRORS: Final = (
    CaptureExceedsAuthorized,
    InvalidAmount,
    WholeAmountOnly,
    RefusedByProvider,
)
VOID_PAYMENT_ERRORS: Final = (NotVoidable, RefusedByProvider)
REFUND_PAYMENT_ERRORS: Final = (
    RefundExceedsCaptured,
    AlreadyRefunded,
    UnknownOrderLine,
    NothingSelected,
    InvalidAmount,
    WholeAmountOnly,
    RefusedByProvider,
)


@dataclass(frozen=True)
class StaffRequest:
    """What a member of staff, or a machine without a name (``by`` is None), asks for on a payment.

    A capture without an amount takes all that is left. A refund says what of: an amount, units by
    line and the shipping, or everything that is left. Of named units those that have not left are
    free again, or written off without ``restock``.
    """

    payment_id: UUID
    by: User | None
    amount: Decimal | None = None
    reason: str = ""
    items: Mapping[UUID, int] | None = None
    shipping: bool | None = None
    restock: bool = True
    everything: bool = False

    @property
    def names_lines(self) -> bool:
        """Whether units of lines, or the shipping, are named."""
        return bool(self.items or self.shipping)

    @property
    def names_part(self) -> bool:
        return self.names_lines or self.amount is not None


def refund_payment(*, request: StaffRequest) -> Payment:
    """Refund ``amount`` (in the payment's currency), what lines cost, or all that was captured.

    Written under the locks of order and payment, so that parallel refunds never exceed what
    was captured; then asked of the provider. A refund that waits for staff, because no network
    moves the money, is confirmed by this. When it does not answer, the transaction stays
    ``requested`` and is done by reconciliation. Must not be called inside a transaction.
    """
    return _carry_out(request, _request_refund)


def capture_payment(*, request: StaffRequest) -> Payment:
    """Capture ``amount`` (in the payment's currency) of what is authorized; works as refunds do.

    The order becomes paid when its whole total is captured.
    """
    return _carry_out(request, _request_capture)


def void_payment(*, request: StaffRequest) -> Payment:
    """Release what is authorized and not captured; works as refunds do.

    When all that was captured before is refunded as well, a pending order is cancelled.
    """
    return _carry_out(request, _request_void)


def _carry_out(
    request: StaffRequest, write: Callable[[HeldPayment, StaffRequest], PaymentTransaction]
) -> Payment:
    order_id = Payment.objects.values_list("order_id", flat=True).get(pk=request.payment_id)
    with database.atomic(durable=True):
        requested = write(hold_payment(order_id=order_id), request)
    payment = execute(transaction_id=requested.pk)
    outcome = PaymentTransaction.objects.get(pk=requested.pk)
    if outcome.status == TransactionStatus.FAILED:
        raise RefusedByProvider(reason=outcome.error_code)
    return payment


def _request_refund(held: HeldPayment, request: StaffRequest) -> PaymentTransaction:
    if request.names_part == request.everything:
        if request.everything:
            raise InvalidAmount("Ask for all or for a part, not for both.", pointer="#/all")
        raise NothingSelected
    if not request.restock and not request.items:
        raise InvalidAmount("Only units of items can be written off.", pointer="#/restock")
    if waiting := refund_awaiting_staff(held.transactions):
        if request.names_lines or request.amount not in {None, waiting.amount}:
            raise InvalidAmount(
                "A refund of another amount awaits confirmation.", pointer="#/amount"
            )
        waiting.status, waiting.by = TransactionStatus.REQUESTED, request.by
        waiting.save(update_fields=["status", "by"])
        return waiting
    left = refundable(held.transactions)
    lines = _price_lines(held, request) if request.names_lines else None
    amount = lines.amount if lines else _amount(held, request, left)
    if not 0 < amount <= left:
        raise RefundExceedsCaptured(refundable=_text(left, held))
    if amount < left:
        _require(held, Capability.PARTIAL_REFUND)
    transaction = _write(held, request, TransactionKind.REFUND, amount)
    if lines:
        write_refund_lines(transaction, lines, restock=request.restock)
    return transaction


def _price_lines(held: HeldPayment, request: StaffRequest) -> RefundedLines:
    if request.amount is not None:
        raise InvalidAmount("Name items or an amount, not both.", pointer="#/amount")
    lines = price_refund(held.order, request.items or {}, shipping=bool(request.shipping))
    if not lines.amount:
        raise InvalidAmount("These items cost nothing.", pointer="#/items")
    return lines


def _request_capture(held: HeldPayment, request: StaffRequest) -> PaymentTransaction:
    left = capturable(held.transactions)
    amount = _amount(held, request, left)
    if not 0 < amount <= left:
        raise CaptureExceedsAuthorized(capturable=_text(left, held))
    if amount < left:
        _require(held, Capability.PARTIAL_CAPTURE)
    return _write(held, request, TransactionKind.CAPTURE, amount)


def _request_void(held: HeldPayment, request: StaffRequest) -> PaymentTransaction:
    if not is_voidable(held.transactions):
        raise NotVoidable
    return _write(held, request, TransactionKind.VOID, capturable(held.transactions))


def _require(held: HeldPayment, capability: Capability) -> None:
    if capability not in gateway_of(held.payment.provider).capabilities:
        raise WholeAmountOnly


def _amount(held: HeldPayment, request: StaffRequest, left: Decimal) -> Decimal:
    if request.amount is None:
        return left
    if request.amount <= 0 or quantize(request.amount, held.payment.currency) != request.amount:
        raise InvalidAmount(pointer="#/amount")
    return request.amount


def _write(
    held: HeldPayment, request: StaffRequest, kind: TransactionKind, amount: Decimal
) -> PaymentTransaction:
    return write_request(
        held,
        PaymentRequest(kind, amount, held.payment.reference, request.reason, request.by),
    )


def _text(amount: Decimal, held: HeldPayment) -> str:
    return f"{quantize(amount, held.payment.currency):f}"
