"""A process that is killed with SIGKILL between any two statements leaves all or nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from django.db import connection

from accounts.models import User
from accounts.tests.factories import UserFactory
from cart.models import Cart, CartStatus
from cart.selectors import Owner
from cart.tests.factories import fill_cart, sellable
from core.audit import discrepancies
from core.models import DomainEvent
from core.tests.waiting import PATIENCE_SECONDS
from inventory.models import StockItem
from orders import services
from orders.models import Order
from orders.services import PlaceOrder
from orders.tests.factories import ADDRESS, place, shipping_method

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROOT: Final = Path(__file__).resolve().parents[2]
# Places an order and kills itself after its n-th statement; a fork for each n spares the start.
VICTIM: Final = """
import json, os, signal, sys
import django
django.setup()
from django.db import connection
from uuid import UUID
from accounts.models import User
from cart.selectors import Owner
from orders import services
from orders.services import PlaceOrder

task = json.loads(sys.argv[1])
connection.settings_dict["NAME"] = task["database"]

def run(fatal):
    statements = 0
    def count(execute, sql, params, many, context):
        nonlocal statements
        result = execute(sql, params, many, context)
        statements += 1
        if statements == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    with connection.execute_wrapper(count):
        services.place_order(command=PlaceOrder(
            owner=Owner(User.objects.get(pk=task["customers"][fatal - 1])),
            shipping_address=task["address"],
            shipping_method_id=UUID(task["method"]),
        ))

for fatal in range(1, len(task["customers"]) + 1):
    child = os.fork()
    if child == 0:
        run(fatal)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def place_and_die(task: dict[str, Any]) -> list[int]:
    """Place an order for each customer, killed one statement later each time; return the ends."""
    done = subprocess.run(
        [sys.executable, "-c", VICTIM, json.dumps(task)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    return [int(line) for line in done.stdout.split() if line.lstrip("-").isdigit()]


def command_of(buyer: User) -> PlaceOrder:
    return PlaceOrder(
        owner=Owner(buyer), shipping_address=ADDRESS, shipping_method_id=shipping_method().pk
    )


def test_killed_after_any_statement_an_order_is_placed_whole_or_not_at_all() -> None:
    tea = sellable(stocked=100)
    place(UserFactory.create(), [(tea, 3)])
    buyers = [UserFactory.create() for _ in range(25)]
    for buyer in buyers:
        fill_cart(buyer, (tea, 1), (sellable(), 1))
    task = {
        "database": connection.settings_dict["NAME"],
        "customers": [str(buyer.pk) for buyer in buyers],
        "address": ADDRESS,
        "method": str(shipping_method().pk),
    }

    ends = place_and_die(task)

    killed = ends.count(-signal.SIGKILL)
    assert (len(ends), killed + ends.count(0)) == (25, 25)
    assert 10 <= killed < 25, "every statement of placing must have been reached"
    placed = 1 + 25 - killed
    assert Order.objects.count() == placed
    assert DomainEvent.objects.filter(name="order.placed").count() == placed
    assert Cart.objects.filter(status=CartStatus.OPEN).count() == killed
    assert StockItem.objects.get(variant=tea).reserved == 3 + 25 - killed
    assert discrepancies() == []
    for buyer, end in zip(buyers, ends, strict=True):
        if end:
            services.place_order(command=command_of(buyer))
    assert Order.objects.count() == 1 + 25
