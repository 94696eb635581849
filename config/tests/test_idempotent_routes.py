"""Every route that moves goods or money honours ``Idempotency-Key``, whatever app it is of."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from django.conf import settings

from accounts.tests.factories import UserFactory
from cart.tests.factories import sellable
from config.tests.callers import client_for, client_of
from inventory.models import StockItem
from orders.models import Shipment
from orders.tests.factories import pay, place

pytestmark = pytest.mark.django_db

# Whose calls move goods or money, by how their path begins.
MOVING = ("orders/", "payments/", "inventory/", "products/{key}/purchase/", "sales/", "purchas")
# What a key would change nothing for: they read, or know what was sent by its own number.
KEYLESS = {"orders/lookup/", "payments/webhooks/{provider}/"}
DOCUMENT = yaml.safe_load((Path(settings.BASE_DIR) / "docs" / "openapi.yaml").read_text("utf-8"))
PATHS = {path.removeprefix("/api/v1/"): methods for path, methods in DOCUMENT["paths"].items()}
ROUTES = sorted(
    path
    for path, methods in PATHS.items()
    if "post" in methods and path.startswith(MOVING) and path not in KEYLESS
)


@pytest.mark.parametrize("path", ROUTES)
def test_takes_a_key(path: str) -> None:
    names = {parameter["name"] for parameter in PATHS[path]["post"]["parameters"]}
    address = "/api/v1/" + re.sub(r"{[a-z_]+}", str(UUID(int=1)), path)

    answer = client_for("superuser").post(address, {}, HTTP_IDEMPOTENCY_KEY="")

    assert "Idempotency-Key" in names
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")


def test_a_parcel_that_is_sent_twice_with_one_key_is_one_parcel() -> None:
    order = place(UserFactory.create(), [(sellable(stocked=10), 2)])
    pay(order)
    clerk = client_of(UserFactory.create(is_staff=True, is_superuser=True))
    body = {"items": [{"item": str(order.loaded_lines[0].pk), "quantity": 1}]}

    first, second = (
        clerk.post(f"/api/v1/orders/{order.pk}/ship/", body, HTTP_IDEMPOTENCY_KEY="parcel-1")
        for _ in range(2)
    )

    assert (first.status_code, second.status_code) == (200, 200)
    assert (second.json(), second["Idempotent-Replayed"]) == (first.json(), "true")
    assert Shipment.objects.count() == 1
    assert StockItem.objects.get().on_hand == 9
