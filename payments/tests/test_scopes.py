"""What API keys of a warehouse and of a bookkeeping system do."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Scope
from accounts.services.api_keys import NewKey, create_api_key
from accounts.tests.factories import UserFactory
from cart.tests.factories import sellable
from core.audit import discrepancies
from orders.models import Order
from orders.tests.factories import ADDRESS, place, shipping_method
from payments.models import PaymentTransaction
from payments.tests.factories import paid

pytestmark = pytest.mark.django_db


def key(*scopes: Scope) -> APIClient:
    _key, text = create_api_key(new=NewKey("Machine", list(scopes)), created_by=None)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {text}")
    return client


@pytest.fixture
def order() -> Order:
    order = place(UserFactory.create(), [(sellable(), 2)])
    paid(order)
    return order


def url(order: Order, step: str = "") -> str:
    return f"/api/v1/orders/{order.pk}/{step}"


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_warehouse_ships_delivers_and_takes_back(order: Order) -> None:
    warehouse = key(Scope.ORDERS_WRITE)
    line = str(order.lines.get().pk)
    assert done(warehouse.get("/api/v1/orders/"))["count"] == 1

    done(warehouse.post(url(order, "ship/"), {"items": [{"item": line, "quantity": 1}]}))
    page = done(warehouse.post(url(order, "cancel-rest/"), {}))
    assert page["history"][-1]["by"] == "system"
    done(warehouse.post(url(order, "deliver/"), {}))

    owner = APIClient()
    owner.force_authenticate(order.customer)
    body = {"items": [{"item": line, "quantity": 1}], "reason": "Torn."}
    returned = done(owner.post(url(order, "returns/"), body), 201)
    for step in ("approve", "receive"):
        done(warehouse.post(url(order, f"returns/{returned['id']}/{step}/"), {}))
    assert list(discrepancies()) == []


def test_another_shop_enters_changes_and_cancels_orders() -> None:
    machine, customer = key(Scope.ORDERS_WRITE), UserFactory.create()
    body = {
        "items": [{"variant": str(sellable().pk), "quantity": 1}],
        "shipping_address": ADDRESS,
        "shipping_method": str(shipping_method().pk),
        "customer": str(customer.pk),
    }

    page = done(machine.post("/api/v1/orders/", body), 201)
    change = {"items": [{"item": page["items"][0]["id"], "quantity": 3}]}
    done(machine.patch(f"/api/v1/orders/{page['id']}/", change))
    page = done(machine.post(f"/api/v1/orders/{page['id']}/cancel/", {}))

    assert (page["customer"], page["status"]) == (str(customer.pk), "cancelled")
    assert list(discrepancies()) == []


def test_bookkeeping_reads_payments_and_refunds_with_another_scope(order: Order) -> None:
    reader, refunder = key(Scope.PAYMENTS_READ), key(Scope.PAYMENTS_REFUND)
    page = f"/api/v1/payments/{order.payment.pk}/"
    assert done(reader.get("/api/v1/payments/"))["count"] == 1
    assert reader.post(f"{page}refund/", {"all": True}).status_code == 403

    done(refunder.post(f"{page}refund/", {"amount": "1.00", "reason": "Late."}))

    assert PaymentTransaction.objects.get(kind="refund").by is None
    assert done(reader.get(page))["refunded_amount"] == "1.00"
    assert refunder.post(f"{page}capture/", {}).status_code == 403
    assert list(discrepancies()) == []


def test_customers_are_read_not_changed() -> None:
    customer = UserFactory.create()
    reader, page = key(Scope.USERS_READ), f"/api/v1/users/{customer.pk}/"

    assert done(reader.get(page))["email"] == customer.email
    assert done(reader.get("/api/v1/users/"))["count"] == 1
    assert reader.patch(page, {"is_active": False}).status_code == 403


@pytest.mark.parametrize("scope", [Scope.ORDERS_READ, Scope.PAYMENTS_REFUND, Scope.USERS_READ])
def test_no_other_key_moves_goods(order: Order, scope: Scope) -> None:
    machine = key(scope)

    for step in ("ship/", "cancel/", "cancel-rest/", "deliver/", "status/", "payment-link/"):
        assert machine.post(url(order, step), {}).status_code == 403
    assert machine.patch(url(order), {}).status_code == 403
    assert not order.shipments.exists()
