"""Paying an order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction as database

from core import jobs, rows
from core.compiled import CompiledQuery
from core.errors import DomainError, InvalidInput
from orders import selectors as order_selectors
from orders import services as order_services
from orders.models import Order, OrderStatus
from payments.gateways import UnknownProvider, gateway_of, is_offered
from payments.gateways.base import (
    Capability,
    Charge,
    Failed,
    Gateway,
    GatewayResult,
    GatewayTimeout,
    GatewayUnavailable,
    InvalidPaymentMethod,
)
from payments.models import (
    Payment,
    PaymentStatus,
    PaymentTransaction,
    TransactionKind,
    TransactionStatus,
)
from payments.selectors import transactions_of
from payments.services.locking import HeldPayment
from payments.services.payment_requests import PaymentRequest, write_request
from payments.services.provider_calls import execute
from payments.services.results import apply_result
from payments.sums import is_being_voided, open_charge

# How soon after a lost answer the provider is asked what happened.
ASK_AGAIN_SECONDS = 3


class AlreadyPaid(DomainError):
    """The order is paid, or its amount is authorized."""

    code = "already_paid"
    title = "This order has been paid."


class OrderNotPayable(DomainError):
    """The order is cancelled or refunded, or costs nothing."""

    code = "order_not_payable"
    title = "This order cannot be paid."


class ProviderNotOffered(InvalidInput):
    """The shop accepts this provider, but not for the order's country or currency."""

    code = "provider_not_offered"
    title = "This payment provider is not offered for the order's country and currency."
    at = "#/provider"


class PaymentInProgress(DomainError):
    """Another attempt to pay this order has not been answered yet."""

    code = "payment_in_progress"
    title = "Another payment of this order is under way."


class CardDeclined(DomainError):
    """The customer's bank refused; another payment method may do."""

    code = "card_declined"
    status = 402
    title = "The card was declined."
    example: ClassVar = {
        "payment": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a61",
        "reason": "card_declined",
    }


class InsufficientFunds(DomainError):
    """The card does not cover the amount."""

    code = "insufficient_funds"
    status = 402
    title = "The card has insufficient funds."
    example: ClassVar = {
        "payment": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a61",
        "reason": "insufficient_funds",
    }


class PaymentRefused(DomainError):
    """The provider refused for another reason, which ``reason`` names."""

    code = "payment_refused"
    status = 402
    title = "The payment was refused."
    example: ClassVar = {
        "payment": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a61",
        "reason": "expired_card",
    }


class ProviderUnavailable(DomainError):
    """The provider was not reached; nothing was charged."""

    code = "provider_unavailable"
    status = 503
    title = "The payment provider cannot be reached. Nothing was charged; try again."
    example: ClassVar = {"payment": "0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a61", "reason": "timeout"}


REFUSALS: dict[str, type[DomainError]] = {
    error.code: error for error in (CardDeclined, InsufficientFunds, ProviderUnavailable)
}

PAY_ERRORS: Final = (
    AlreadyPaid,
    OrderNotPayable,
    PaymentInProgress,
    UnknownProvider,
    ProviderNotOffered,
    InvalidPaymentMethod,
    CardDeclined,
    InsufficientFunds,
    PaymentRefused,
    ProviderUnavailable,
    *order_services.HOLD_STOCK_ERRORS,
)


@dataclass(frozen=True)
class PayOrder:
    """Pay ``order_id`` at ``provider`` with what the token ``payment_method`` stands for."""

    order_id: UUID
    provider: str
    payment_method: str


def pay(*, command: PayOrder) -> Payment:
    """Charge the total of an order and return its payment.

    The attempt is written first, in one transaction that locks the order and the payment;
    then the provider is asked, with nothing locked; then the answer is applied. The payment
    comes back ``succeeded``, ``authorized``, ``requires_action`` or, when no answer came,
    ``pending``, which reconciliation resolves. An attempt that still awaits the customer is
    ended first. A draft that holds no stock gets it now, or is refused.
    The payment's ``loaded_transactions`` are there. A refusal of the provider is raised once the
    refused attempt is recorded. Must not be called inside a transaction.
    """
    gateway = gateway_of(command.provider)
    gateway.check_payment_method(command.payment_method)
    while (attempt := _request(command)).kind == TransactionKind.VOID:
        execute(transaction_id=attempt.pk)
    result = _answer(gateway, attempt, command.payment_method)
    if result is None:
        return attempt.payment
    payment = apply_result(
        transaction_id=attempt.pk, result=result, order_id=attempt.payment.order_id
    )
    if isinstance(result, Failed):
        raise _refusal(result)(payment=str(payment.pk), reason=result.code)
    return payment


@database.atomic(durable=True)
def _request(command: PayOrder) -> PaymentTransaction:
    """Write the attempt; or, while an earlier one awaits the customer, what ends that."""
    held = _hold_payable(command)
    _refuse_unless_offered(held.order, command.provider)
    if earlier := open_charge(held.transactions):
        return _request_end_of(earlier, held)
    kind = _kind_of_charge(command.provider)
    order_services.hold_stock(order=held.order)
    return write_request(held, PaymentRequest(kind, held.payment.amount))


def _kind_of_charge(provider: str) -> TransactionKind:
    is_able = Capability.AUTOMATIC_CAPTURE in gateway_of(provider).capabilities
    is_automatic = settings.PAYMENT_CAPTURE != "manual" and is_able
    return TransactionKind.CAPTURE if is_automatic else TransactionKind.AUTHORIZE


def _refuse_unless_offered(order: Order, provider: str) -> None:
    address = order.shipping_address or order.billing_address or {}
    if not is_offered(provider, country=address.get("country", ""), currency=order.currency):
        raise ProviderNotOffered(pointer="#/provider")


_LOCKED_PAYMENT = CompiledQuery(
    lambda order_id: Payment.objects.select_for_update(no_key=True).filter(order=order_id), UUID
)


def _hold_payable(command: PayOrder) -> HeldPayment:
    """Lock order and payment, the latter made if there is none, ready for another attempt."""
    order = order_selectors.lock_order(command.order_id)
    _refuse_unless_payable(order)
    payment = _LOCKED_PAYMENT.first(order.pk)
    if payment is None:
        payment = Payment(
            order=order, provider=command.provider, amount=order.total, currency=order.currency
        )
        rows.insert(payment)
        return HeldPayment(order, payment, [])
    held = HeldPayment(order, payment, transactions_of(payment))
    if payment.authorized or payment.captured:
        raise AlreadyPaid
    if open_charge(held.transactions) is None:
        _prepare_next_attempt(held, command.provider)
    return held


def _refuse_unless_payable(order: Order) -> None:
    if order.status in {OrderStatus.CANCELLED, OrderStatus.REFUNDED}:
        raise OrderNotPayable
    if order.paid_at:
        raise AlreadyPaid
    if not order.total:
        raise OrderNotPayable


def _prepare_next_attempt(held: HeldPayment, provider: str) -> None:
    payment, order = held.payment, held.order
    payment.provider, payment.status = provider, PaymentStatus.PENDING
    payment.amount, payment.currency = order.total, order.currency
    payment.save(update_fields=["provider", "status", "amount", "currency", "updated_at"])


def _request_end_of(attempt: PaymentTransaction, held: HeldPayment) -> PaymentTransaction:
    is_ending = is_being_voided(attempt, held.transactions)
    if attempt.status == TransactionStatus.REQUESTED or is_ending:
        raise PaymentInProgress
    reason = "The customer chose to pay in another way."
    return write_request(
        held, PaymentRequest(TransactionKind.VOID, attempt.amount, attempt.reference, reason)
    )


def _answer(
    gateway: Gateway, attempt: PaymentTransaction, payment_method: str
) -> GatewayResult | None:
    """Ask the provider to charge; None when no answer came, which a job will ask about."""
    payment = attempt.payment
    charge = Charge(
        key=attempt.pk,
        amount=attempt.amount,
        currency=payment.currency,
        payment_method=payment_method,
        description=payment.order.number,
    )
    is_sale = attempt.kind == TransactionKind.CAPTURE
    try:
        return gateway.sale(charge) if is_sale else gateway.authorize(charge)
    except GatewayUnavailable:
        return Failed(ProviderUnavailable.code, ProviderUnavailable.title)
    except GatewayTimeout:
        jobs.configure_task(
            "payments.tasks.resolve", queue="payments", schedule_in={"seconds": ASK_AGAIN_SECONDS}
        ).defer(transaction_id=str(attempt.pk))
        return None


def _refusal(result: Failed) -> type[DomainError]:
    return REFUSALS.get(result.code, PaymentRefused)
