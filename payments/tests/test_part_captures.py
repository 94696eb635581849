"""Captures of a part, and every way on from there, walked against a small reference model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory
from core.errors import DomainError
from orders import selectors as order_selectors
from orders import services as order_services
from orders.models import Order
from orders.statuses import payment_status
from payments.gateways.base import FollowUp, GatewayResult, GatewayTimeout
from payments.gateways.test import TestGateway
from payments.models import Payment, PaymentTransaction
from payments.services import staff
from payments.services.automatic_refunds import refund_cancelled_order
from payments.services.reconciliation import resolve
from payments.services.staff import StaffRequest
from payments.tests.factories import OrderFactory, paid, run_jobs
from payments.tests.test_races import assert_clean

pytestmark = pytest.mark.django_db

TOTAL: Final = Decimal("37.23")
ORDER_SAYS: Final = {"succeeded": "paid", "cancelled": "unpaid"}
Step = tuple[str, Decimal | None, bool]  # what, how much (None: all that is left), answer lost


@dataclass
class Model:
    """An order of 37.23 that was authorized, as its history must leave it."""

    order: str = "pending"
    captured: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    is_voided: bool = False
    unanswered: list[tuple[str, Decimal]] = field(default_factory=list)

    def under_way(self, kind: str) -> Decimal:
        return sum((amount for asked, amount in self.unanswered if asked == kind), Decimal(0))

    @property
    def capturable(self) -> Decimal:
        if self.is_voided or self.under_way("void"):
            return Decimal(0)
        return TOTAL - self.captured - self.under_way("capture")

    @property
    def refundable(self) -> Decimal:
        return self.captured - self.refunded - self.under_way("refund")

    @property
    def payment(self) -> str:
        is_over = self.is_voided or self.captured == TOTAL
        if self.refunded:
            is_back = self.refunded == self.captured and is_over
            return "refunded" if is_back else "partially_refunded"
        if self.captured:
            return "succeeded" if self.captured == TOTAL else "partially_captured"
        return "cancelled" if self.is_voided else "authorized"

    def accepts(self, kind: str, amount: Decimal | None) -> bool:
        if kind == "cancel":
            return self.order in {"pending", "paid"}
        if kind == "void":
            return self.capturable > 0 and not self.under_way("capture")
        left = self.capturable if kind == "capture" else self.refundable
        return 0 < (left if amount is None else amount) <= left

    def ask(self, kind: str, amount: Decimal | None, *, is_lost: bool) -> None:
        if kind == "cancel":
            self.order = "cancelled"
            self.return_money()
            return
        left = self.refundable if kind == "refund" else self.capturable
        sure = left if amount is None else amount
        if is_lost:
            self.unanswered.append((kind, sure))
        else:
            self.happen(kind, sure)

    def answer_all(self) -> None:
        while self.unanswered:
            self.happen(*self.unanswered.pop(0))

    def happen(self, kind: str, amount: Decimal) -> None:
        if kind == "capture":
            self.captured += amount
        elif kind == "refund":
            self.refunded += amount
        else:
            self.is_voided = True
        if self.order == "pending" and self.captured == TOTAL:
            self.order = "paid"
        elif self.payment == "refunded":
            self.order = {"pending": "cancelled", "paid": "refunded"}.get(self.order, self.order)
        if self.order in {"cancelled", "refunded"}:
            self.return_money()

    def return_money(self) -> None:
        if self.refundable:
            self.happen("refund", self.refundable)
        if self.accepts("void", None):
            self.happen("void", self.capturable)


class Shop:
    """The same order in the shop."""

    def __init__(self, clerk: User, monkeypatch: pytest.MonkeyPatch) -> None:
        self.order, self.clerk, self.monkeypatch = (
            OrderFactory.create(total=TOTAL),
            clerk,
            monkeypatch,
        )
        paid(self.order)

    def take(self, kind: str, amount: Decimal | None, *, is_lost: bool) -> bool:
        """Ask for it; tells whether it was accepted."""
        payment = Payment.objects.get(order=self.order)
        is_all = kind == "refund" and amount is None
        request = StaffRequest(payment.pk, self.clerk, amount, everything=is_all)
        service = {
            "capture": staff.capture_payment,
            "refund": staff.refund_payment,
            "void": staff.void_payment,
        }
        try:
            if kind == "cancel":
                order_services.cancel_order(order_id=self.order.pk, by=self.clerk)
                refund_cancelled_order(order_id=self.order.pk)
            elif is_lost:
                with self.monkeypatch.context() as patch:
                    patch.setattr(TestGateway, kind, losing(getattr(TestGateway, kind)))
                    service[kind](request=request)
            else:
                service[kind](request=request)
        except DomainError:
            return False
        run_jobs("payments.tasks.execute")
        return True

    def answer_all(self) -> None:
        later = timezone.now() + timedelta(minutes=1)
        open_ones = PaymentTransaction.objects.filter(payment__order=self.order, status="requested")
        for transaction in open_ones.order_by("at", "id"):
            resolve(transaction_id=transaction.pk, now=later)
            run_jobs("payments.tasks.execute")

    @property
    def standing(self) -> tuple[Any, ...]:
        orders = order_selectors.with_figures(Order.objects.filter(pk=self.order.pk))
        order, payment = orders.get(), Payment.objects.get(order=self.order)
        said = payment_status(order).value
        return order.status, payment.status, said, payment.captured, payment.refunded


def losing(
    answer: Callable[[TestGateway, FollowUp], GatewayResult],
) -> Callable[[TestGateway, FollowUp], GatewayResult]:
    def call(gateway: TestGateway, follow_up: FollowUp) -> GatewayResult:
        answer(gateway, follow_up)
        raise GatewayTimeout

    return call


amounts = st.sampled_from([None, Decimal("5.00"), Decimal("12.34"), Decimal("32.23")])
steps = st.one_of(
    st.tuples(st.sampled_from(["capture", "refund"]), amounts, st.booleans()),
    st.tuples(st.just("void"), st.none(), st.booleans()),
    st.tuples(st.sampled_from(["cancel", "answer"]), st.none(), st.just(False)),
)
FIVE: Final = Decimal("5.00")


@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(walk=[("capture", FIVE, False), ("refund", None, False), ("capture", None, False)])
@example(walk=[("capture", FIVE, False), ("void", None, False), ("refund", None, False)])
@example(walk=[("capture", FIVE, False), ("refund", None, False), ("void", None, True)])
@example(walk=[("capture", FIVE, True), ("cancel", None, False), ("answer", None, False)])
@example(walk=[("capture", FIVE, False), ("capture", None, True), ("refund", None, False)])
@given(walk=st.lists(steps, min_size=1, max_size=7))
def test_every_path_agrees_with_the_model(
    walk: list[Step], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PAYMENT_CAPTURE = "manual"
    model, shop = Model(), Shop(StaffFactory.create(), monkeypatch)
    for kind, amount, is_lost in [*walk, ("answer", None, False)]:
        if kind == "answer":
            model.answer_all()
            shop.answer_all()
        else:
            is_fine = model.accepts(kind, amount)
            if is_fine:
                model.ask(kind, amount, is_lost=is_lost)
            assert shop.take(kind, amount, is_lost=is_lost) == is_fine
        said = ORDER_SAYS.get(model.payment, model.payment)
        expected = (model.order, model.payment, said, model.captured, model.refunded)
        assert shop.standing == expected
        assert_clean()


@pytest.fixture
def desk(api_for: Callable[[User], APIClient], settings: Settings) -> Callable[..., Any]:
    """Return what posts to the payment of an authorized order of 37.23."""
    settings.PAYMENT_CAPTURE = "manual"
    client = api_for(StaffFactory.create(role="Order manager"))
    payment = paid(OrderFactory.create(total=TOTAL))

    def post(action: str, **body: Any) -> Any:
        client.post(f"/api/v1/payments/{payment.pk}/{action}/", body)
        own = client.get(f"/api/v1/payments/{payment.pk}/").json()
        order = client.get(f"/api/v1/orders/{payment.order_id}/").json()
        return own["status"], own["refunded_amount"], order["status"], order["payment_status"]

    return post


def test_a_part_that_was_captured_is_told_and_refunded(desk: Callable[..., Any]) -> None:
    part = desk("capture", amount="5.00")
    assert part == ("partially_captured", "0.00", "pending", "partially_captured")

    back = desk("refund", amount="5.00")
    assert back == ("partially_refunded", "5.00", "pending", "partially_refunded")
    assert desk("capture") == ("partially_refunded", "5.00", "paid", "partially_refunded")
    assert_clean()


def test_the_rest_of_a_part_is_released(desk: Callable[..., Any]) -> None:
    desk("capture", amount="5.00")

    assert desk("void") == ("partially_captured", "0.00", "pending", "partially_captured")
    assert desk("refund", all=True) == ("refunded", "5.00", "cancelled", "refunded")
    assert_clean()


@pytest.mark.parametrize("after", ["capture", "refund"])
def test_an_order_with_a_part_captured_is_not_changed_or_cancelled_by_the_clock(
    desk: Callable[..., Any], after: str
) -> None:
    desk("capture", amount="5.00")
    desk(after, amount="2.00")
    Order.objects.update(payment_due_at=timezone.now())

    assert not order_selectors.unpaid_orders_due(now=timezone.now()).exists()
    assert order_selectors.has_payment_in_progress(Order.objects.get())
