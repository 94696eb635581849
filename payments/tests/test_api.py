"""The routes below payments/: who may call them, what they answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from core.models import IdempotencyRecord
from core.rate_limits import hit
from orders.models import Order
from payments.api.views import PAY_LIMIT
from payments.models import Payment, PaymentTransaction, SimulatedOperation
from payments.tests.factories import GUEST_TOKEN, OrderFactory, guest_order, paid

pytestmark = pytest.mark.django_db

PAYMENTS = "/api/v1/payments/"
ApiFor = Callable[[User], APIClient]


def body_for(order: Order, payment_method: str = "tok_success") -> dict[str, Any]:
    return {"order": str(order.pk), "provider": "test", "payment_method": payment_method}


@pytest.fixture
def order() -> Order:
    return OrderFactory.create()


@pytest.fixture
def owner(order: Order, api_for: ApiFor) -> APIClient:
    assert order.customer
    return api_for(order.customer)


@pytest.fixture
def callers(owner: APIClient, api_for: ApiFor) -> dict[str, APIClient]:
    return {
        "anonymous": APIClient(),
        "guest": APIClient(headers={"X-Cart-Token": "somebody-elses-token"}),
        "stranger": api_for(UserFactory.create()),
        "owner": owner,
        "Support": api_for(StaffFactory.create(role="Support")),
        "Order manager": api_for(StaffFactory.create(role="Order manager")),
        "Administrator": api_for(StaffFactory.create(role="Administrator")),
        "Catalog manager": api_for(StaffFactory.create(role="Catalog manager")),
    }


ACTIONS = ("pay", "list", "read", "refund", "capture", "void")
CALLERS = [
    ("anonymous", (401, 401, 401, 401, 401, 401)),
    ("guest", (404, 200, 404, 401, 401, 401)),
    ("stranger", (404, 200, 404, 403, 403, 403)),
    ("owner", (409, 200, 200, 403, 403, 403)),
    ("Support", (404, 200, 200, 403, 403, 403)),
    ("Catalog manager", (404, 200, 404, 403, 403, 403)),
    ("Order manager", (404, 200, 200, 200, 409, 409)),
    ("Administrator", (404, 200, 200, 200, 409, 409)),
]


@pytest.mark.parametrize(("caller", "statuses"), CALLERS, ids=[name for name, _ in CALLERS])
def test_callers(
    callers: dict[str, APIClient], order: Order, caller: str, statuses: tuple[int, ...]
) -> None:
    payment, client = paid(order), callers[caller]
    page = f"{PAYMENTS}{payment.pk}/"

    answers = [
        client.post(PAYMENTS, body_for(order)),
        client.get(PAYMENTS),
        client.get(page),
        client.post(f"{page}refund/", {"all": True}),
        client.post(f"{page}capture/", {}),
        client.post(f"{page}void/", {}),
    ]

    assert [answer.status_code for answer in answers] == list(statuses), ACTIONS


@pytest.mark.parametrize("caller", ["stranger", "Support", "Administrator"])
def test_who_sees_which_payments(callers: dict[str, APIClient], order: Order, caller: str) -> None:
    paid(order)

    body = callers[caller].get(PAYMENTS).json()

    assert body["count"] == (0 if caller == "stranger" else 1)


def test_answers_the_payment_as_the_contract_says(owner: APIClient, order: Order) -> None:
    answer = owner.post(PAYMENTS, body_for(order))

    payment = Payment.objects.get()
    transaction = PaymentTransaction.objects.get()
    body = answer.json()
    assert answer.status_code == 201
    assert body.pop("created_at").endswith("Z")
    assert body["transactions"][0].pop("at").endswith("Z")
    assert body == {
        "id": str(payment.pk),
        "order": str(order.pk),
        "provider": "test",
        "status": "succeeded",
        "amount": "100.00",
        "captured_amount": "100.00",
        "refunded_amount": "0.00",
        "currency": "USD",
        "reference": payment.reference,
        "client_secret": "",
        "bank_transfer": None,
        "transactions": [
            {
                "id": str(transaction.pk),
                "kind": "capture",
                "amount": "100.00",
                "status": "succeeded",
                "reference": payment.reference,
                "error_code": "",
                "items": [],
            }
        ],
    }
    assert owner.get(f"{PAYMENTS}{payment.pk}/").json()["id"] == body["id"]


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        ("tok_success", 201, "succeeded"),
        ("tok_requires_action", 201, "requires_action"),
        ("tok_timeout", 201, "pending"),
        ("tok_declined", 402, "card_declined"),
        ("tok_insufficient_funds", 402, "insufficient_funds"),
        ("tok_nonsense", 400, "invalid_payment_method"),
    ],
)
def test_every_token_has_its_answer(
    owner: APIClient, order: Order, token: str, status: int, code: str
) -> None:
    answer = owner.post(f"{PAYMENTS}process/", body_for(order, token))

    body = answer.json()
    assert (answer.status_code, body.get("code") or body["status"]) == (status, code)
    assert bool(body.get("client_secret")) == (token == "tok_requires_action")


def test_a_refusal_names_the_payment_with_its_attempt(owner: APIClient, order: Order) -> None:
    problem = owner.post(PAYMENTS, body_for(order, "tok_declined")).json()

    payment = owner.get(f"{PAYMENTS}{problem['payment']}/").json()
    assert (payment["status"], payment["transactions"][0]["error_code"]) == (
        "failed",
        "card_declined",
    )


def test_a_guest_pays_and_reads_with_the_token_that_placed_the_order() -> None:
    order = guest_order()
    guest = APIClient(headers={"X-Cart-Token": GUEST_TOKEN})

    answer = guest.post(PAYMENTS, body_for(order))

    assert answer.status_code == 201
    assert guest.get(f"{PAYMENTS}{answer.json()['id']}/").status_code == 200
    assert guest.get(PAYMENTS).json()["count"] == 1


def test_paying_twice_is_a_conflict(owner: APIClient, order: Order) -> None:
    owner.post(PAYMENTS, body_for(order))

    problem = owner.post(PAYMENTS, body_for(order))

    assert (problem.status_code, problem.json()["code"]) == (409, "already_paid")


@pytest.mark.parametrize("token", ["tok_success", "tok_declined"])
def test_the_same_key_gets_the_first_answer_again(
    owner: APIClient, order: Order, token: str
) -> None:
    headers = {"Idempotency-Key": "pay-once"}
    first = owner.post(PAYMENTS, body_for(order, token), headers=headers)

    again = owner.post(PAYMENTS, body_for(order, token), headers=headers)

    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert SimulatedOperation.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(owner: APIClient, order: Order) -> None:
    headers = {"Idempotency-Key": "pay-once"}
    owner.post(PAYMENTS, body_for(order, "tok_declined"), headers=headers)

    answer = owner.post(PAYMENTS, body_for(order), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    "change",
    [
        {"payment_method": "4242424242424242"},
        {"payment_method": "tok_4242 4242 4242 4242"},
        {"card": {"number": "3782-822463-10005"}},
        {"cards": [4242424242424242]},
    ],
)
def test_a_card_number_is_refused_and_nothing_of_it_is_kept(
    owner: APIClient, order: Order, change: dict[str, Any]
) -> None:
    answer = owner.post(PAYMENTS, body_for(order) | change, headers={"Idempotency-Key": "card"})

    assert (answer.status_code, answer.json()["code"]) == (400, "card_number_refused")
    assert "4242" not in answer.content.decode()
    assert not Payment.objects.exists()
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"order": "nonsense"}, "#/order"),
        ({"order": None}, "#/order"),
        ({"provider": "nobody"}, "#/provider"),
        ({"provider": ["test"]}, "#/provider"),
        ({"payment_method": ""}, "#/payment_method"),
        ({"payment_method": {"token": "tok_success"}}, "#/payment_method"),
    ],
)
def test_malformed_bodies_are_told_where(
    owner: APIClient, order: Order, change: dict[str, Any], pointer: str
) -> None:
    answer = owner.post(PAYMENTS, body_for(order) | change)

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_an_unknown_order_is_not_found(owner: APIClient, order: Order) -> None:
    answer = owner.post(PAYMENTS, body_for(order) | {"order": str(uuid4())})

    assert answer.status_code == 404


def test_too_many_tries_are_told_when_to_come_back(owner: APIClient, order: Order) -> None:
    owner.post(PAYMENTS, body_for(order, "tok_declined"))
    for _ in range(PAY_LIMIT.quota - 1):
        hit(PAY_LIMIT, f"user:{order.customer_id}")
    answer = owner.post(PAYMENTS, body_for(order))

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert SimulatedOperation.objects.count() == 1


def test_providers_are_public(api: APIClient) -> None:
    body = api.get(f"{PAYMENTS}providers/").json()

    assert body["count"] == 1
    assert (body["results"][0]["code"], body["results"][0]["name"]) == ("test", "Test gateway")
    assert "partial_refund" in body["results"][0]["capabilities"]


@pytest.mark.parametrize("rows", [1, 30])
def test_a_list_costs_the_same_for_1_and_30_rows(
    api_for: ApiFor, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for order in OrderFactory.create_batch(rows):
        paid(order)
    client = api_for(StaffFactory.create(role="Support"))

    with django_assert_num_queries(4):  # the caller, the count, the page, its transactions
        answer = client.get(f"{PAYMENTS}?page_size=100")

    assert len(answer.json()["results"]) == rows


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("status=succeeded", 1),
        ("status=failed", 0),
        ("provider=test", 1),
        ("created_after=2099-01-01T00:00:00Z", 0),
        ("ordering=-amount", 1),
    ],
)
def test_filters(owner: APIClient, order: Order, query: str, count: int) -> None:
    paid(order)

    assert owner.get(f"{PAYMENTS}?{query}").json()["count"] == count
    assert owner.get(f"{PAYMENTS}?order={order.pk}").json()["count"] == 1


@pytest.mark.parametrize("query", ["status=lost", "order=1", "colour=red", "ordering=colour"])
def test_unknown_filters_are_refused(owner: APIClient, query: str) -> None:
    assert owner.get(f"{PAYMENTS}?{query}").status_code == 400
