"""The test gateway: a pretended provider that needs no account, for demos and development.

=========================  ============================================================
Token                      Outcome
=========================  ============================================================
``tok_success``            succeeds at once
``tok_declined``           is refused with ``card_declined``
``tok_insufficient_funds`` is refused with ``insufficient_funds``
``tok_requires_action``    waits for the customer; ``finish_action`` plays their part
``tok_timeout``            succeeds at the provider, but the answer never comes
=========================  ============================================================

It keeps 2.9 % of what it takes and 30 of the currency's smallest unit. Like a real provider
it remembers every call by its idempotency key, commits on its own and refuses to give back
more than it took. Its memory is the table of SimulatedOperation.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core.money import minor_unit, quantize
from payments.gateways.base import (
    Capability,
    Charge,
    Enquiry,
    Envelope,
    Failed,
    Fee,
    FollowUp,
    Gateway,
    GatewayResult,
    GatewayTimeout,
    InvalidPaymentMethod,
    InvalidWebhook,
    Movement,
    Notice,
    RequiresAction,
    Succeeded,
)
from payments.gateways.signatures import sign, verify
from payments.models import SimulatedOperation, TransactionKind, TransactionStatus

_SUCCEEDS: Final = (TransactionStatus.SUCCEEDED, "")
OUTCOMES: Final[dict[str, tuple[TransactionStatus, str]]] = {
    "tok_success": _SUCCEEDS,
    "tok_declined": (TransactionStatus.FAILED, "card_declined"),
    "tok_insufficient_funds": (TransactionStatus.FAILED, "insufficient_funds"),
    "tok_requires_action": (TransactionStatus.REQUIRES_ACTION, ""),
    "tok_timeout": _SUCCEEDS,
}
_LOSES_ITS_ANSWER: Final = "tok_timeout"
_REASONS: Final = {
    "card_declined": "The card was declined.",
    "insufficient_funds": "The card has insufficient funds.",
    "authentication_failed": "The customer did not confirm the payment.",
    "not_refundable": "More than what is left of the charge.",
    "not_capturable": "More than what is authorized.",
    "not_voidable": "Nothing that could be released.",
}
MAXIMUM_KIND_LENGTH: Final = 80
_FEE_RATE: Final = Decimal("0.029")
_FEE_UNITS: Final = 30
# Of an event we keep what tells the outcome, whatever else somebody puts into it.
_KEPT: Final = ("type", "key", "reference", "error_code", "fee")


class TestGateway(Gateway):
    """Plays a provider on this database; see the module for its tokens."""

    __test__ = False
    code = "test"
    name = "Test gateway"
    capabilities = tuple(Capability)

    def check_payment_method(self, payment_method: str) -> None:
        if payment_method not in OUTCOMES:
            known = ", ".join(OUTCOMES)
            raise InvalidPaymentMethod(f"Known are: {known}.", pointer="#/payment_method")

    def sale(self, charge: Charge) -> GatewayResult:
        return self._charge(charge, TransactionKind.CAPTURE)

    def authorize(self, charge: Charge) -> GatewayResult:
        return self._charge(charge, TransactionKind.AUTHORIZE)

    def capture(self, follow_up: FollowUp) -> GatewayResult:
        return self._follow_up(follow_up, TransactionKind.CAPTURE)

    def refund(self, follow_up: FollowUp) -> GatewayResult:
        return self._follow_up(follow_up, TransactionKind.REFUND)

    def void(self, follow_up: FollowUp) -> GatewayResult:
        return self._follow_up(follow_up, TransactionKind.VOID)

    def fetch(self, enquiry: Enquiry) -> GatewayResult | None:
        operation = SimulatedOperation.objects.filter(pk=enquiry.key).first()
        return _result(operation) if operation else None

    def fetch_fee(self, reference: str) -> Fee | None:
        operation = SimulatedOperation.objects.filter(reference=reference).first()
        return _fee_of(operation) if operation else None

    def movements(self, *, since: datetime, until: datetime) -> Iterator[Movement]:
        kinds = (TransactionKind.CAPTURE, TransactionKind.REFUND)
        moved = SimulatedOperation.objects.filter(
            at__gte=since, at__lt=until, status=TransactionStatus.SUCCEEDED, kind__in=kinds
        )
        for operation in moved.order_by("at", "key"):
            yield Movement(
                kind=operation.kind,
                references=(operation.reference,),
                amount=operation.amount,
                currency=operation.currency,
                at=operation.at,
                fee=_fee_of(operation),
                key=operation.key,
            )

    def open_webhook(self, *, body: bytes, headers: Mapping[str, str]) -> Envelope:
        event_id = verify(body=body, headers=headers, secret=_webhook_secret())
        try:
            event = orjson.loads(body)
            kept = {name: event[name] for name in _KEPT if name in event}
            return Envelope(event_id, event["type"][:MAXIMUM_KIND_LENGTH], kept)
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidWebhook("The body is not an event of this provider.") from error

    def read_event(self, event: dict[str, Any]) -> Notice | None:
        match event["type"]:
            case "charge.succeeded":
                told = event.get("fee")
                fee = Fee(Decimal(told["amount"]), told["currency"]) if told else None
                return Notice(UUID(event["key"]), Succeeded(event["reference"], fee))
            case "charge.failed":
                code = event["error_code"]
                failed = Failed(code, _REASONS.get(code, ""), event["reference"])
                return Notice(UUID(event["key"]), failed)
        return None

    @transaction.atomic(durable=True)
    def finish_action(self, reference: str, *, succeeds: bool) -> None:
        """Play the customer who confirms, or refuses, a payment that awaits them."""
        SimulatedOperation.objects.filter(
            reference=reference, status=TransactionStatus.REQUIRES_ACTION
        ).update(
            status=TransactionStatus.SUCCEEDED if succeeds else TransactionStatus.FAILED,
            error_code="" if succeeds else "authentication_failed",
            at=timezone.now(),
        )

    def webhook_about(self, reference: str) -> tuple[bytes, dict[str, str]]:
        operation = SimulatedOperation.objects.get(reference=reference)
        event: dict[str, Any] = {
            "type": f"charge.{operation.status}",
            "key": str(operation.key),
            "reference": reference,
            "error_code": operation.error_code,
        }
        if fee := _fee_of(operation):
            event["fee"] = {"amount": str(fee.amount), "currency": fee.currency}
        return signed(event)

    def _charge(self, charge: Charge, kind: TransactionKind) -> GatewayResult:
        status, error_code = OUTCOMES[charge.payment_method]
        with transaction.atomic(durable=True):
            operation = _written(
                SimulatedOperation(
                    key=charge.key,
                    kind=kind,
                    status=status,
                    amount=charge.amount,
                    currency=charge.currency,
                    error_code=error_code,
                )
            )
        if charge.payment_method == _LOSES_ITS_ANSWER:
            raise GatewayTimeout
        return _result(operation)

    @transaction.atomic(durable=True)
    def _follow_up(self, follow_up: FollowUp, kind: TransactionKind) -> GatewayResult:
        charge = SimulatedOperation.objects.select_for_update().get(
            reference=follow_up.charge_reference
        )
        error_code = _refusal(charge, kind, follow_up)
        operation = _written(
            SimulatedOperation(
                key=follow_up.key,
                kind=kind,
                status=TransactionStatus.FAILED if error_code else TransactionStatus.SUCCEEDED,
                amount=follow_up.amount,
                currency=follow_up.currency,
                charge=charge,
                error_code=error_code,
            )
        )
        if kind == TransactionKind.VOID and not error_code:
            SimulatedOperation.objects.filter(
                pk=charge.pk, status=TransactionStatus.REQUIRES_ACTION
            ).update(status=TransactionStatus.FAILED, error_code="cancelled")
        return _result(operation)


def signed(event: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    body = orjson.dumps(event)
    event_id = f"evt_{secrets.token_hex(12)}"
    return body, sign(body=body, event_id=event_id, secret=_webhook_secret())


def _webhook_secret() -> bytes:
    """Return the secret shared by the pretended provider and the shop: nobody else knows it."""
    salt = "payments.gateways.test"
    return salted_hmac(salt, "webhook", algorithm="sha256").digest()


def _written(operation: SimulatedOperation) -> SimulatedOperation:
    """Write the operation unless its key was used before; return what the key stands for."""
    operation.reference = f"{operation.kind[:3]}_{secrets.token_hex(12)}"
    if operation.status == TransactionStatus.REQUIRES_ACTION:
        operation.client_secret = f"{operation.reference}_secret_{secrets.token_hex(12)}"
    SimulatedOperation.objects.bulk_create([operation], ignore_conflicts=True)
    return SimulatedOperation.objects.get(pk=operation.pk)


def _refusal(charge: SimulatedOperation, kind: TransactionKind, follow_up: FollowUp) -> str:
    """Return why the network refuses the follow-up, or an empty string."""
    others = charge.operations.exclude(pk=follow_up.key)
    succeeded = others.filter(status=TransactionStatus.SUCCEEDED)
    sums = dict(succeeded.values_list("kind").annotate(total=Sum("amount")).order_by())
    done = {kind: sums.get(kind.value, Decimal(0)) for kind in TransactionKind}
    is_voided = succeeded.filter(kind=TransactionKind.VOID).exists()
    has_succeeded = charge.status == TransactionStatus.SUCCEEDED
    is_sale = charge.kind == TransactionKind.CAPTURE
    captured = charge.amount if is_sale and has_succeeded else done[TransactionKind.CAPTURE]
    if kind == TransactionKind.REFUND:
        left = captured - done[TransactionKind.REFUND]
        return "" if follow_up.amount <= left else "not_refundable"
    is_held = has_succeeded and not is_sale and not is_voided
    if kind == TransactionKind.CAPTURE:
        fits = follow_up.amount <= charge.amount - captured
        return "" if is_held and fits else "not_capturable"
    awaits = charge.status == TransactionStatus.REQUIRES_ACTION
    return "" if awaits or (is_held and captured < charge.amount) else "not_voidable"


def _result(operation: SimulatedOperation) -> GatewayResult:
    if operation.status == TransactionStatus.SUCCEEDED:
        return Succeeded(operation.reference, _fee_of(operation))
    if operation.status == TransactionStatus.REQUIRES_ACTION:
        return RequiresAction(operation.reference, operation.client_secret)
    reason = _REASONS.get(operation.error_code, "")
    return Failed(operation.error_code, reason, operation.reference)


def _fee_of(operation: SimulatedOperation) -> Fee | None:
    """Return what the network keeps: a part of what it takes, nothing of what it gives back."""
    if operation.status != TransactionStatus.SUCCEEDED:
        return None
    if operation.kind == TransactionKind.REFUND:
        return Fee(Decimal(0), operation.currency)
    if operation.kind != TransactionKind.CAPTURE:
        return None
    share = quantize(operation.amount * _FEE_RATE, operation.currency)
    return Fee(share + _FEE_UNITS * minor_unit(operation.currency), operation.currency)
