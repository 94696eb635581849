"""Cash on delivery: sent before it is paid, paid when staff have the money."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from cart.tests.factories import sellable
from catalog.models import ProductVariant
from core.audit import identities
from core.models import DomainEvent
from inventory.models import StockItem
from orders import services as order_services
from orders.models import Order
from orders.tests.factories import place
from payments.services.automatic_refunds import refund_cancelled_order
from payments.tests.factories import run_jobs

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]


@pytest.fixture(autouse=True)
def _offline(settings: Settings) -> None:
    settings.PAYMENT_GATEWAYS = [
        *settings.PAYMENT_GATEWAYS,
        "payments.gateways.offline.BankTransferGateway",
        "payments.gateways.offline.CashOnDeliveryGateway",
    ]


@pytest.fixture
def clerk(api_for: ApiFor) -> APIClient:
    return api_for(StaffFactory.create(role="Order manager"))


@pytest.fixture
def tea() -> ProductVariant:
    return sellable()


@pytest.fixture
def order(tea: ProductVariant) -> Order:
    return place(UserFactory.create(), [(tea, 2)])


@pytest.fixture
def owner(api_for: ApiFor, order: Order) -> APIClient:
    assert order.customer
    return api_for(order.customer)


def promise(owner: APIClient, order: Order, provider: str = "cash_on_delivery") -> Any:
    body = {"order": str(order.pk), "provider": provider, "payment_method": provider}
    return owner.post("/api/v1/payments/", body)


def post(client: APIClient, order: Order, step: str, **body: Any) -> Any:
    answer = client.post(f"/api/v1/orders/{order.pk}/{step}/", body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def capture(clerk: APIClient, order: Order, **body: Any) -> Any:
    answer = clerk.post(f"/api/v1/payments/{order.payment.pk}/capture/", body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def page_of(clerk: APIClient, order: Order) -> Any:
    return clerk.get(f"/api/v1/orders/{order.pk}/").json()


def stock_of(variant: ProductVariant) -> tuple[int, int]:
    item = StockItem.objects.get(variant=variant)
    return item.on_hand, item.reserved


def assert_clean() -> None:
    assert [found for identity in identities() for found in identity.check()] == []


def test_it_is_sent_delivered_and_then_paid(
    clerk: APIClient, owner: APIClient, order: Order, tea: ProductVariant
) -> None:
    assert promise(owner, order).json()["status"] == "authorized"
    page = page_of(clerk, order)
    assert (page["status"], page["is_paid_on_delivery"]) == ("pending", True)
    assert "shipped" in page["allowed_transitions"]

    page = post(clerk, order, "ship")
    assert (page["status"], page["payment_status"], page["paid_at"]) == (
        "shipped",
        "authorized",
        None,
    )
    assert stock_of(tea) == (8, 0)
    assert_clean()
    assert post(clerk, order, "deliver")["status"] == "delivered"
    assert capture(clerk, order)["status"] == "succeeded"

    page = page_of(clerk, order)
    assert (page["status"], page["payment_status"]) == ("delivered", "paid")
    assert page["paid_at"] is not None
    assert page["history"][-1]["note"] == "The money has arrived."
    assert DomainEvent.objects.filter(name="order.paid").count() == 1
    assert_clean()


def test_it_may_be_paid_before_it_is_sent_or_between_two_parcels(
    clerk: APIClient, owner: APIClient, order: Order
) -> None:
    promise(owner, order)
    line = str(order.lines.get().pk)
    page = post(clerk, order, "ship", items=[{"item": line, "quantity": 1}])
    assert (page["status"], page["fulfillment_status"]) == ("pending", "partially_shipped")

    capture(clerk, order)

    assert page_of(clerk, order)["status"] == "paid"
    assert post(clerk, order, "ship")["status"] == "shipped"
    assert_clean()


def test_it_may_be_paid_in_parts(clerk: APIClient, owner: APIClient, order: Order) -> None:
    promise(owner, order)
    post(clerk, order, "ship")

    capture(clerk, order, amount="1.00")
    page = page_of(clerk, order)
    assert (page["payment_status"], page["paid_at"]) == ("partially_captured", None)
    capture(clerk, order)

    assert page_of(clerk, order)["payment_status"] == "paid"
    assert_clean()


@pytest.mark.parametrize("provider", [None, "bank_transfer"])
def test_nothing_else_is_sent_before_it_is_paid(
    clerk: APIClient, owner: APIClient, order: Order, provider: str | None
) -> None:
    if provider:
        promise(owner, order, provider)

    answer = clerk.post(f"/api/v1/orders/{order.pk}/ship/", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    assert not order.shipments.exists()


def test_a_promise_that_is_released_sends_nothing(
    clerk: APIClient, owner: APIClient, order: Order
) -> None:
    promise(owner, order)
    clerk.post(f"/api/v1/payments/{order.payment.pk}/void/", {})

    answer = clerk.post(f"/api/v1/orders/{order.pk}/ship/", {})

    assert answer.status_code == 409
    assert page_of(clerk, order)["is_paid_on_delivery"] is False


def test_the_clock_leaves_alone_what_is_on_its_way(
    clerk: APIClient, owner: APIClient, order: Order
) -> None:
    promise(owner, order)
    line = str(order.lines.get().pk)
    post(clerk, order, "ship", items=[{"item": line, "quantity": 1}])
    clerk.post(f"/api/v1/payments/{order.payment.pk}/void/", {})

    late = timezone.now() + timedelta(days=7)

    assert not order_services.cancel_unpaid_order(order_id=order.pk, now=late)
    assert page_of(clerk, order)["status"] == "pending"


def test_what_is_on_its_way_can_neither_be_changed_nor_called_off_by_its_owner(
    clerk: APIClient, owner: APIClient, order: Order
) -> None:
    promise(owner, order)
    line = str(order.lines.get().pk)
    post(clerk, order, "ship", items=[{"item": line, "quantity": 1}])
    clerk.post(f"/api/v1/payments/{order.payment.pk}/void/", {})
    url = f"/api/v1/orders/{order.pk}/"

    edited = owner.patch(url, {"items": [{"item": line, "quantity": 3}]})
    cancelled = owner.post(f"{url}cancel/", {})

    assert [edited.status_code, cancelled.status_code] == [409, 409]


def test_what_is_refused_at_the_door_comes_back(
    clerk: APIClient, owner: APIClient, order: Order, tea: ProductVariant
) -> None:
    promise(owner, order)
    post(clerk, order, "ship")
    assert owner.post(f"/api/v1/orders/{order.pk}/cancel/", {}).status_code == 409

    page = post(clerk, order, "cancel", note="Refused at the door.")
    refund_cancelled_order(order_id=order.pk)
    run_jobs("payments.tasks.execute")

    assert page["status"] == "cancelled"
    assert page_of(clerk, order)["payment_status"] == "unpaid"
    assert stock_of(tea) == (10, 0)
    assert_clean()


def test_what_was_paid_at_the_door_is_not_cancelled_but_returned(
    clerk: APIClient, owner: APIClient, order: Order
) -> None:
    promise(owner, order)
    post(clerk, order, "ship")
    capture(clerk, order)

    answer = clerk.post(f"/api/v1/orders/{order.pk}/cancel/", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")


def test_what_was_delivered_is_paid_by_card_after_all(
    clerk: APIClient, owner: APIClient, order: Order
) -> None:
    promise(owner, order)
    post(clerk, order, "ship")
    clerk.post(f"/api/v1/payments/{order.payment.pk}/void/", {})
    body = {"order": str(order.pk), "provider": "test", "payment_method": "tok_success"}

    answer = owner.post("/api/v1/payments/", body)

    assert answer.status_code == 201, answer.content
    page = page_of(clerk, order)
    assert (page["status"], page["payment_status"]) == ("shipped", "paid")
    assert promise(owner, order).json()["code"] == "already_paid"
    assert_clean()


def test_money_that_came_on_delivery_goes_back_for_a_return(
    clerk: APIClient, owner: APIClient, order: Order
) -> None:
    promise(owner, order)
    post(clerk, order, "ship")
    post(clerk, order, "deliver")
    capture(clerk, order)

    answer = clerk.post(f"/api/v1/payments/{order.payment.pk}/refund/", {"all": True})

    assert answer.json()["status"] == "refunded"
    assert page_of(clerk, order)["status"] == "refunded"
    assert_clean()


def test_the_invoice_goes_with_the_parcel(clerk: APIClient, owner: APIClient, order: Order) -> None:
    url = f"/api/v1/orders/{order.pk}/invoice/"
    promise(owner, order)
    assert clerk.get(url).status_code == 409
    post(clerk, order, "ship")

    assert clerk.get(url).status_code == 200
    assert_clean()
