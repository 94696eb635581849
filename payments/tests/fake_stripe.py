"""A stateful fake of Stripe's HTTP interface, as far as cards by PaymentIntents go.

Like Stripe it honours idempotency keys (and refuses one that comes with other parameters),
remembers declined attempts, never gives back more than was taken, and tells by signed events.
Tests can let it lose an answer after having acted, be slow, or fail.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
from typing import Any

SECRET_KEY = "sk_test_fake"
WEBHOOK_SECRET = "whsec_fake"
DECLINES = {
    "pm_card_visa_chargeDeclined": "generic_decline",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "insufficient_funds",
}
ASKS_CUSTOMER = "pm_card_threeDSecure2Required"
SUCCEEDS = "pm_card_visa"

PARAMETERS = {
    "amount",
    "capture_method",
    "confirm",
    "currency",
    "expand",
    "metadata",
    "payment_method",
    "payment_method_types",
}

Params = dict[str, str]
Answer = tuple[int, dict[str, Any]]


class Refused(Exception):
    """An answer of Stripe that is an error."""

    def __init__(self, status: int, kind: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.answer = status, {"error": {"type": kind, "message": message, **more}}


def unexpected_state(intent: dict[str, Any]) -> Refused:
    message = f"This PaymentIntent's status is {intent['status']}."
    code = "payment_intent_unexpected_state"
    return Refused(400, "invalid_request_error", message, code=code)


class FakeStripe:
    """The account's state, and what goes wrong next."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.intents: dict[str, dict[str, Any]] = {}
        self.charges: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.entries: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, tuple[str, Params, Answer]] = {}
        self.events: list[dict[str, Any]] = []
        self.versions: set[str] = set()
        self.loses_answers = False
        self.fails_with: int | None = None
        self.seconds_to_answer = 0.0
        self.refunds_begin_as = "succeeded"
        self.books_at_once = True
        self.largest_page = 100

    def answer(self, method: str, path: str, params: Params, key: str) -> Answer:
        """Act, once for every idempotency key, and return status and body."""
        with self.lock:
            if self.fails_with:
                message = "Try again later."
                return self.fails_with, {"error": {"type": "api_error", "message": message}}
            if key in self.answers:
                return self._replayed(path, params, key)
            try:
                found = self._act(method, path.split("/")[2:], params)
                answer = 200, self._expanded(found, params)
            except Refused as refused:
                answer = refused.answer
            if key:
                self.answers[key] = (path, params, answer)
            return answer

    def _replayed(self, path: str, params: Params, key: str) -> Answer:
        first_path, first_params, answer = self.answers[key]
        if (path, params) != (first_path, first_params):
            message = "Keys for idempotent requests can only be used with the same parameters."
            return 400, {"error": {"type": "idempotency_error", "message": message}}
        return answer

    def _act(self, method: str, path: list[str], params: Params) -> dict[str, Any]:
        match method, path:
            case "POST", ["refunds"]:
                return self._make_refund(params)
            case "POST", ["payment_intents"]:
                return self._make_intent(params)
            case "GET", ["payment_intents" | "refunds" | "balance_transactions" as kind]:
                return self._listed(kind, params)
            case "GET", ["refunds" | "charges", key]:
                return dict({**self.refunds, **self.charges}[key])
            case _, ["payment_intents", intent_id, *verb]:
                return self._act_on_intent(self._intent(intent_id), verb, params)
        raise Refused(404, "invalid_request_error", f"Unrecognized request URL ({method} {path}).")

    def _act_on_intent(
        self, intent: dict[str, Any], verb: list[str], params: Params
    ) -> dict[str, Any]:
        match verb:
            case ["capture"]:
                return self._capture(intent, params)
            case ["cancel"]:
                return self._cancel(intent)
        return dict(intent)

    def _intent(self, intent_id: str) -> dict[str, Any]:
        if intent_id not in self.intents:
            message = f"No such payment_intent: '{intent_id}'"
            raise Refused(404, "invalid_request_error", message, code="resource_missing")
        return self.intents[intent_id]

    def _make_intent(self, params: Params) -> dict[str, Any]:
        if unknown := {name.split("[")[0] for name in params} - PARAMETERS:
            message = f"Received unknown parameters: {', '.join(unknown)}"
            raise Refused(400, "invalid_request_error", message, code="parameter_unknown")
        token = params["payment_method"]
        if token not in {*DECLINES, ASKS_CUSTOMER, SUCCEEDS}:
            message = f"No such PaymentMethod: '{token}'"
            raise Refused(400, "invalid_request_error", message, code="resource_missing")
        intent_id = f"pi_{secrets.token_hex(12)}"
        intent = self.intents[intent_id] = {
            "id": intent_id,
            "object": "payment_intent",
            "amount": int(params["amount"]),
            "amount_received": 0,
            "currency": params["currency"],
            "capture_method": params["capture_method"],
            "client_secret": f"{intent_id}_secret_{secrets.token_hex(8)}",
            "created": int(time.time()),
            "last_payment_error": None,
            "latest_charge": None,
            "metadata": metadata_in(params),
            "status": "requires_action",
        }
        if token in DECLINES:
            raise self._declined(intent, "card_declined", DECLINES[token])
        if token == ASKS_CUSTOMER:
            self._tell("payment_intent.requires_action", intent)
        else:
            self._charge(intent)
        return dict(intent)

    def _charge(self, intent: dict[str, Any]) -> None:
        charge_id = intent["latest_charge"] = f"ch_{secrets.token_hex(12)}"
        self.charges[charge_id] = {
            "id": charge_id,
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": 0,
            "balance_transaction": None,
            "currency": intent["currency"],
            "metadata": intent["metadata"],
            "payment_intent": intent["id"],
        }
        if intent["capture_method"] == "manual":
            intent["status"] = "requires_capture"
            self._tell("payment_intent.amount_capturable_updated", intent)
        else:
            self._take(intent, intent["amount"])

    def _take(self, intent: dict[str, Any], amount: int) -> None:
        intent.update(status="succeeded", amount_received=amount)
        charge = self.charges[intent["latest_charge"]]
        charge["amount_captured"] = amount
        self._book(charge, "charge", amount, fee=amount * 29 // 1000 + 30)
        self._tell("payment_intent.succeeded", intent)

    def _book(self, about: dict[str, Any], kind: str, amount: int, fee: int) -> None:
        """Write what happened to the balance, at once or when ``book`` is called."""
        entry_id = f"txn_{secrets.token_hex(12)}"
        self.entries[entry_id] = {
            "id": entry_id,
            "object": "balance_transaction",
            "amount": amount,
            "created": int(time.time()),
            "currency": about["currency"],
            "fee": fee,
            "net": amount - fee,
            "source": about["id"],
            "type": kind,
        }
        about["booked_as"] = entry_id
        if self.books_at_once:
            about["balance_transaction"] = entry_id

    def book(self) -> None:
        """Let what was booked be seen."""
        for about in (*self.charges.values(), *self.refunds.values()):
            about["balance_transaction"] = about.get("booked_as")

    def _declined(self, intent: dict[str, Any], code: str, decline_code: str = "") -> Refused:
        error = {"code": code, "decline_code": decline_code, "message": "The card was declined."}
        intent.update(status="requires_payment_method", last_payment_error=error)
        self._tell("payment_intent.payment_failed", intent)
        told = {"code": code, "decline_code": decline_code, "payment_intent": dict(intent)}
        return Refused(402, "card_error", error["message"], **told)

    def _capture(self, intent: dict[str, Any], params: Params) -> dict[str, Any]:
        amount = int(params["amount_to_capture"])
        if intent["status"] != "requires_capture" or amount > intent["amount"]:
            raise unexpected_state(intent)
        self._take(intent, amount)
        return dict(intent)

    def _cancel(self, intent: dict[str, Any]) -> dict[str, Any]:
        if intent["status"] in {"succeeded", "canceled"}:
            raise unexpected_state(intent)
        intent["status"] = "canceled"
        self._tell("payment_intent.canceled", intent)
        return dict(intent)

    def _make_refund(self, params: Params) -> dict[str, Any]:
        intent = self._intent(params["payment_intent"])
        amount = int(params["amount"])
        left = intent["amount_received"] - self.refunded(intent["id"])
        if amount > left:
            message = f"Refund amount ({amount}) is greater than unrefunded amount ({left})."
            raise Refused(400, "invalid_request_error", message)
        refund_id = f"re_{secrets.token_hex(12)}"
        refund = self.refunds[refund_id] = {
            "id": refund_id,
            "object": "refund",
            "amount": amount,
            "balance_transaction": None,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "metadata": metadata_in(params),
            "status": self.refunds_begin_as,
        }
        self._book(refund, "refund", -amount, fee=0)
        self._tell("refund.created", refund)
        return dict(refund)

    def _expanded(self, found: dict[str, Any], params: Params) -> dict[str, Any]:
        """Return an object with what the parameter ``expand`` names in the place of its id."""
        for name, path in params.items():
            if name.startswith("expand"):
                self._expand(found, path.split("."))
        return found

    def _expand(self, found: dict[str, Any], path: list[str]) -> None:
        first, *rest = path
        if first == "data":
            found["data"] = [dict(stored) for stored in found["data"]]
            for stored in found["data"]:
                self._expand(stored, rest)
            return
        known = {**self.charges, **self.refunds, **self.entries}
        if found.get(first) in known:
            found[first] = dict(known[found[first]])
            if rest:
                self._expand(found[first], rest)

    def _listed(self, kind: str, params: Params) -> dict[str, Any]:
        """Return a page of what was made in a time, or of one PaymentIntent; newest first."""
        objects = {
            "payment_intents": self.intents,
            "refunds": self.refunds,
            "balance_transactions": self.entries,
        }[kind]
        newest_first = reversed(list(objects.values()))
        found = [stored for stored in newest_first if is_asked_for(stored, params)]
        if after := params.get("starting_after"):
            found = found[[stored["id"] for stored in found].index(after) + 1 :]
        limit = min(int(params.get("limit", 10)), self.largest_page)
        page = {"object": "list", "url": f"/v1/{kind}", "has_more": len(found) > limit}
        return page | {"data": found[:limit]}

    def _tell(self, kind: str, about: dict[str, Any]) -> None:
        self.events.append(
            {
                "id": f"evt_{secrets.token_hex(12)}",
                "object": "event",
                "type": kind,
                "created": int(time.time()),
                "data": {"object": dict(about)},
            }
        )

    def charge_of(self, intent_id: str) -> dict[str, Any]:
        """Return the charge of a PaymentIntent that was paid."""
        return self.charges[self.intents[intent_id]["latest_charge"]]

    def refund_in_dashboard(self, intent_id: str, amount: int) -> None:
        """Play somebody who gives money back without the shop."""
        with self.lock:
            self._make_refund({"payment_intent": intent_id, "amount": str(amount)})

    def refunded(self, intent_id: str) -> int:
        """Return how much of a PaymentIntent went back, or is on its way."""
        made = [row for row in self.refunds.values() if row["payment_intent"] == intent_id]
        return sum(refund["amount"] for refund in made if refund["status"] != "failed")

    def taken(self) -> int:
        """Return what all PaymentIntents took, in the smallest unit."""
        return sum(stored["amount_received"] for stored in self.intents.values())

    def finish_action(self, intent_id: str, *, succeeds: bool) -> None:
        """Play the customer at their bank."""
        with self.lock:
            if succeeds:
                self._charge(self.intents[intent_id])
            else:
                code = "payment_intent_authentication_failure"
                self._declined(self.intents[intent_id], code)

    def finish_refund(self, refund_id: str, status: str) -> None:
        """Let a pending refund come to its end."""
        with self.lock:
            self.refunds[refund_id]["status"] = status
            kind = "refund.failed" if status == "failed" else "refund.updated"
            self._tell(kind, self.refunds[refund_id])


def metadata_in(params: Params) -> dict[str, str]:
    prefix = "metadata["
    return {
        name.removeprefix(prefix).rstrip("]"): value
        for name, value in params.items()
        if name.startswith(prefix)
    }


def is_asked_for(stored: dict[str, Any], params: Params) -> bool:
    """Tell whether the filters of a list let an object pass."""
    made = stored.get("created", 0)
    bounds = {
        "created[gte]": lambda limit: made >= int(limit),
        "created[lte]": lambda limit: made <= int(limit),
        "created[lt]": lambda limit: made < int(limit),
        "payment_intent": lambda intent: stored["payment_intent"] == intent,
    }
    return all(passes(params[name]) for name, passes in bounds.items() if name in params)


def signed(event: dict[str, Any], *, at: float | None = None) -> tuple[bytes, dict[str, str]]:
    """Return body and headers as Stripe sends them; every retry is signed anew."""
    body = json.dumps(event).encode()
    timestamp = int(time.time() if at is None else at)
    digest = hmac.new(WEBHOOK_SECRET.encode(), b"%d.%s" % (timestamp, body), hashlib.sha256)
    return body, {"stripe-signature": f"t={timestamp},v1={digest.hexdigest()}"}
