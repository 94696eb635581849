"""Goods that were refunded before they left are not sent, and their stock is free again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from cart.tests.factories import sellable
from catalog.models import ProductVariant
from core import events
from core.audit import identities
from core.models import DomainEvent
from inventory import services as inventory_services
from inventory.models import StockItem, StockMovement
from orders.models import Order, OrderLine
from orders.tests.factories import place
from payments.gateways.base import Failed, FollowUp, GatewayResult, GatewayTimeout
from payments.gateways.test import TestGateway
from payments.models import Payment, PaymentTransaction
from payments.services import reconciliation
from payments.tests.factories import paid, run_jobs

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]


@pytest.fixture
def clerk(api_for: ApiFor) -> APIClient:
    return api_for(StaffFactory.create(role="Order manager"))


@pytest.fixture
def tea() -> ProductVariant:
    return sellable()


@pytest.fixture
def cup() -> ProductVariant:
    return sellable()


def bought(*items: tuple[ProductVariant, int]) -> Order:
    order = place(UserFactory.create(), list(items))
    paid(order)
    return order


def line_of(order: Order, variant: ProductVariant) -> OrderLine:
    return order.lines.get(variant=variant)


def post(client: APIClient, order: Order, step: str, **body: Any) -> Any:
    answer = client.post(f"/api/v1/orders/{order.pk}/{step}/", body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def refund(client: APIClient, order: Order, *items: tuple[ProductVariant, int], **body: Any) -> Any:
    lines = [{"item": str(line_of(order, variant).pk), "quantity": n} for variant, n in items]
    answer = client.post(f"/api/v1/payments/{order.payment.pk}/refund/", {"items": lines, **body})
    assert answer.status_code == 200, answer.content
    return answer.json()


def ship(client: APIClient, order: Order, *items: tuple[ProductVariant, int]) -> Any:
    lines = [{"item": str(line_of(order, variant).pk), "quantity": n} for variant, n in items]
    return post(client, order, "ship", **({"items": lines} if items else {}))


def shipped_units(page: Any) -> list[int]:
    return [item["quantity"] for parcel in page["shipments"] for item in parcel["items"]]


def stock_of(variant: ProductVariant) -> tuple[int, int]:
    item = StockItem.objects.get(variant=variant)
    return item.on_hand, item.reserved


def tell_payments() -> None:
    """Deliver what was announced to payments, and let it ask the provider."""
    handler = "payments.tasks.refund_called_off"
    for event in DomainEvent.objects.filter(name="order.rest_cancelled"):
        events.deliver(event_id=event.pk, handler=handler)
    run_jobs("payments.tasks.execute")


def assert_clean() -> None:
    assert [found for identity in identities() for found in identity.check()] == []


def test_of_two_paid_and_one_refunded_one_is_sent(clerk: APIClient, tea: ProductVariant) -> None:
    order = bought((tea, 2))

    refund(clerk, order, (tea, 1))

    assert stock_of(tea) == (10, 1)
    page = ship(clerk, order)
    assert shipped_units(page) == [1]
    assert (page["status"], page["fulfillment_status"]) == ("shipped", "shipped")
    assert page["items"][0]["cancelled_quantity"] == 1
    assert stock_of(tea) == (9, 0)
    assert_clean()


def test_an_order_is_shipped_once_what_had_not_left_is_refunded(
    clerk: APIClient, tea: ProductVariant, cup: ProductVariant
) -> None:
    order = bought((tea, 1), (cup, 2))
    ship(clerk, order, (tea, 1))

    refund(clerk, order, (cup, 2))

    page = clerk.get(f"/api/v1/orders/{order.pk}/").json()
    assert (page["status"], page["payment_status"]) == ("shipped", "partially_refunded")
    assert stock_of(cup) == (10, 0)
    assert post(clerk, order, "deliver")["status"] == "delivered"
    assert_clean()


def test_what_never_left_cannot_be_returned_but_the_rest_can(
    clerk: APIClient, api_for: ApiFor, tea: ProductVariant
) -> None:
    order = bought((tea, 2))
    refund(clerk, order, (tea, 1))
    ship(clerk, order)
    post(clerk, order, "deliver")
    owner = api_for(order.customer or UserFactory.create())
    body = {"items": [{"item": str(line_of(order, tea).pk), "quantity": 2}], "reason": "Torn."}

    refused = owner.post(f"/api/v1/orders/{order.pk}/returns/", body)
    body["items"] = [{"item": str(line_of(order, tea).pk), "quantity": 1}]
    taken = owner.post(f"/api/v1/orders/{order.pk}/returns/", body)

    assert (refused.status_code, refused.json()["code"]) == (409, "more_than_delivered")
    assert refused.json()["returnable"] == 1
    assert taken.status_code == 201
    for step in ("approve", "receive"):
        post(clerk, order, f"returns/{taken.json()['id']}/{step}")
    line = line_of(order, tea)
    assert line.return_lines.get().refund_amount == line.line_total - Payment.objects.get().refunded
    assert_clean()


def test_refunded_units_can_be_written_off(clerk: APIClient, tea: ProductVariant) -> None:
    order = bought((tea, 3))

    refund(clerk, order, (tea, 2), restock=False)

    assert stock_of(tea) == (8, 1)
    movement = StockMovement.objects.get(reason="damaged")
    assert (movement.delta, movement.reference) == (-2, str(order.pk))
    assert_clean()


def test_only_named_units_can_be_written_off(clerk: APIClient, tea: ProductVariant) -> None:
    order = bought((tea, 3))
    url = f"/api/v1/payments/{order.payment.pk}/refund/"

    answer = clerk.post(url, {"amount": "1.00", "restock": False})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/restock"
    assert not PaymentTransaction.objects.filter(kind="refund").exists()


def test_units_that_have_left_are_not_called_off(clerk: APIClient, tea: ProductVariant) -> None:
    order = bought((tea, 3))
    ship(clerk, order, (tea, 2))

    refund(clerk, order, (tea, 2))

    assert line_of(order, tea).cancelled_quantity == 1
    assert Order.objects.get().status == "shipped"
    assert stock_of(tea) == (8, 0)
    assert_clean()


@pytest.mark.parametrize("body", [{"amount": "1.00"}, {"shipping": True}])
def test_a_refund_that_names_no_units_calls_none_off(
    clerk: APIClient, tea: ProductVariant, body: dict[str, Any]
) -> None:
    order = bought((tea, 2))

    answer = clerk.post(f"/api/v1/payments/{order.payment.pk}/refund/", body)

    assert answer.status_code == 200, answer.content
    assert shipped_units(ship(clerk, order)) == [2]
    assert_clean()


def test_all_units_by_line_and_the_shipping_end_the_order(
    clerk: APIClient, tea: ProductVariant
) -> None:
    order = bought((tea, 2))

    refund(clerk, order, (tea, 2), shipping=True, restock=False)

    assert Order.objects.get().status == "refunded"
    assert stock_of(tea) == (8, 0)
    assert_clean()


def test_an_order_of_which_nothing_is_kept_is_cancelled_not_shipped(
    clerk: APIClient, tea: ProductVariant
) -> None:
    order = bought((tea, 2))
    refund(clerk, order, (tea, 2))

    answer = clerk.post(f"/api/v1/orders/{order.pk}/ship/", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "more_than_left")
    assert post(clerk, order, "cancel")["status"] == "cancelled"
    assert_clean()


def test_units_stay_while_their_refund_is_under_way_and_are_sent_if_it_fails(
    clerk: APIClient, tea: ProductVariant, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = bought((tea, 2))

    def no_answer(_gateway: TestGateway, _follow_up: FollowUp) -> GatewayResult:
        raise GatewayTimeout

    def refused(_gateway: TestGateway, _follow_up: FollowUp) -> GatewayResult:
        return Failed("no_funds")

    monkeypatch.setattr(TestGateway, "refund", no_answer)
    refund(clerk, order, (tea, 1))
    page = ship(clerk, order)
    assert (shipped_units(page), page["status"]) == ([1], "paid")
    assert clerk.post(f"/api/v1/orders/{order.pk}/ship/", {}).status_code == 409
    assert clerk.post(f"/api/v1/orders/{order.pk}/cancel-rest/", {}).status_code == 409
    assert stock_of(tea) == (9, 1)

    monkeypatch.setattr(TestGateway, "refund", refused)
    pending = PaymentTransaction.objects.get(kind="refund")
    reconciliation.resolve(transaction_id=pending.pk, now=pending.at)

    page = ship(clerk, order)
    assert (shipped_units(page), page["status"]) == ([1, 1], "shipped")
    assert_clean()


def test_the_rest_of_an_order_is_called_off(
    clerk: APIClient, tea: ProductVariant, cup: ProductVariant
) -> None:
    order = bought((tea, 2), (cup, 1))
    ship(clerk, order, (tea, 1))

    page = post(clerk, order, "cancel-rest", note="Out of print.")
    tell_payments()
    tell_payments()

    assert (page["status"], page["fulfillment_status"]) == ("shipped", "shipped")
    assert [line["cancelled_quantity"] for line in page["items"]] == [1, 1]
    assert page["history"][-2]["note"].endswith("Out of print.")
    assert (stock_of(tea), stock_of(cup)) == ((9, 0), (10, 0))
    payment = Payment.objects.get()
    half = line_of(order, tea).line_total / 2
    assert payment.refunded == half + line_of(order, cup).line_total
    assert post(clerk, order, "deliver")["status"] == "delivered"
    assert_clean()


def test_a_rest_is_paid_back_once_whoever_was_first(clerk: APIClient, tea: ProductVariant) -> None:
    order = bought((tea, 2))
    ship(clerk, order, (tea, 1))
    post(clerk, order, "cancel-rest", restock=False)

    refund(clerk, order, (tea, 2))
    tell_payments()

    assert Payment.objects.get().refunded == line_of(order, tea).line_total
    assert stock_of(tea) == (8, 0)
    assert_clean()


def test_the_rest_of_what_was_refunded_by_amount_is_what_is_left_of_the_money(
    clerk: APIClient, tea: ProductVariant
) -> None:
    order = bought((tea, 2))
    ship(clerk, order, (tea, 1))
    most = order.total - 1
    clerk.post(f"/api/v1/payments/{order.payment.pk}/refund/", {"amount": f"{most:.2f}"})

    post(clerk, order, "cancel-rest")
    tell_payments()

    assert Payment.objects.get().refunded == order.total
    assert Order.objects.get().status == "refunded"
    assert_clean()


@pytest.mark.parametrize("step", [None, "ship", "cancel"])
def test_only_a_partly_shipped_order_has_a_rest(
    clerk: APIClient, tea: ProductVariant, step: str | None
) -> None:
    order = bought((tea, 2))
    if step:
        post(clerk, order, step)

    answer = clerk.post(f"/api/v1/orders/{order.pk}/cancel-rest/", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    assert line_of(order, tea).cancelled_quantity == 0


def test_what_is_awaited_is_called_off_first(clerk: APIClient, tea: ProductVariant) -> None:
    inventory_services.allow_backorders(variant_id=tea.pk, maximum=10)
    order = bought((tea, 12))
    other = bought((tea, 1))

    refund(clerk, order, (tea, 3))

    item = StockItem.objects.get(variant=tea)
    assert (item.on_hand, item.reserved) == (10, 10)
    assert tea.backorder_rule.awaited == 0
    page = ship(clerk, order)
    assert (shipped_units(page), page["status"]) == ([9], "shipped")
    assert ship(clerk, other)["status"] == "shipped"
    assert_clean()


def test_the_rest_is_cancelled_in_the_admin(tea: ProductVariant, clerk: APIClient) -> None:
    order = bought((tea, 2))
    page = f"/admin/orders/order/{order.pk}/change/"
    admin = Client()
    admin.force_login(StaffFactory.create(role="Order manager"), "accounts.backends.RoleBackend")
    assert "Cancel the rest" not in admin.get(page).content.decode()
    ship(clerk, order, (tea, 1))
    assert "Cancel the rest" in admin.get(page).content.decode()

    admin.post(
        f"/admin/orders/order/{order.pk}/cancel_rest/", {"_form_submitted": "on", "note": ""}
    )

    assert Order.objects.get().status == "shipped"
    assert stock_of(tea) == (8, 0)  # written off: the switch was off
    assert "Cancelled quantity" in admin.get(page).content.decode()
    assert_clean()


def test_refunded_units_are_written_off_in_the_admin(tea: ProductVariant) -> None:
    order = bought((tea, 2))
    admin = Client()
    admin.force_login(StaffFactory.create(role="Order manager"), "accounts.backends.RoleBackend")
    body = {"_form_submitted": "on", str(line_of(order, tea).pk): "1"}

    admin.post(f"/admin/payments/payment/{order.payment.pk}/refund/", body)

    assert stock_of(tea) == (9, 1)
    assert_clean()
