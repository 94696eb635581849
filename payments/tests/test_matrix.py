"""The whole journey with every gateway, captured at once or by staff, whatever the outcome.

The example of docs/howto/add_a_gateway.md is one of them. Every case ends with the audit.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.tests.factories import StaffFactory
from core.errors import DomainError
from orders.models import Order, OrderStatus
from payments.gateways.signatures import sign
from payments.models import Payment, PaymentStatus, PaymentTransaction
from payments.services import staff
from payments.services.paying import CardDeclined, PayOrder, pay
from payments.services.reconciliation import resolve
from payments.services.simulation import play_customer
from payments.services.staff import StaffRequest
from payments.services.webhooks import receive_webhook
from payments.tests import fake_acme
from payments.tests.factories import OrderFactory, run_jobs
from payments.tests.fake_acme import FakeAcme
from payments.tests.fake_stripe import ASKS_CUSTOMER, SUCCEEDS, FakeStripe
from payments.tests.test_races import assert_clean

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Provider:
    """What a gateway's tokens are called; None for what cannot happen with it."""

    code: str
    good: str
    declined: str | None = None
    asking: str | None = None

    def __str__(self) -> str:
        return self.code


TEST = Provider("test", "tok_success", "tok_declined", "tok_requires_action")
STRIPE = Provider("stripe", SUCCEEDS, "pm_card_visa_chargeDeclined", ASKS_CUSTOMER)
ACME = Provider("acme", fake_acme.GOOD, fake_acme.DECLINED, fake_acme.ASKING)
ONLINE = [TEST, STRIPE, ACME]
OFFLINE = [
    Provider("bank_transfer", "bank_transfer"),
    Provider("cash_on_delivery", "cash_on_delivery"),
]


class Journey:
    """An order on its way to being paid at one provider."""

    def __init__(
        self, provider: Provider, capture: str, stripe: FakeStripe, acme: FakeAcme
    ) -> None:
        self.provider, self.stripe, self.acme = provider, stripe, acme
        self.is_automatic = capture == "automatic" and provider in ONLINE
        self.order: Order = OrderFactory.create()
        self.clerk: User = StaffFactory.create()

    def pay(self, token: str | None) -> Payment:
        assert token
        return pay(command=PayOrder(self.order.pk, self.provider.code, token))

    def capture(self) -> None:
        """Let staff take what is authorized, where it was not taken at once."""
        if not self.is_automatic:
            assert self.standing == (OrderStatus.PENDING, PaymentStatus.AUTHORIZED)
            staff.capture_payment(request=StaffRequest(self.order.payment.pk, self.clerk))

    def refund(self, amount: str | None = None) -> None:
        part = Decimal(amount) if amount else None
        staff.refund_payment(
            request=StaffRequest(self.order.payment.pk, self.clerk, part, everything=part is None)
        )

    def finish_action(self, *, succeeds: bool) -> None:
        """Play the customer at their bank; what the provider tells by webhook is applied."""
        reference = Payment.objects.get(order=self.order).reference
        if self.provider == TEST:
            play_customer(reference=reference, succeeds=succeeds)
        elif self.provider == ACME:
            body = json.dumps(self.acme.finish_action(reference, succeeds=succeeds)).encode()
            secret = fake_acme.WEBHOOK_SECRET.encode()
            headers = sign(body=body, event_id="evt_1", secret=secret)
            receive_webhook(provider="acme", body=body, headers=headers)
        else:
            self.stripe.finish_action(reference, succeeds=succeeds)
            self.reconcile()
        run_jobs("payments.tasks.apply_webhook")

    def pay_without_an_answer(self) -> Payment:
        self.stripe.loses_answers = self.acme.loses_answers = True
        payment = self.pay("tok_timeout" if self.provider == TEST else self.provider.good)
        self.stripe.loses_answers = self.acme.loses_answers = False
        return payment

    def reconcile(self) -> None:
        for attempt in PaymentTransaction.objects.filter(payment__order=self.order):
            resolve(transaction_id=attempt.pk, now=timezone.now() + timedelta(minutes=1))

    @property
    def standing(self) -> tuple[str, str]:
        self.order = Order.objects.select_related("payment").get(pk=self.order.pk)
        return self.order.status, self.order.payment.status


@pytest.fixture(params=["automatic", "manual"])
def capture(request: pytest.FixtureRequest, settings: Settings) -> str:
    settings.PAYMENT_CAPTURE = request.param
    return request.param


@pytest.fixture
def journey(
    request: pytest.FixtureRequest,
    capture: str,
    stripe: FakeStripe,
    acme: FakeAcme,
    settings: Settings,
) -> Journey:
    settings.PAYMENT_GATEWAYS = [
        *settings.PAYMENT_GATEWAYS,
        "payments.gateways.offline.BankTransferGateway",
        "payments.gateways.offline.CashOnDeliveryGateway",
    ]
    return Journey(request.param, capture, stripe, acme)


with_every_gateway = pytest.mark.parametrize("journey", ONLINE + OFFLINE, indirect=True, ids=str)
with_every_network = pytest.mark.parametrize("journey", ONLINE, indirect=True, ids=str)


@with_every_gateway
def test_success_pays_the_order(journey: Journey) -> None:
    journey.pay(journey.provider.good)
    journey.capture()

    assert journey.standing == (OrderStatus.PAID, PaymentStatus.SUCCEEDED)
    assert_clean()


@with_every_gateway
def test_a_partial_refund_leaves_the_order_paid(journey: Journey) -> None:
    journey.pay(journey.provider.good)
    journey.capture()

    journey.refund("33.33")

    assert journey.standing == (OrderStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED)
    assert journey.order.payment.refunded == Decimal("33.33")
    assert_clean()


@with_every_gateway
def test_refunding_in_parts_up_to_the_whole_ends_the_order(journey: Journey) -> None:
    journey.pay(journey.provider.good)
    journey.capture()

    journey.refund("33.33")
    journey.refund()

    assert journey.standing == (OrderStatus.REFUNDED, PaymentStatus.REFUNDED)
    with pytest.raises(staff.RefundExceedsCaptured):
        journey.refund("0.01")
    assert_clean()


@with_every_gateway
def test_paying_again_is_refused(journey: Journey) -> None:
    journey.pay(journey.provider.good)

    with pytest.raises(DomainError) as refusal:
        journey.pay(journey.provider.good)

    assert refusal.value.code == "already_paid"
    assert_clean()


@with_every_network
def test_a_declined_card_leaves_the_order_payable(journey: Journey) -> None:
    with pytest.raises(CardDeclined):
        journey.pay(journey.provider.declined)

    assert journey.standing == (OrderStatus.PENDING, PaymentStatus.FAILED)
    assert_clean()
    journey.pay(journey.provider.good)
    journey.capture()
    assert journey.standing == (OrderStatus.PAID, PaymentStatus.SUCCEEDED)
    assert_clean()


@with_every_network
def test_a_customer_who_acts_pays_the_order(journey: Journey) -> None:
    assert journey.pay(journey.provider.asking).client_secret

    journey.finish_action(succeeds=True)
    journey.capture()

    assert journey.standing == (OrderStatus.PAID, PaymentStatus.SUCCEEDED)
    assert_clean()


@with_every_network
def test_a_customer_who_fails_to_act_leaves_the_order_payable(journey: Journey) -> None:
    journey.pay(journey.provider.asking)

    journey.finish_action(succeeds=False)

    assert journey.standing == (OrderStatus.PENDING, PaymentStatus.FAILED)
    assert_clean()


@with_every_network
def test_a_lost_answer_is_found_and_charged_once(journey: Journey) -> None:
    assert journey.pay_without_an_answer().status == PaymentStatus.PENDING

    journey.reconcile()
    journey.capture()

    assert journey.standing == (OrderStatus.PAID, PaymentStatus.SUCCEEDED)
    assert journey.order.payment.captured == Decimal(100)
    assert_clean()
