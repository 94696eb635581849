"""A process that is killed in the middle of a payment loses and doubles nothing."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from core.tests.waiting import PATIENCE_SECONDS
from orders.models import Order, OrderStatus
from payments.models import SimulatedOperation
from payments.selectors import transactions_awaiting_an_answer
from payments.services.paying import pay
from payments.services.reconciliation import resolve
from payments.tests.factories import OrderFactory, command_for, paid
from payments.tests.test_races import assert_clean

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class DeathBefore:
    """Kills this process before its statement number ``number``, counted from 1."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)


def pay_until_killed(order: Order, number: int) -> None:
    with connection.execute_wrapper(DeathBefore(number)):
        pay(command=command_for(order))


def killed_before(number: int, order: Order) -> bool:
    """Pay in a process that is killed before its statement ``number``; False: it had finished."""
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(
        target=pay_until_killed, args=(order, number)
    )
    process.start()
    process.join(timeout=PATIENCE_SECONDS)
    return process.exitcode == -signal.SIGKILL


def reconcile() -> None:
    now = timezone.now() + timedelta(minutes=1)
    for transaction in transactions_awaiting_an_answer(since=now):
        resolve(transaction_id=transaction.pk, now=now)


def test_killed_between_any_two_statements_the_order_is_paid_once_or_payable() -> None:
    paid_by_reconciliation = 0
    number = 1
    while killed_before(number, order := OrderFactory.create()):
        charges = SimulatedOperation.objects.filter(kind="capture").count()
        reconcile()

        order.refresh_from_db()
        was_charged = order.status == OrderStatus.PAID
        paid_by_reconciliation += was_charged
        if not was_charged:
            paid(order)
        expected = charges if was_charged else charges + 1
        assert SimulatedOperation.objects.filter(kind="capture").count() == expected
        number += 1

    assert number > 10
    assert paid_by_reconciliation > 3
    assert_clean()
