"""Orders go through everything that can become of them, in any order, and agree with a model."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from cart.tests.factories import sellable
from core import events
from core.audit import discrepancies
from core.models import DomainEvent
from inventory.models import StockItem
from orders.models import OrderLine
from orders.tests.factories import ADDRESS, shipping_method
from payments.models import PaymentTransaction
from payments.services.provider_calls import execute
from payments.tests.reference_order import SHIPPING, ReferenceLine, ReferenceOrder

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ApiFor = Callable[[User], APIClient]
STOCKED: Final = 20
WALKS: Final = 12
STEPS: Final = 14
HANDLERS: Final = {
    "order.cancelled": "refund_cancelled_order",
    "order.rest_cancelled": "refund_called_off",
    "order.return_received": "refund_return",
}
places = st.integers(0, 1)
units = st.integers(1, 4)
amounts = st.sampled_from([Decimal("0.10"), Decimal("5.00"), Decimal("13.25"), Decimal("40.00")])


class OrderWalk(RuleBasedStateMachine):
    """Each rule asks the model and the shop the same, over HTTP."""

    def __init__(self, clerk: APIClient, owner: APIClient, settings: Settings) -> None:
        super().__init__()
        self.clerk, self.owner, self.settings = clerk, owner, settings

    @initialize(first=units, second=units)
    def place(self, first: int, second: int) -> None:
        prices = (Decimal("9.95"), Decimal("3.35"))
        variants = [sellable(stocked=STOCKED, variant__price=price) for price in prices]
        items = [
            {"variant": str(variant.pk), "quantity": number}
            for variant, number in zip(variants, (first, second), strict=True)
        ]
        method = str(shipping_method(price=str(SHIPPING)).pk)
        body = {"items": items, "shipping_address": ADDRESS, "shipping_method": method}
        page = self.owner.post("/api/v1/orders/", body).json()
        self.url, self.id = f"/api/v1/orders/{page['id']}/", page["id"]
        self.items = [item["id"] for item in page["items"]]
        self.variants = variants
        self.model = ReferenceOrder(
            [
                ReferenceLine(price, number, STOCKED)
                for price, number in zip(prices, (first, second), strict=True)
            ]
        )
        self.last_event = DomainEvent.objects.order_by("-id").values_list("pk", flat=True)[0]

    def ask(self, client: APIClient, url: str, *, expected: bool, **body: Any) -> Any:
        answer = client.post(url, body)
        assert answer.status_code < 500, answer.content
        assert (answer.status_code < 400) == expected, (url, body, answer.content, self.model)
        self.let_jobs_run()
        return answer.json()

    def let_jobs_run(self) -> None:
        """Do what the workers do, and what staff do with a refund that waits for them."""
        fresh = DomainEvent.objects.filter(pk__gt=self.last_event).order_by("id")
        for event in list(fresh):
            self.last_event = event.pk
            if handler := HANDLERS.get(event.name):
                events.deliver(event_id=event.pk, handler=f"payments.tasks.{handler}")
        own = PaymentTransaction.objects.filter(payment__order=self.id)
        for transaction in own.filter(status="requested").order_by("id"):
            execute(transaction_id=transaction.pk)
        if own.filter(kind="refund", status="requires_action").exists():
            self.clerk.post(self.payment_url("refund"), {"all": True})

    def payment_url(self, step: str) -> str:
        key = PaymentTransaction.objects.filter(payment__order=self.id).values_list("payment_id")
        return f"/api/v1/payments/{key[0][0] if key else self.id}/{step}/"

    def parcel(self, place: int, number: int) -> list[dict[str, Any]]:
        return [{"item": self.items[place], "quantity": number}]

    @rule(place=places, number=units)
    def edit(self, place: int, number: int) -> None:
        expected = self.model.edit(self.model.lines[place], number)
        answer = self.owner.patch(self.url, {"items": self.parcel(place, number)})
        assert (answer.status_code == 200) == expected, (answer.content, self.model)

    @rule(how=st.sampled_from(["at once", "later", "on delivery"]))
    def pay(self, how: str) -> None:
        self.settings.PAYMENT_CAPTURE = "automatic" if how == "at once" else "manual"
        provider = "cash_on_delivery" if how == "on delivery" else "test"
        method = provider if how == "on delivery" else "tok_success"
        body = {"order": self.id, "provider": provider, "payment_method": method}
        self.ask(self.owner, "/api/v1/payments/", expected=self.model.pay(how=how), **body)

    @rule(amount=st.none() | amounts)
    def capture(self, amount: Decimal | None) -> None:
        body = {} if amount is None else {"amount": str(amount)}
        self.ask(
            self.clerk, self.payment_url("capture"), expected=self.model.capture(amount), **body
        )

    @rule()
    def void(self) -> None:
        self.ask(self.clerk, self.payment_url("void"), expected=self.model.void())

    @rule(amount=amounts)
    def refund_amount(self, amount: Decimal) -> None:
        expected = self.model.refund_amount(amount)
        self.ask(self.clerk, self.payment_url("refund"), expected=expected, amount=str(amount))

    @rule(place=places, number=units)
    def refund_units(self, place: int, number: int) -> None:
        expected = self.model.refund_units(self.model.lines[place], number)
        items = self.parcel(place, number)
        self.ask(self.clerk, self.payment_url("refund"), expected=expected, items=items)

    @rule()
    def ship(self) -> None:
        self.ask(self.clerk, f"{self.url}ship/", expected=self.model.ship(None))

    @rule(place=places, number=units)
    def ship_part(self, place: int, number: int) -> None:
        expected = self.model.ship({place: number})
        self.ask(
            self.clerk, f"{self.url}ship/", expected=expected, items=self.parcel(place, number)
        )

    @rule()
    def cancel_rest(self) -> None:
        self.ask(self.clerk, f"{self.url}cancel-rest/", expected=self.model.cancel_rest())

    @rule()
    def deliver(self) -> None:
        self.ask(self.clerk, f"{self.url}deliver/", expected=self.model.deliver())

    @rule()
    def cancel(self) -> None:
        self.ask(self.clerk, f"{self.url}cancel/", expected=self.model.cancel())

    @rule(place=places, number=units)
    def take_back(self, place: int, number: int) -> None:
        expected = self.model.take_back(self.model.lines[place], number)
        body = {"items": self.parcel(place, number), "reason": "Torn."}
        returned = self.ask(self.owner, f"{self.url}returns/", expected=expected, **body)
        if expected:
            for step in ("approve", "receive"):
                self.ask(self.clerk, f"{self.url}returns/{returned['id']}/{step}/", expected=True)

    @invariant()
    def agrees(self) -> None:
        page, model = self.clerk.get(self.url).json(), self.model
        assert (page["status"], page["payment_status"], page["fulfillment_status"]) == (
            model.status,
            model.payment_status,
            model.fulfillment_status,
        ), model
        assert Decimal(page["total"]) == model.total
        rows = OrderLine.objects.filter(order=self.id).order_by("position")
        kept = rows.values_list("quantity", "cancelled_quantity")
        assert list(kept) == [(line.quantity, line.cancelled) for line in model.lines]
        stock = dict(
            StockItem.objects.filter(variant__in=self.variants).values_list("variant_id", "on_hand")
        )
        held = dict(
            StockItem.objects.filter(variant__in=self.variants).values_list(
                "variant_id", "reserved"
            )
        )
        for variant, line in zip(self.variants, model.lines, strict=True):
            assert (stock[variant.pk], held[variant.pk]) == model.stock(line), model
        assert self.money() == (model.captured, model.refunded), model
        assert discrepancies() == []

    def money(self) -> tuple[Decimal, Decimal]:
        done = PaymentTransaction.objects.filter(payment__order=self.id, status="succeeded")
        moved = {"capture": Decimal(0), "refund": Decimal(0)}
        for kind, amount in done.filter(kind__in=moved).values_list("kind", "amount"):
            moved[kind] += amount
        return moved["capture"], moved["refund"]


def test_orders_agree_with_the_model_whatever_becomes_of_them(
    api_for: ApiFor, settings: Settings
) -> None:
    settings.PAYMENT_GATEWAYS = [
        *settings.PAYMENT_GATEWAYS,
        "payments.gateways.offline.CashOnDeliveryGateway",
    ]
    settings.THROTTLE_SCALE = 10**6
    clerk = api_for(StaffFactory.create(role="Order manager"))
    owner = api_for(UserFactory.create())

    class Walk(OrderWalk):
        def __init__(self) -> None:
            super().__init__(clerk, owner, settings)

    run_state_machine_as_test(
        Walk,
        settings=hypothesis_settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        ),
    )
