"""Refunds of units and of the shipping: right to the cent, never twice."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from cart.tests.factories import sellable
from core.audit import discrepancies
from inventory.tests.racing import race
from orders import refunds
from orders import services as order_services
from orders.models import Order, OrderLine, OrderStatus, ReturnLine
from orders.refunds import RefundPart, line_refund
from orders.services import RequestReturn, ReturnStep, UnknownOrderLine
from orders.tests.factories import place, ship
from payments.gateways.base import Failed, FollowUp, GatewayResult
from payments.gateways.test import TestGateway
from payments.models import Payment, PaymentStatus, PaymentTransaction, RefundLine
from payments.services import staff
from payments.services.automatic_refunds import refund_return
from payments.services.refund_lines import AlreadyRefunded
from payments.services.staff import StaffRequest
from payments.tests.factories import paid, run_jobs
from pricing.models import TaxRate

pytestmark = pytest.mark.django_db


def bought(*prices_and_units: tuple[str, int], rate: str = "0.19") -> Order:
    """Return a paid order with tax added, of which neither unit price is whole."""
    TaxRate.objects.create(country="DE", tax_class="standard", name="VAT", rate=Decimal(rate))
    items = [(sellable(variant__price=Decimal(price)), units) for price, units in prices_and_units]
    order = place(UserFactory.create(), items)
    paid(order)
    return order


@pytest.fixture
def order() -> Order:
    return bought(("9.99", 3), ("0.35", 7))


@pytest.fixture
def clerk() -> User:
    return StaffFactory.create(role="Order manager")


def refund_units(order: Order, by: User, *units: tuple[int, int], **more: Any) -> Payment:
    """Refund (position, quantity) pairs of an order's lines."""
    lines = list(order.lines.order_by("position"))
    items = {lines[position].pk: quantity for position, quantity in units}
    return staff.refund_payment(request=StaffRequest(order.payment.pk, by, items=items, **more))


def refunds_of(order: Order) -> list[Decimal]:
    rows = PaymentTransaction.objects.filter(payment__order=order, kind="refund")
    return list(rows.order_by("at", "id").values_list("amount", flat=True))


def assert_clean() -> None:
    assert discrepancies() == []


def test_a_unit_is_refunded_with_its_tax(order: Order, clerk: User) -> None:
    payment = refund_units(order, clerk, (0, 1))

    assert payment.refunded == Decimal("11.89")  # 35.66 / 3
    part = RefundLine.objects.get()
    assert (part.quantity, part.amount, part.tax_amount) == (1, Decimal("11.89"), Decimal("1.90"))
    assert_clean()


def test_the_units_of_a_line_sum_to_it(order: Order, clerk: User) -> None:
    for _ in range(3):
        refund_units(order, clerk, (0, 1))
    for _ in range(7):
        refund_units(order, clerk, (1, 1))

    parts = RefundLine.objects.filter(order_line__position=1)
    line = order.lines.get(position=1)
    assert sum(part.amount for part in parts) == line.line_total
    assert sum(part.tax_amount for part in parts) == line.tax_amount
    assert len(set(refunds_of(order)[3:])) == 2  # 41 and 42 cents
    assert_clean()


def test_all_lines_and_the_shipping_are_the_whole_order(order: Order, clerk: User) -> None:
    refund_units(order, clerk, (0, 2))
    refund_units(order, clerk, shipping=True)
    payment = refund_units(order, clerk, (0, 1), (1, 7))

    order.refresh_from_db()
    assert payment.refunded == sum(refunds_of(order)) == order.total
    assert (payment.status, order.status) == (PaymentStatus.REFUNDED, OrderStatus.REFUNDED)
    tax = sum(part.tax_amount for part in RefundLine.objects.all())
    assert tax == order.tax_total
    assert_clean()


@pytest.mark.parametrize(
    ("units", "shipping"), [([(0, 4)], False), ([(0, 1), (1, 8)], False), ([], True)]
)
def test_nothing_is_refunded_twice(
    order: Order, clerk: User, units: list[tuple[int, int]], shipping: bool
) -> None:
    refund_units(order, clerk, shipping=True)
    before = refunds_of(order)

    with pytest.raises(AlreadyRefunded):
        refund_units(order, clerk, *units, shipping=shipping)

    assert refunds_of(order) == before


def test_how_many_are_left_is_told(order: Order, clerk: User) -> None:
    refund_units(order, clerk, (0, 2))

    with pytest.raises(AlreadyRefunded, match="Only 1 can be refunded") as refusal:
        refund_units(order, clerk, (0, 2))

    assert refusal.value.members["refundable"] == 1


def test_a_line_of_another_order_is_refused(order: Order, clerk: User) -> None:
    with pytest.raises(UnknownOrderLine):
        staff.refund_payment(request=StaffRequest(order.payment.pk, clerk, items={uuid4(): 1}))

    assert refunds_of(order) == []


def test_parts_and_an_amount_exclude_each_other(order: Order, clerk: User) -> None:
    with pytest.raises(staff.InvalidAmount):
        refund_units(order, clerk, (0, 1), amount=Decimal("1.00"))

    assert refunds_of(order) == []


def test_units_never_cost_more_than_what_is_left_of_the_money(order: Order, clerk: User) -> None:
    staff.refund_payment(request=StaffRequest(order.payment.pk, clerk, order.total - 10))

    with pytest.raises(staff.RefundExceedsCaptured) as refusal:
        refund_units(order, clerk, (0, 1))

    assert refusal.value.members == {"refundable": "10.00"}
    assert not RefundLine.objects.exists()


class RefusingGateway(TestGateway):
    """A provider that refuses refunds."""

    def refund(self, follow_up: FollowUp) -> GatewayResult:
        return Failed("not_refundable", "No.", "")


def test_units_of_a_refund_that_failed_can_be_refunded_again_to_the_cent(
    order: Order, clerk: User, settings: Settings
) -> None:
    refund_units(order, clerk, (1, 1))
    settings.PAYMENT_GATEWAYS = [f"{__name__}.RefusingGateway"]
    with pytest.raises(staff.RefusedByProvider):
        refund_units(order, clerk, (1, 2), shipping=True)
    settings.PAYMENT_GATEWAYS = ["payments.gateways.test.TestGateway"]

    refund_units(order, clerk, (1, 3))
    refund_units(order, clerk, (0, 3), (1, 3), shipping=True)

    assert Payment.objects.get().refunded == order.total
    assert_clean()


def come_back(order: Order, position: int, units: int) -> Decimal:
    """Receive a return of a delivered order, refund it, and return what it brought."""
    line = order.lines.get(position=position)
    command = RequestReturn(order_id=order.pk, quantities={line.pk: units})
    returned = order_services.request_return(command=command)
    step = ReturnStep(order.pk, returned.pk)
    order_services.approve_return(step=step)
    received = order_services.receive_return(step=step)
    assert received.refund_amount is not None
    refund_return(order_id=order.pk, return_id=returned.pk, amount=received.refund_amount)
    run_jobs("payments.tasks.execute")
    return received.refund_amount


@pytest.fixture
def delivered(order: Order) -> Order:
    ship(order)
    order_services.deliver_order(order_id=order.pk, by=None)
    return order


def position_of_first(order: Order) -> int:
    return order.lines.order_by("position").values_list("position", flat=True)[0]


def test_returns_and_refunds_of_a_line_share_its_cents(delivered: Order, clerk: User) -> None:
    first = position_of_first(delivered)
    refund_units(delivered, clerk, (0, 1))
    brought = come_back(delivered, first, 1)
    refund_units(delivered, clerk, (0, 1))

    line = delivered.lines.get(position=first)
    assert sum(refunds_of(delivered)) == line.line_total
    assert ReturnLine.objects.get().refund_amount == brought
    with pytest.raises(AlreadyRefunded):
        refund_units(delivered, clerk, (0, 1))
    assert_clean()


def test_goods_that_were_refunded_already_bring_nothing_when_they_come_back(
    delivered: Order, clerk: User
) -> None:
    refund_units(delivered, clerk, (0, 2))
    line_total = delivered.lines.get(position=position_of_first(delivered)).line_total

    brought = come_back(delivered, position_of_first(delivered), 3)

    assert sum(refunds_of(delivered)) == line_total
    assert brought == line_total - refunds_of(delivered)[0]
    assert_clean()


@given(
    total=st.decimals("0", "500", places=2),
    tax=st.decimals("0", "1", places=2),
    quantity=st.integers(1, 12),
    data=st.data(),
)
@hypothesis_settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_fails_in_between_the_units_of_a_line_sum_to_it(
    total: Decimal, tax: Decimal, quantity: int, data: st.DataObject
) -> None:
    line = OrderLine(line_total=total, tax_amount=min(tax, total), quantity=quantity)
    standing: list[RefundPart] = []
    while (settled := sum(standing, RefundPart())).units < quantity:
        units = data.draw(st.integers(1, quantity - settled.units))
        standing.append(line_refund(line, units, settled, "USD"))
        if len(standing) > 1 and data.draw(st.booleans()) and data.draw(st.booleans()):
            standing.pop(data.draw(st.integers(0, len(standing) - 1)))  # the provider refused it
        assert sum(standing, RefundPart()).amount <= total

    assert sum(standing, RefundPart()).amount == total


def test_the_database_refuses_nonsense(order: Order) -> None:
    row = order.payment.transactions.get()
    good = {"transaction": row, "quantity": 1, "amount": 2, "tax_amount": 1}
    for bad in ({"quantity": 0}, {"tax_amount": 3}, {"tax_amount": -1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RefundLine.objects.create(**(good | bad))
    RefundLine.objects.create(**good)
    with pytest.raises(IntegrityError), transaction.atomic():
        RefundLine.objects.create(**good)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_20_refunds_of_a_unit_at_once_give_back_what_there_is() -> None:
    order, clerk = bought(("3.33", 10)), StaffFactory.create()
    request = StaffRequest(order.payment.pk, clerk, items={order.lines.get().pk: 1})

    outcomes = race([partial(staff.refund_payment, request=request)] * 20)

    refused = [outcome for outcome in outcomes if isinstance(outcome, AlreadyRefunded)]
    assert len(refused) == 10, outcomes
    assert Payment.objects.get().refunded == order.lines.get().line_total
    assert_clean()


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_shipping_refunded_20_times_at_once_goes_back_once() -> None:
    order, clerk = bought(("3.33", 10)), StaffFactory.create()
    request = StaffRequest(order.payment.pk, clerk, shipping=True)

    outcomes = race([partial(staff.refund_payment, request=request)] * 20)

    assert len([outcome for outcome in outcomes if isinstance(outcome, AlreadyRefunded)]) == 19, (
        outcomes
    )
    assert Payment.objects.get().refunded == refunds.shipping_refund(order).amount
    assert_clean()


@pytest.fixture
def desk(clerk: User, api_for: Callable[[User], APIClient]) -> Callable[..., Any]:
    client = api_for(clerk)

    def post(order: Order, **body: Any) -> Any:
        return client.post(f"/api/v1/payments/{order.payment.pk}/refund/", body)

    return post


def test_the_api_refunds_items_and_shipping(order: Order, desk: Callable[..., Any]) -> None:
    line: UUID = order.lines.order_by("position")[0].pk

    answer = desk(order, items=[{"item": str(line), "quantity": 1}], shipping=True, reason="Torn.")

    shipping = refunds.shipping_refund(order).amount
    assert answer.status_code == 200
    assert Decimal(answer.json()["refunded_amount"]) == Decimal("11.89") + shipping
    again = desk(order, shipping=True)
    assert (again.status_code, again.json()["code"]) == (409, "already_refunded")


def test_a_payment_tells_what_its_refunds_are_for(
    order: Order, clerk: User, api_for: Callable[[User], APIClient]
) -> None:
    line = order.lines.order_by("position")[0]
    refund_units(order, clerk, (0, 2), shipping=True)
    refund_units(order, clerk, amount=Decimal("0.50"))
    shipping = refunds.shipping_refund(order)
    expected = [
        {"item": str(line.pk), "quantity": 2, "amount": "23.77", "tax_amount": "3.79"},
        {
            "item": None,
            "quantity": 1,
            "amount": f"{shipping.amount:.2f}",
            "tax_amount": f"{shipping.tax:.2f}",
        },
    ]

    client = api_for(clerk)
    page = client.get(f"/api/v1/payments/{order.payment.pk}/").json()
    [listed] = client.get("/api/v1/payments/").json()["results"]

    for shown in (page, listed):
        items = [transaction["items"] for transaction in shown["transactions"]]
        assert items == [[], expected, []]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"items": [{"item": "x", "quantity": 1}]}, "#/items/0/item"),
        ({"items": [{"item": str(uuid4()), "quantity": 0}]}, "#/items/0/quantity"),
        ({"items": [{"item": str(uuid4()), "quantity": 10**18}]}, "#/items/0/quantity"),
        ({"items": {"item": 1}}, "#/items"),
        ({"items": [{"item": str(uuid4()), "quantity": 1}]}, "#/items"),
        ({"shipping": "perhaps"}, "#/shipping"),
        ({"shipping": True, "amount": "1.00"}, "#/amount"),
    ],
)
def test_malformed_parts_are_told_where(
    order: Order, desk: Callable[..., Any], body: dict[str, Any], pointer: str
) -> None:
    answer = desk(order, **body)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert refunds_of(order) == []


def test_an_item_named_twice_is_refused(order: Order, desk: Callable[..., Any]) -> None:
    item = {"item": str(order.lines.order_by("position")[0].pk), "quantity": 1}

    assert desk(order, items=[item, item]).status_code == 400
    assert refunds_of(order) == []
