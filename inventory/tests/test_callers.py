"""Who may do what with stock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from rest_framework.test import APIClient

from accounts.models import Scope, User
from accounts.services.api_keys import NewKey, create_api_key
from accounts.tests.factories import StaffFactory, UserFactory
from catalog.models import Product
from catalog.tests.factories import ProductFactory
from inventory.tests.factories import stock

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]

CALLERS: Final = (
    "anonymous",
    "customer",
    "Catalog manager",
    "Order manager",
    "Support",
    "Branch manager",
    "Sales representative",
    "Seller",
    "Administrator",
    "inventory:write",
    "sales:write",
    "orders:read",
)
READ: Final = (401, 403, 200, 200, 200, 200, 200, 403, 200, 200, 403, 403)
WRITE: Final = (401, 403, 200, 403, 403, 403, 403, 403, 200, 200, 403, 403)
# Action: what each of CALLERS is answered.
TABLE: Final = {
    "levels": READ,
    "movements": READ,
    "locations": READ,
    "location": READ,
    "adjust": (401, 403, 200, 403, 403, 200, 403, 403, 200, 200, 403, 403),
    "create location": tuple(201 if status == 200 else status for status in WRITE),
    "change location": WRITE,
    "close location": tuple(409 if status == 200 else status for status in WRITE),
    "purchase": (401, 403, 200, 200, 403, 200, 200, 403, 200, 403, 200, 403),
}


def client_of(caller: str, api_for: ApiFor) -> APIClient:
    if caller == "anonymous":
        return APIClient()
    if caller == "customer":
        return api_for(UserFactory.create())
    if ":" in caller:
        _, text = create_api_key(new=NewKey("till", [Scope(caller)]), created_by=None)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Api-Key {text}")
        return client
    return api_for(StaffFactory.create(role=caller))


def call(client: APIClient, action: str, product: Product) -> Any:
    item = product.variants.get().stock_items.get()
    location = f"/api/v1/locations/{item.location_id}/"
    row = {
        "variant": item.variant_id,
        "location": item.location_id,
        "delta": 1,
        "reason": "counted",
    }
    calls: dict[str, Callable[[], Any]] = {
        "levels": lambda: client.get("/api/v1/inventory/"),
        "movements": lambda: client.get("/api/v1/inventory/movements/"),
        "locations": lambda: client.get("/api/v1/locations/"),
        "location": lambda: client.get(location),
        "adjust": lambda: client.post("/api/v1/inventory/adjust/", row),
        "create location": lambda: client.post("/api/v1/locations/", {"name": "Shop"}),
        "change location": lambda: client.patch(location, {"priority": 7}),
        "close location": lambda: client.delete(location),
        "purchase": lambda: client.post(
            f"/api/v1/products/{product.pk}/purchase/", {"quantity": 1}
        ),
    }
    return calls[action]()


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("action", TABLE)
def test_each_caller_gets_what_the_table_says(action: str, caller: str, api_for: ApiFor) -> None:
    product = ProductFactory.create()
    stock(product.variants.get(), 5)

    response = call(client_of(caller, api_for), action, product)

    assert response.status_code == TABLE[action][CALLERS.index(caller)], response.content
