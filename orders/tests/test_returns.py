"""Goods that come back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from cart.tests.factories import sellable
from catalog.models import ProductVariant
from core.audit import discrepancies
from core.models import DomainEvent
from inventory.models import MovementReason, StockItem, StockMovement
from inventory.tests.racing import race
from orders import services
from orders.events import ReturnReceived
from orders.models import Order, OrderStatus, Return
from orders.services import MoreThanDelivered, RequestReturn
from orders.tests.factories import place, place_as_guest, ship
from payments.models import Payment
from payments.tasks import refund_return
from payments.tests.factories import paid, run_jobs
from pricing.models import TaxRate

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]
UNKNOWN = "0198f3a2-0000-7000-8000-000000000000"


@pytest.fixture
def tea() -> ProductVariant:
    return sellable(variant__price=Decimal("9.99"))


@pytest.fixture
def order(tea: ProductVariant) -> Order:
    TaxRate.objects.create(country="DE", tax_class="standard", name="VAT", rate=Decimal("0.19"))
    return delivered(place(UserFactory.create(), [(tea, 3)]))


@pytest.fixture
def mine(order: Order, api_for: ApiFor) -> APIClient:
    assert order.customer
    return api_for(order.customer)


@pytest.fixture
def clerk(api_for: ApiFor) -> APIClient:
    return api_for(StaffFactory.create(role="Order manager"))


def delivered(order: Order) -> Order:
    paid(order)
    ship(order)
    services.deliver_order(order_id=order.pk, by=None)
    return order


def path(order: Order) -> str:
    return f"/api/v1/orders/{order.pk}/returns/"


def ask(client: APIClient, order: Order, quantity: int = 1, headers: Any = None) -> Any:
    items = [{"item": str(order.loaded_lines[0].pk), "quantity": quantity}]
    return client.post(path(order), {"items": items, "reason": "Torn."}, headers=headers)


def step(client: APIClient, order: Order, returned: Any, name: str, **body: Any) -> Any:
    return client.post(f"{path(order)}{returned['id']}/{name}/", body)


def come_back(mine: APIClient, clerk: APIClient, order: Order, quantity: int, **body: Any) -> Any:
    """Return the answer to receiving so many units, which were asked for and approved before."""
    returned = ask(mine, order, quantity).json()
    step(clerk, order, returned, "approve")
    return step(clerk, order, returned, "receive", **body).json()


def do_the_jobs() -> None:
    """Refund what was received, as the worker does."""
    for row in DomainEvent.objects.filter(name="order.return_received"):
        event = ReturnReceived.from_payload(row.payload)
        assert isinstance(event, ReturnReceived)
        refund_return(event)
    run_jobs("payments.tasks.execute")


def assert_clean() -> None:
    assert discrepancies() == []


def test_a_customer_asks_to_send_something_back(mine: APIClient, order: Order) -> None:
    answer = ask(mine, order, 2)

    assert answer.status_code == 201
    assert answer.json()["status"] == "requested"
    assert answer.json()["items"] == [{"item": str(order.loaded_lines[0].pk), "quantity": 2}]
    assert mine.get(path(order)).json()["results"] == [answer.json()]
    history = mine.get(f"/api/v1/orders/{order.pk}/").json()["history"]
    assert (history[-1]["by"], history[-1]["note"]) == ("customer", "A return was requested.")


def test_receiving_restocks_and_refunds(
    mine: APIClient, clerk: APIClient, order: Order, tea: ProductVariant
) -> None:
    received = come_back(mine, clerk, order, 1)
    do_the_jobs()

    assert (received["status"], received["refund_amount"]) == ("received", "11.89")
    assert StockItem.objects.get(variant=tea).on_hand == 8
    movement = StockMovement.objects.latest("id")
    assert (movement.delta, movement.reason) == (1, MovementReason.RETURNED)
    assert movement.reference == received["id"]
    assert Payment.objects.get().refunded == Decimal("11.89")
    order.refresh_from_db()
    assert order.status == OrderStatus.DELIVERED
    assert_clean()


def test_what_cannot_be_sold_again_is_refunded_without_restocking(
    mine: APIClient, clerk: APIClient, order: Order, tea: ProductVariant
) -> None:
    received = come_back(mine, clerk, order, 3, restock=False)

    assert received["is_restocked"] is False
    assert StockItem.objects.get(variant=tea).on_hand == 7


def test_the_parts_of_a_line_sum_to_it(mine: APIClient, clerk: APIClient, order: Order) -> None:
    amounts = [Decimal(come_back(mine, clerk, order, 1)["refund_amount"]) for _ in range(3)]

    assert sum(amounts) == order.loaded_lines[0].line_total


def test_a_return_is_refunded_once(mine: APIClient, clerk: APIClient, order: Order) -> None:
    come_back(mine, clerk, order, 1)

    do_the_jobs()
    do_the_jobs()

    assert Payment.objects.get().refunded == Decimal("11.89")


def test_never_refunds_more_than_is_left(mine: APIClient, clerk: APIClient, order: Order) -> None:
    payment = Payment.objects.get()
    body = {"amount": str(payment.captured - 5), "reason": "Late."}
    clerk.post(f"/api/v1/payments/{payment.pk}/refund/", body)

    come_back(mine, clerk, order, 3)
    do_the_jobs()

    payment.refresh_from_db()
    order.refresh_from_db()
    assert (payment.refunded, order.status) == (payment.captured, OrderStatus.REFUNDED)


def test_no_unit_comes_back_twice(mine: APIClient, order: Order) -> None:
    ask(mine, order, 2)

    answer = ask(mine, order, 2)

    assert (answer.status_code, answer.json()["code"]) == (409, "more_than_delivered")
    assert answer.json()["returnable"] == 1
    assert Return.objects.count() == 1


def test_what_was_rejected_can_be_asked_for_again(
    mine: APIClient, clerk: APIClient, order: Order
) -> None:
    rejected = step(clerk, order, ask(mine, order, 3).json(), "reject", note="Show us a picture.")

    assert (rejected.json()["status"], rejected.json()["note"]) == (
        "rejected",
        "Show us a picture.",
    )
    assert ask(mine, order, 3).status_code == 201


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ([], "receive"),
        (["approve"], "approve"),
        (["reject"], "approve"),
        (["reject"], "receive"),
        (["approve", "receive"], "reject"),
        (["approve", "receive"], "receive"),
    ],
)
def test_every_other_step_is_refused(
    mine: APIClient, clerk: APIClient, order: Order, before: list[str], name: str
) -> None:
    returned = ask(mine, order).json()
    for earlier in before:
        step(clerk, order, returned, earlier)

    answer = step(clerk, order, returned, name)

    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    assert DomainEvent.objects.filter(name="order.return_received").count() == before.count(
        "receive"
    )


def test_only_what_has_arrived_is_returned(api_for: ApiFor, tea: ProductVariant) -> None:
    customer = UserFactory.create()
    order = place(customer, [(tea, 1)])

    answer = ask(api_for(customer), order)

    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")


@pytest.mark.parametrize(
    "body",
    [
        {"items": [{"item": UNKNOWN, "quantity": 1}], "reason": "Torn."},
        {"items": [], "reason": "Torn."},
        {"reason": "Torn."},
        {"items": [{"item": "x", "quantity": 0}], "reason": "Torn."},
    ],
)
def test_what_is_not_of_the_order_is_refused(
    mine: APIClient, order: Order, body: dict[str, Any]
) -> None:
    assert mine.post(path(order), body).status_code == 400
    assert Return.objects.count() == 0


def test_who_may_do_what(
    api: APIClient, api_for: ApiFor, mine: APIClient, clerk: APIClient, order: Order
) -> None:
    stranger, support = UserFactory.create(), StaffFactory.create(role="Support")
    callers = [api, api_for(stranger), mine, api_for(support), clerk]

    listed = [caller.get(path(order)).status_code for caller in callers]
    asked = [ask(caller, order).status_code for caller in callers]
    returned = mine.get(path(order)).json()["results"][0]
    approved = [step(caller, order, returned, "approve").status_code for caller in callers]

    assert listed == [401, 404, 200, 200, 200]
    assert asked == [401, 404, 201, 403, 403]
    assert approved == [401, 403, 403, 403, 200]


@pytest.mark.parametrize("key", ["x", UNKNOWN])
def test_an_unknown_return_is_not_found(clerk: APIClient, order: Order, key: str) -> None:
    assert step(clerk, order, {"id": key}, "approve").status_code == 404


def test_a_guest_returns_by_the_token(api: APIClient) -> None:
    order = delivered(place_as_guest(token="a-token-that-opened-a-cart"))

    answer = ask(api, order, headers={"X-Cart-Token": "a-token-that-opened-a-cart"})

    assert answer.status_code == 201


def test_a_list_costs_the_same_for_one_and_for_three(mine: APIClient, order: Order) -> None:
    costs = []
    for _ in range(3):
        ask(mine, order)
        with CaptureQueriesContext(connection) as captured:
            mine.get(path(order))
        costs.append(len(captured))

    assert len(set(costs)) == 1


def test_staff_take_the_steps_in_the_backoffice(mine: APIClient, order: Order) -> None:
    browser = Client()
    browser.force_login(StaffFactory.create(role="Order manager"), "accounts.backends.RoleBackend")
    returned = Return.objects.get(pk=ask(mine, order).json()["id"])
    page = f"/admin/orders/return/{returned.pk}/"

    assert "Torn." in browser.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    assert "/approve/" in browser.get(f"{page}change/").content.decode()
    browser.post(f"{page}approve/", {"_form_submitted": "on", "note": "Fine."})
    browser.post(f"{page}receive/", {"_form_submitted": "on", "restock": "on"})
    refused = browser.post(f"{page}reject/", {"_form_submitted": "on"}, follow=True)

    returned.refresh_from_db()
    assert (returned.status, returned.is_restocked) == ("received", True)
    assert "A return that is received cannot become rejected." in refused.content.decode()
    assert order.number in browser.get("/admin/orders/return/").content.decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_returns_of_the_same_units_at_once_are_one(order: Order) -> None:
    command = RequestReturn(order.pk, {order.loaded_lines[0].pk: 2})

    results = race([partial(services.request_return, command=command)] * 6)

    assert [type(result) for result in results if not isinstance(result, Return)] == [
        MoreThanDelivered
    ] * 5
    assert_clean()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_return_received_many_times_at_once_is_received_once(
    order: Order, tea: ProductVariant
) -> None:
    returned = services.request_return(
        command=RequestReturn(order.pk, {order.loaded_lines[0].pk: 2})
    )
    one = services.ReturnStep(order.pk, returned.pk)
    services.approve_return(step=one)

    race([partial(services.receive_return, step=one)] * 6)
    do_the_jobs()

    assert DomainEvent.objects.filter(name="order.return_received").count() == 1
    assert StockItem.objects.get(variant=tea).on_hand == 9
    assert_clean()
