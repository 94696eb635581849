"""What Stripe's objects and errors mean to us."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import stripe

from payments.gateways.base import (
    Failed,
    Fee,
    GatewayResult,
    Movement,
    RequiresAction,
    Succeeded,
)
from payments.gateways.stripe_amounts import amount_of
from payments.models import TransactionKind

# Stripe's codes for which the shop has its own.
_OUR_CODES: Final = {
    "payment_intent_authentication_failure": "authentication_failed",
    "resource_missing": "invalid_payment_method",
}
# What Stripe books that moves a customer's money, by what we call it.
_MOVES_MONEY: Final = {
    "charge": TransactionKind.CAPTURE.value,
    "payment": TransactionKind.CAPTURE.value,
    "refund": TransactionKind.REFUND.value,
    "payment_refund": TransactionKind.REFUND.value,
    "refund_failure": "refund_failure",
    "payment_failure_refund": "refund_failure",
    "adjustment": "adjustment",
}


def result_of_intent(intent: dict[str, Any]) -> GatewayResult | None:
    """Return what a PaymentIntent's state means; None while its outcome is open."""
    match intent["status"]:
        case "succeeded" | "requires_capture":
            return Succeeded(intent["id"], fee_in(intent.get("latest_charge")))
        case "requires_action":
            return RequiresAction(intent["id"], intent.get("client_secret") or "")
        case "canceled":
            return Failed("cancelled", "The payment was cancelled.", intent["id"])
        case "requires_payment_method":
            return _failure(intent.get("last_payment_error") or {}, intent["id"])
    return None


def result_of_refund(refund: dict[str, Any]) -> GatewayResult | None:
    """Return what a refund's state means; None while it is pending."""
    match refund["status"]:
        case "succeeded":
            return Succeeded(refund["id"], fee_in(refund))
        case "failed" | "canceled":
            code = refund.get("failure_reason") or "refund_failed"
            return Failed(code, "The bank did not take the refund.", refund["id"])
    return None


def fee_in(booked: Any) -> Fee | None:
    """Return the fee of a charge or refund whose balance transaction is expanded."""
    entry = booked.get("balance_transaction") if isinstance(booked, dict) else None
    if not isinstance(entry, dict):
        return None
    currency = str(entry["currency"]).upper()
    return Fee(amount_of(entry["fee"], currency), currency)


def movement_of(entry: dict[str, Any]) -> Movement | None:
    """Return what a balance transaction, its source expanded, tells; None for payouts and such."""
    kind = _MOVES_MONEY.get(entry["type"])
    source = entry.get("source")
    if kind is None:
        return None
    told: dict[str, Any] = source if isinstance(source, dict) else {"id": source or entry["id"]}
    currency = str(told.get("currency") or entry["currency"]).upper()
    count = told.get("amount_captured") or told.get("amount") or entry["amount"]
    is_charge = kind == TransactionKind.CAPTURE
    references = (told.get("payment_intent"), told["id"]) if is_charge else (told["id"],)
    return Movement(
        kind=kind,
        references=tuple(reference for reference in references if reference),
        amount=abs(amount_of(count, currency)),
        currency=currency,
        at=datetime.fromtimestamp(entry["created"], UTC),
        fee=fee_in({"balance_transaction": entry}),
        key=key_in(told.get("metadata") or {}),
    )


def key_in(metadata: dict[str, Any]) -> UUID | None:
    """Return the transaction that the metadata names; other users of the account name none."""
    try:
        return UUID(str(metadata.get("transaction")))
    except ValueError:
        return None


def refusal(error: stripe.CardError | stripe.InvalidRequestError, otherwise: str) -> Failed:
    """Return the failure that an error of Stripe tells of; ``otherwise`` names nameless ones."""
    body: dict[str, Any] = error.json_body if isinstance(error.json_body, dict) else {}
    told: dict[str, Any] = body.get("error") or {}
    intent = told.get("payment_intent") or {}
    return _failure({"code": otherwise} | told, intent.get("id", ""))


def _failure(error: dict[str, Any], reference: str) -> Failed:
    code = error.get("code") or "card_declined"
    if error.get("decline_code") == "insufficient_funds":
        code = "insufficient_funds"
    return Failed(_OUR_CODES.get(code, code), error.get("message") or "", reference)
