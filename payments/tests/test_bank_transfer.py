"""Bank transfer tells the customer where to pay: in the answer and by e-mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from environs import ValidationError
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from config.settings.checks import is_bic, is_iban
from core.models import DomainEvent
from orders.models import Order
from payments.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]
IBAN = "DE89370400440532013000"


@pytest.fixture(autouse=True)
def _account(settings: Settings) -> None:
    settings.PAYMENT_GATEWAYS = [
        *settings.PAYMENT_GATEWAYS,
        "payments.gateways.offline.BankTransferGateway",
        "payments.gateways.offline.CashOnDeliveryGateway",
    ]
    settings.BANK_ACCOUNT_HOLDER = "Tradepost Books"
    settings.BANK_IBAN, settings.BANK_BIC = IBAN, "COBADEFFXXX"


def order_in(currency: str) -> Order:
    address = {"country": "DE"}
    return OrderFactory.create(currency=currency, total="100.50", shipping_address=address)


def promise(api_for: ApiFor, order: Order, provider: str = "bank_transfer") -> Any:
    body = {"order": str(order.pk), "provider": provider, "payment_method": provider}
    assert order.customer
    answer = api_for(order.customer).post("/api/v1/payments/", body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_the_answer_says_where_to_pay_in_words_and_as_a_code(api_for: ApiFor) -> None:
    order = order_in("EUR")

    transfer = promise(api_for, order)["bank_transfer"]

    code = transfer.pop("qr_code")
    assert code.startswith("data:image/svg+xml")
    assert transfer.pop("qr_text").split("\n") == [
        *("BCD", "002", "1", "SCT", "COBADEFFXXX", "Tradepost Books", IBAN, "EUR100.50"),
        *("", "", order.number),
    ]
    assert transfer == {
        "account_holder": "Tradepost Books",
        "iban": IBAN,
        "bic": "COBADEFFXXX",
        "reference": order.number,
        "amount": "100.50",
        "currency": "EUR",
    }
    event = DomainEvent.objects.get(name="order.transfer_awaited")
    assert event.payload == {"order_id": str(order.pk), "amount": "100.5000"}


def test_there_is_a_code_for_euro_only(api_for: ApiFor) -> None:
    transfer = promise(api_for, order_in("USD"))["bank_transfer"]

    assert (transfer["amount"], transfer["qr_text"], transfer["qr_code"]) == ("100.50", "", "")


def test_what_is_still_to_come_is_told_until_all_is_there(api_for: ApiFor) -> None:
    order = order_in("EUR")
    payment = promise(api_for, order)
    clerk = api_for(StaffFactory.create(role="Order manager"))
    url = f"/api/v1/payments/{payment['id']}/"

    part = clerk.post(f"{url}capture/", {"amount": "40.00"}).json()
    assert part["bank_transfer"]["amount"] == "60.50"
    clerk.post(f"{url}capture/", {})

    assert clerk.get(url).json()["bank_transfer"] is None


@pytest.mark.parametrize("provider", ["cash_on_delivery", "bank_transfer"])
def test_a_shop_without_an_account_and_cash_tell_nothing(
    api_for: ApiFor, settings: Settings, provider: str
) -> None:
    settings.BANK_IBAN = "" if provider == "bank_transfer" else IBAN

    assert promise(api_for, order_in("EUR"), provider)["bank_transfer"] is None


def test_lists_tell_it_without_pictures_and_at_the_same_cost(api_for: ApiFor) -> None:
    clerk = api_for(StaffFactory.create(role="Order manager"))
    promise(api_for, order_in("EUR"))
    with CaptureQueriesContext(connection) as one:
        clerk.get("/api/v1/payments/")
    for _ in range(3):
        promise(api_for, order_in("EUR"))

    with CaptureQueriesContext(connection) as four:
        rows = clerk.get("/api/v1/payments/").json()["results"]

    assert [row["bank_transfer"]["qr_code"] for row in rows] == [""] * 4
    assert len(one) == len(four)


def test_a_stranger_does_not_see_it(api_for: ApiFor) -> None:
    payment = promise(api_for, order_in("EUR"))

    stranger = api_for(UserFactory.create())

    assert stranger.get(f"/api/v1/payments/{payment['id']}/").status_code == 404


@pytest.mark.parametrize(
    "text",
    ["DE89370400440532013001", "DE89 3704 0044 0532 0130 01", "de89370400440532013000", "DE"],
)
def test_a_wrong_account_stops_the_start(text: str) -> None:
    is_iban(IBAN)
    is_bic("COBADEFF")

    with pytest.raises(ValidationError):
        is_iban(text)
    with pytest.raises(ValidationError):
        is_bic(text)
