"""Payments in the backoffice."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.tests.factories import StaffFactory, UserFactory
from orders.models import Order, OrderStatus
from orders.tests.factories import place
from payments.models import Payment, SimulatedOperation
from payments.services.paying import CardDeclined
from payments.tests.factories import OrderFactory, paid, run_jobs

pytestmark = pytest.mark.django_db

PAGE = "/admin/payments/payment/"
SUBMIT = {"_form_submitted": "on"}


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(StaffFactory.create(role=role), "accounts.backends.RoleBackend")
    return client


@pytest.fixture
def clerk() -> Client:
    return signed_in("Order manager")


def test_the_list_finds_a_payment_by_its_order(clerk: Client) -> None:
    payment = paid(OrderFactory.create())

    answer = clerk.get(PAGE, {"q": payment.order.number})

    assert payment.order.number in answer.content.decode()
    assert "100.00 USD" in answer.content.decode()


def test_the_list_tells_how_attempts_ended_lately(clerk: Client) -> None:
    for _ in range(3):
        paid(OrderFactory.create())
    with pytest.raises(CardDeclined):
        paid(OrderFactory.create(), "tok_declined")

    page = clerk.get(PAGE).content.decode()

    assert "test: 75.0% of attempts succeeded" in page
    assert "3 succeeded, 1 refused" in page


def test_the_page_shows_the_timeline(clerk: Client) -> None:
    payment = paid(OrderFactory.create())

    page = clerk.get(f"{PAGE}{payment.pk}/change/").content.decode()

    assert payment.reference in page
    assert "3.20 USD" in page
    assert "Timeline" in page


@pytest.mark.parametrize(
    ("capture", "token", "offered"),
    [
        ("automatic", "tok_success", {"refund"}),
        ("manual", "tok_success", {"capture", "void"}),
        ("automatic", "tok_requires_action", set()),
    ],
)
def test_the_page_offers_what_is_possible(
    clerk: Client, settings: Settings, capture: str, token: str, offered: set[str]
) -> None:
    settings.PAYMENT_CAPTURE = capture
    payment = paid(OrderFactory.create(), token)

    page = clerk.get(f"{PAGE}{payment.pk}/change/").content.decode()

    actions = {
        action for action in ("refund", "capture", "void") if f"{payment.pk}/{action}/" in page
    }
    assert actions == offered


def test_a_refund_is_confirmed_before_it_is_done(clerk: Client) -> None:
    payment = paid(OrderFactory.create())
    url = f"{PAGE}{payment.pk}/refund/"

    asked = clerk.get(url)
    assert "This cannot be undone." in asked.content.decode()
    assert Payment.objects.get().refunded == 0

    done = clerk.post(url, SUBMIT | {"amount": "30.00", "reason": "Torn cover."})
    assert done.status_code == 302
    assert Payment.objects.get().refunded == 30


def test_everything_is_refunded_only_when_that_is_chosen(clerk: Client) -> None:
    payment = paid(OrderFactory.create())
    url = f"{PAGE}{payment.pk}/refund/"

    told = clerk.post(url, SUBMIT, follow=True).content.decode()
    assert "Say what to refund" in told
    clerk.post(url, SUBMIT | {"everything": "on", "amount": "1.00"})
    assert Payment.objects.get().refunded == 0

    clerk.post(url, SUBMIT | {"everything": "on"})
    assert Payment.objects.get().refunded == payment.amount


def test_what_is_not_possible_is_told(clerk: Client) -> None:
    payment = paid(OrderFactory.create())

    answer = clerk.post(f"{PAGE}{payment.pk}/refund/", SUBMIT | {"amount": "100.01"}, follow=True)

    assert "More than what can still be refunded." in answer.content.decode()
    assert Payment.objects.get().refunded == 0


@pytest.mark.parametrize("action", ["refund", "capture", "void"])
def test_support_may_look_but_not_touch(action: str) -> None:
    payment, support = paid(OrderFactory.create()), signed_in("Support")

    assert support.get(f"{PAGE}{payment.pk}/change/").status_code == 200
    assert support.post(f"{PAGE}{payment.pk}/{action}/", SUBMIT).status_code == 403
    assert Payment.objects.get().refunded == 0


@pytest.mark.parametrize(
    ("action", "status"), [("confirm", OrderStatus.PAID), ("refuse", OrderStatus.PENDING)]
)
def test_staff_can_play_the_customer_who_must_act(clerk: Client, action: str, status: str) -> None:
    paid(OrderFactory.create(), "tok_requires_action")
    operation = SimulatedOperation.objects.get()

    clerk.post(f"/admin/payments/simulatedoperation/{operation.pk}/{action}/", SUBMIT)
    run_jobs("payments.tasks.apply_webhook")

    assert Order.objects.get().status == status


def test_units_and_shipping_are_refunded_from_the_dialog(clerk: Client) -> None:
    order = place(UserFactory.create())
    paid(order)
    line, url = order.lines.get(), f"{PAGE}{order.payment.pk}/refund/"
    assert "Units, 2 left to refund." in clerk.get(url).content.decode()

    clerk.post(url, SUBMIT | {str(line.pk): "1", "shipping": "on"})

    page = clerk.get(f"{PAGE}{order.payment.pk}/change/").content.decode()
    assert f"1 × {line.sku}, shipping" in page
    assert Payment.objects.get().refunded == line.line_total / 2 + order.shipping_total
    asked = clerk.get(url).content.decode()
    assert "Units, 1 left to refund." in asked
    assert 'name="shipping"' not in asked


def test_more_units_than_are_left_are_refused_by_the_dialog(clerk: Client) -> None:
    order = place(UserFactory.create())
    paid(order)

    clerk.post(f"{PAGE}{order.payment.pk}/refund/", SUBMIT | {str(order.lines.get().pk): "3"})

    assert Payment.objects.get().refunded == 0


@pytest.mark.parametrize("page", ["payment", "webhookevent", "dayreport"])
@pytest.mark.parametrize("key", ["nonsense", "0198f3a2-8c00-7a11-8f00-1b2c3d4e5f60"])
def test_what_does_not_exist_leads_back_to_the_list(clerk: Client, page: str, key: str) -> None:
    answer = clerk.get(f"/admin/payments/{page}/{key}/change/")

    assert answer.status_code == 302
