"""Signing and checking webhooks in the form of standardwebhooks.com."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from standardwebhooks import Webhook, WebhookVerificationError

from payments.gateways.base import InvalidWebhook

MAXIMUM_ID_LENGTH: Final = 120
_HEADERS: Final = ("webhook-id", "webhook-timestamp", "webhook-signature")


def sign(*, body: bytes, event_id: str, secret: bytes) -> dict[str, str]:
    """Return the headers to send with ``body``."""
    now = datetime.now(UTC)
    signature = Webhook(secret).sign(event_id, now, body.decode())
    return dict(zip(_HEADERS, (event_id, str(int(now.timestamp())), signature), strict=True))


def verify(*, body: bytes, headers: Mapping[str, str], secret: bytes) -> str:
    """Return the id of the event; raise InvalidWebhook unless signature and time are right."""
    present = {name: headers.get(name, "") for name in _HEADERS}
    try:
        Webhook(secret).verify(body, present, json_parse=False)
    except (WebhookVerificationError, ValueError) as error:
        raise InvalidWebhook from error
    if len(present["webhook-id"]) > MAXIMUM_ID_LENGTH:
        raise InvalidWebhook("The event's id is too long.")
    return present["webhook-id"]
