"""Playing the other side of the test gateway."""

from __future__ import annotations

from payments.gateways.test import TestGateway
from payments.services.webhooks import receive_webhook


def play_customer(*, reference: str, succeeds: bool) -> None:
    """Confirm or refuse a payment that awaits its customer, and tell the shop by webhook."""
    gateway = TestGateway()
    gateway.finish_action(reference, succeeds=succeeds)
    body, headers = gateway.webhook_about(reference)
    receive_webhook(provider=gateway.code, body=body, headers=headers)
