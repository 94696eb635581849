"""Stripe: cards by PaymentIntents, over the official library.

This module is imported when ``PAYMENT_GATEWAYS`` names it, and so is the library. Each charge
is one call: a PaymentIntent that is made and confirmed, with the id of our transaction as
idempotency key and in its metadata. By the metadata it is found again when the answer was
lost, however long ago: Stripe forgets idempotency keys after a day.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeVar, cast
from uuid import UUID

import orjson
import stripe
from django.conf import settings
from stripe.params import PaymentIntentCreateParams

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
    GatewayUnavailable,
    InvalidPaymentMethod,
    InvalidWebhook,
    Movement,
    Notice,
    Succeeded,
)
from payments.gateways.stripe_amounts import stripe_amount
from payments.gateways.stripe_events import read_event, without_personal_data
from payments.gateways.stripe_results import (
    fee_in,
    movement_of,
    refusal,
    result_of_intent,
    result_of_refund,
)

logger = logging.getLogger(__name__)

# The account's own default does not matter. From 2026-09-30 on, `payment_method_types` is refused.
API_VERSION: Final = "2026-03-25.dahlia"
WEBHOOK_TOLERANCE_SECONDS: Final = 300
# Stripe's clock may differ from ours when a lost charge is looked for by its time.
CLOCK_DIFFERENCE: Final = timedelta(minutes=5)
PAGE_SIZE: Final = 100
TOO_FINE: Final = Failed("amount_too_fine", "Stripe does not count this currency so finely.")
# What Stripe kept stands in the entry that it booked, sent along when it is asked to.
_ENTRY: Final = "balance_transaction"
_WITH_FEE: Final = [f"latest_charge.{_ENTRY}"]
_PAYMENT_METHOD_PREFIX: Final = "pm_"
CaptureMethod = Literal["automatic", "manual"]
Named = TypeVar("Named", stripe.PaymentIntent, stripe.Refund)


class StripeGateway(Gateway):
    """Card payments by Stripe, with one PaymentIntent for each attempt."""

    code = "stripe"
    name = "Card"
    capabilities = (
        Capability.AUTOMATIC_CAPTURE,
        Capability.MANUAL_CAPTURE,
        Capability.REFUND,
        Capability.PARTIAL_REFUND,
        Capability.CUSTOMER_ACTION,
        Capability.WEBHOOKS,
        Capability.FEES,
        Capability.STATEMENTS,
    )

    def __init__(self) -> None:
        self._client = stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            base_addresses={"api": settings.STRIPE_API_BASE},
            stripe_version=API_VERSION,
            http_client=stripe.RequestsClient(timeout=settings.PAYMENT_TIMEOUT_SECONDS),
            # A second try is reconciliation's, so that nobody waits for it.
            max_network_retries=0,
        )

    def check_payment_method(self, payment_method: str) -> None:
        rest = payment_method.removeprefix(_PAYMENT_METHOD_PREFIX)
        is_token = rest != payment_method and rest.replace("_", "").isalnum() and rest.isascii()
        if not is_token:
            raise InvalidPaymentMethod("It begins with pm_.", pointer="#/payment_method")

    def sale(self, charge: Charge) -> GatewayResult:
        return self._charge(charge, "automatic")

    def authorize(self, charge: Charge) -> GatewayResult:
        return self._charge(charge, "manual")

    def capture(self, follow_up: FollowUp) -> GatewayResult:
        """Take the amount; Stripe releases what is left of the authorization."""
        intents = self._client.v1.payment_intents
        amount = stripe_amount(follow_up.amount, follow_up.currency)
        if amount is None:
            return TOO_FINE
        with _known_errors():
            try:
                intent = intents.capture(
                    follow_up.charge_reference,
                    {"amount_to_capture": amount, "expand": _WITH_FEE},
                    {"idempotency_key": str(follow_up.key)},
                )
            except stripe.InvalidRequestError as error:
                # Asked again after a day, it has been captured before.
                intent = intents.retrieve(follow_up.charge_reference, {"expand": _WITH_FEE})
                if (intent.status, intent.amount_received) != ("succeeded", amount):
                    return refusal(error, "not_capturable")
        charge = intent.to_dict()["latest_charge"]
        return Succeeded(charge["id"] if isinstance(charge, dict) else charge, fee_in(charge))

    def refund(self, follow_up: FollowUp) -> GatewayResult:
        """Give back the amount, unless a refund with this key exists already."""
        amount = stripe_amount(follow_up.amount, follow_up.currency)
        if amount is None:
            return TOO_FINE
        with _known_errors():
            try:
                made = self._refund_made_before(follow_up) or self._client.v1.refunds.create(
                    {
                        "payment_intent": follow_up.charge_reference,
                        "amount": amount,
                        "metadata": {"transaction": str(follow_up.key)},
                        "expand": [_ENTRY],
                    },
                    {"idempotency_key": str(follow_up.key)},
                )
            except stripe.InvalidRequestError as error:
                return refusal(error, "not_refundable")
        return _told(result_of_refund(made.to_dict()))

    def void(self, follow_up: FollowUp) -> GatewayResult:
        """Cancel the PaymentIntent, which releases what it holds."""
        intents = self._client.v1.payment_intents
        with _known_errors():
            try:
                intents.cancel(
                    follow_up.charge_reference, {}, {"idempotency_key": str(follow_up.key)}
                )
            except stripe.InvalidRequestError as error:
                intent = intents.retrieve(follow_up.charge_reference)
                if intent.status != "canceled":
                    return refusal(error, "not_voidable")
        # Stripe gives a cancellation no name of its own.
        return Succeeded(f"void_{follow_up.key.hex}")

    def fetch(self, enquiry: Enquiry) -> GatewayResult | None:
        """Look the PaymentIntent up, by its id or else among those made at that time."""
        with _known_errors():
            try:
                intent = self._intent_of(enquiry)
            except stripe.InvalidRequestError as error:
                raise GatewayUnavailable from error
        return _told(result_of_intent(intent.to_dict())) if intent else None

    def fetch_fee(self, reference: str) -> Fee | None:
        """Look up what was booked for a PaymentIntent, a charge or a refund."""
        api, entry = self._client.v1, [_ENTRY]
        with _known_errors():
            if reference.startswith("pi_"):
                intent = api.payment_intents.retrieve(reference, {"expand": _WITH_FEE})
                return fee_in(intent.to_dict()["latest_charge"])
            if reference.startswith("re_"):
                return fee_in(api.refunds.retrieve(reference, {"expand": entry}).to_dict())
            return fee_in(api.charges.retrieve(reference, {"expand": entry}).to_dict())

    def movements(self, *, since: datetime, until: datetime) -> Iterator[Movement]:
        """Read the account's balance transactions, page by page."""
        with _known_errors():
            booked = self._client.v1.balance_transactions.list(
                {
                    "created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())},
                    "limit": PAGE_SIZE,
                    "expand": ["data.source"],
                }
            )
            for entry in booked.auto_paging_iter():
                if movement := movement_of(entry.to_dict()):
                    yield movement

    def open_webhook(self, *, body: bytes, headers: Mapping[str, str]) -> Envelope:
        try:
            stripe.WebhookSignature.verify_header(
                body.decode(),
                headers.get("stripe-signature", ""),
                settings.STRIPE_WEBHOOK_SECRET,
                WEBHOOK_TOLERANCE_SECONDS,
            )
            event = without_personal_data(orjson.loads(body))
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError) as error:
            raise InvalidWebhook from error
        return Envelope(event["id"], event["type"], event)

    def read_event(self, event: dict[str, Any]) -> Notice | None:
        return read_event(event)

    def _charge(self, charge: Charge, capture_method: CaptureMethod) -> GatewayResult:
        amount = stripe_amount(charge.amount, charge.currency)
        if amount is None:
            return TOO_FINE
        params = {
            "amount": amount,
            "currency": charge.currency.lower(),
            "payment_method": charge.payment_method,
            "payment_method_types": ["card"],
            "capture_method": capture_method,
            "confirm": True,
            "metadata": {"transaction": str(charge.key), "order": charge.description},
            "expand": _WITH_FEE,
        }
        with _known_errors():
            try:
                intent = self._client.v1.payment_intents.create(
                    # The library's types are those of a later version than the pinned one.
                    cast("PaymentIntentCreateParams", params),
                    {"idempotency_key": str(charge.key)},
                )
            except (stripe.CardError, stripe.InvalidRequestError) as error:
                return refusal(error, "invalid_request")
        return _told(result_of_intent(intent.to_dict()))

    def _intent_of(self, enquiry: Enquiry) -> stripe.PaymentIntent | None:
        intents = self._client.v1.payment_intents
        if enquiry.reference:
            return intents.retrieve(enquiry.reference, {"expand": _WITH_FEE})
        since = int((enquiry.at - CLOCK_DIFFERENCE).timestamp())
        until = int((enquiry.at + CLOCK_DIFFERENCE).timestamp())
        made = intents.list(
            {
                "created": {"gte": since, "lte": until},
                "limit": PAGE_SIZE,
                "expand": [f"data.{path}" for path in _WITH_FEE],
            }
        )
        return _with_key(made.auto_paging_iter(), enquiry.key)

    def _refund_made_before(self, follow_up: FollowUp) -> stripe.Refund | None:
        made = self._client.v1.refunds.list(
            {
                "payment_intent": follow_up.charge_reference,
                "limit": PAGE_SIZE,
                "expand": [f"data.{_ENTRY}"],
            }
        )
        return _with_key(made.auto_paging_iter(), follow_up.key)


def _with_key(objects: Iterator[Named], key: UUID) -> Named | None:
    for candidate in objects:
        about: dict[str, Any] = candidate.to_dict()
        if (about.get("metadata") or {}).get("transaction") == str(key):
            return candidate
    return None


def _told(result: GatewayResult | None) -> GatewayResult:
    if result is None:
        raise GatewayTimeout
    return result


@contextmanager
def _known_errors() -> Iterator[None]:
    """Tell apart what certainly did not happen from what may have."""
    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError, stripe.RateLimitError) as error:
        logger.warning(
            "Stripe refused the API key or the rate of calls", extra={"why": type(error).__name__}
        )
        raise GatewayUnavailable from error
    except stripe.APIConnectionError as error:
        if _never_left(error):
            raise GatewayUnavailable from error
        raise GatewayTimeout from error
    except (stripe.APIError, stripe.IdempotencyError) as error:
        raise GatewayTimeout from error


def _never_left(error: BaseException | None) -> bool:
    """Tell whether no connection was made, so that nothing can have been sent."""
    while error:
        if isinstance(error, ConnectionRefusedError | socket.gaierror):
            return True
        error = error.__cause__ or error.__context__
    return False
