"""Acme, a provider that does not exist: the example that "Add a payment gateway" walks through.

The tests run the whole matrix of journeys with it, over real HTTP against a fake of Acme.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from decimal import Decimal
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen
from uuid import UUID

from django.conf import settings

from core.money import minor_unit
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
    Notice,
    RequiresAction,
    Succeeded,
)
from payments.gateways.signatures import verify

# Acme says these when it has understood and refused; after any other error it may have acted.
REFUSALS: Final = {400, 402, 404, 409}
LONGEST_KIND: Final = 80


class AcmeGateway(Gateway):
    """Card payments by Acme."""

    code = "acme"
    name = "Acme"
    capabilities = (
        Capability.AUTOMATIC_CAPTURE,
        Capability.MANUAL_CAPTURE,
        Capability.PARTIAL_CAPTURE,
        Capability.REFUND,
        Capability.PARTIAL_REFUND,
        Capability.CUSTOMER_ACTION,
        Capability.WEBHOOKS,
        Capability.FEES,
    )

    def check_payment_method(self, payment_method: str) -> None:
        """Raise InvalidPaymentMethod for what is no token of Acme's script."""
        if not payment_method.startswith("src_"):
            raise InvalidPaymentMethod("It begins with src_.", pointer="#/payment_method")

    def sale(self, charge: Charge) -> GatewayResult:
        """Authorize and capture in one step."""
        return self._charge(charge, capture=True)

    def authorize(self, charge: Charge) -> GatewayResult:
        """Reserve the amount."""
        return self._charge(charge, capture=False)

    def capture(self, follow_up: FollowUp) -> GatewayResult:
        """Take what is authorized."""
        return self._follow_up(follow_up, "captures")

    def refund(self, follow_up: FollowUp) -> GatewayResult:
        """Give back what was captured."""
        return self._follow_up(follow_up, "refunds")

    def void(self, follow_up: FollowUp) -> GatewayResult:
        """Release an authorization or end an attempt that awaits the customer."""
        return self._follow_up(follow_up, "voids")

    def _charge(self, charge: Charge, *, capture: bool) -> GatewayResult:
        body = {
            "amount": minor_units(charge.amount, charge.currency),
            "currency": charge.currency,
            "source": charge.payment_method,
            "capture": capture,
            "reference": str(charge.key),
        }
        return result_of(self._ask("POST", "/charges", body, key=charge.key))

    def _follow_up(self, follow_up: FollowUp, what: str) -> GatewayResult:
        body = {"amount": minor_units(follow_up.amount, follow_up.currency)}
        path = f"/charges/{follow_up.charge_reference}/{what}"
        return result_of(self._ask("POST", path, body, key=follow_up.key))

    def fetch(self, enquiry: Enquiry) -> GatewayResult | None:
        """Look the charge up by the key that was sent as its reference."""
        found = self._ask("GET", f"/charges?reference={enquiry.key}")["data"]
        return result_of(found[0]) if found else None

    def open_webhook(self, *, body: bytes, headers: Mapping[str, str]) -> Envelope:
        """Return the event, once its signature is checked."""
        secret = settings.ACME_WEBHOOK_SECRET.encode()
        event_id = verify(body=body, headers=headers, secret=secret)
        try:
            event = json.loads(body)
            kept = {"type": event["type"], "charge": event["charge"]}
            return Envelope(event_id, kept["type"][:LONGEST_KIND], kept)
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidWebhook("The body is not an event of Acme.") from error

    def read_event(self, event: dict[str, Any]) -> Notice | None:
        """Return the outcome of a charge; other events tell us nothing."""
        if event["type"] != "charge.finished":
            return None
        return Notice(UUID(event["charge"]["reference"]), result_of(event["charge"]))

    def _ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, key: UUID | None = None
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {settings.ACME_SECRET_KEY}"}
        if key:
            headers["Idempotency-Key"] = str(key)
        data = json.dumps(body).encode() if body else None
        address = f"{settings.ACME_API_BASE}{path}"
        request = Request(address, data, headers, method=method)  # noqa: S310 - from the settings
        try:
            with urlopen(request, timeout=settings.PAYMENT_TIMEOUT_SECONDS) as answer:  # noqa: S310
                return dict(json.load(answer))
        except HTTPError as error:
            if error.code in REFUSALS:
                return dict(json.load(error))
            raise GatewayTimeout from error
        except URLError as error:
            if isinstance(error.reason, ConnectionRefusedError | socket.gaierror):
                raise GatewayUnavailable from error
            raise GatewayTimeout from error
        except (OSError, HTTPException, ValueError) as error:
            raise GatewayTimeout from error


def result_of(told: dict[str, Any]) -> GatewayResult:
    """Return what an answer of Acme, or a charge in an event, means."""
    match told["state"]:
        case "done":
            return Succeeded(told["id"], fee_in(told))
        case "waiting":
            return RequiresAction(told["id"], told["secret"])
        case "refused":
            return Failed(told["code"], told["message"], told.get("id", ""))
    raise GatewayTimeout  # Acme is still at work: it is asked again later


def fee_in(told: dict[str, Any]) -> Fee | None:
    """Return what Acme keeps, where it tells that."""
    if "fee" not in told:
        return None
    return Fee(told["fee"] * minor_unit(told["currency"]), told["currency"])


def minor_units(amount: Decimal, currency: str) -> int:
    """Return an amount as Acme counts it: 19.90 USD is 1990."""
    return int(amount / minor_unit(currency))
