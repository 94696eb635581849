"""A card number that is sent to us is refused, and leaves no trace."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory
from core.models import IdempotencyRecord
from payments.gateways.test import signed
from payments.models import PaymentTransaction, SimulatedOperation, WebhookEvent
from payments.tests.factories import OrderFactory, paid

pytestmark = pytest.mark.django_db

CARD = "4242424242424242"
WRITTEN = [CARD, "4242 4242 4242 4242", "4242-4242-4242-4242", "card 4242.4242.4242.4242 12/27"]
ApiFor = Callable[[User], APIClient]


def everything_stored() -> str:
    """Return all rows of this database's tables of ours, as one text."""
    own = [model for model in apps.get_models() if model._meta.managed]
    return "\n".join(str(row) for model in own for row in model._base_manager.values())


@pytest.fixture
def desk(api_for: ApiFor) -> APIClient:
    return api_for(StaffFactory.create(role="Order manager"))


@pytest.mark.parametrize("card", WRITTEN)
@pytest.mark.parametrize("action", ["", "process/", "{}/capture/", "{}/void/", "{}/refund/"])
def test_every_endpoint_refuses_a_card_number_and_keeps_nothing_of_it(
    desk: APIClient, caplog: pytest.LogCaptureFixture, action: str, card: str
) -> None:
    caplog.set_level(logging.DEBUG)
    payment = paid(OrderFactory.create())
    body = {
        "order": str(payment.order_id),
        "provider": "test",
        "payment_method": "tok_success",
        "reason": "Lost.",
        "items": [{"item": {"deep": [{"note": f"paid with {card}"}]}, "quantity": 1}],
    }

    answer = desk.post(
        f"/api/v1/payments/{action.format(payment.pk)}", body, headers={"Idempotency-Key": "1"}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "card_number_refused")
    assert not IdempotencyRecord.objects.exists()
    assert PaymentTransaction.objects.count() == SimulatedOperation.objects.count() == 1
    trace = answer.content.decode() + caplog.text + everything_stored()
    assert card not in trace
    assert CARD not in trace


def test_a_body_that_is_no_json_is_refused_without_being_repeated(
    desk: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    answer = desk.post("/api/v1/payments/", f'{{"card": "{CARD}"', content_type="application/json")

    assert answer.status_code == 400
    assert CARD not in answer.content.decode() + caplog.text


def test_a_body_that_is_nested_without_end_is_refused(desk: APIClient) -> None:
    for depth in (900, 5000):
        body = "[" * depth + f'"{CARD}"' + "]" * depth
        answer = desk.post("/api/v1/payments/", body, content_type="application/json")
        assert answer.status_code == 400


def test_what_a_provider_tells_beside_the_outcome_is_not_kept(
    api: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    event: dict[str, Any] = {"type": "charge.failed", "error_code": "no", "card": {"number": CARD}}
    body, headers = signed(event)

    answer = api.post(
        "/api/v1/payments/webhooks/test/", body, content_type="application/json", headers=headers
    )

    assert answer.status_code == 200
    assert CARD in body.decode()
    assert json.dumps(WebhookEvent.objects.get().payload).count("card") == 0
    assert CARD not in caplog.text + everything_stored()
