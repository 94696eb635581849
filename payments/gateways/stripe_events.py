from __future__ import annotations

from typing import Any, Final

from payments.gateways.base import Notice
from payments.gateways.stripe_results import key_in, result_of_intent, result_of_refund

MAXIMUM_ID_LENGTH: Final = 120
MAXIMUM_KIND_LENGTH: Final = 80
_INTENT_EVENTS: Final = {
    "payment_intent.succeeded",
    "payment_intent.amount_capturable_updated",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
}
_REFUND_EVENTS: Final = {"refund.created", "refund.updated", "refund.failed"}
# Of what an event is about we keep what tells the outcome: no names, addresses, cards, secrets.
_KEPT: Final = ("id", "object", "status", "metadata", "failure_reason")
_KEPT_OF_ERRORS: Final = ("code", "decline_code", "message")


def without_personal_data(event: dict[str, Any]) -> dict[str, Any]:
    """Return the part of an event that the shop keeps; raise ValueError, KeyError, TypeError."""
    event_id, kind = event["id"], event["type"]
    if not (isinstance(event_id, str) and isinstance(kind, str)):
        raise TypeError("an event's id and type are texts")
    if len(event_id) > MAXIMUM_ID_LENGTH:
        raise ValueError("an event's id is short")
    about = event["data"]["object"]
    kept = {name: about[name] for name in _KEPT if name in about}
    error = about.get("last_payment_error") or {}
    kept["last_payment_error"] = {name: error[name] for name in _KEPT_OF_ERRORS if name in error}
    return {
        "id": event_id,
        "type": kind[:MAXIMUM_KIND_LENGTH],
        "created": event.get("created"),
        "data": {"object": kept},
    }


def read_event(event: dict[str, Any]) -> Notice | None:
    """Return what an event tells about one of our transactions; None when it tells us nothing."""
    about = event["data"]["object"]
    key = key_in(about.get("metadata") or {})
    if key is None:
        return None
    result = None
    if event["type"] in _INTENT_EVENTS:
        result = result_of_intent(about)
    elif event["type"] in _REFUND_EVENTS:
        result = result_of_refund(about)
    return Notice(key, result) if result else None
