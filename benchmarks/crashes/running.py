"""One run: fill the shop, buy and kill, settle, compare."""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import UUID

from django.db import connections

from benchmarks import programs, shop
from benchmarks.console import console
from benchmarks.crashes.buyers import Buyer, Ledger, Task
from benchmarks.crashes.comparing import wrongs
from benchmarks.crashes.killing import WORKER, kill_now_and_then
from benchmarks.crashes.mailbox import Mailbox
from benchmarks.crashes.settling import settle
from benchmarks.customers import buyers, sign_in
from benchmarks.environment import Server, free_port
from benchmarks.goods import find_goods
from demo import supervisor
from inventory import services as inventory_services

PRODUCTS = 12


@dataclass(frozen=True)
class Plan:
    """How much is killed, by how many it is bought, how many units of the hot product there are."""

    kills: int
    clients: int
    pause: float
    units: int


def run(server: Server, plan: Plan, mailbox: Mailbox) -> list[str]:
    shop.prepare(server, size=PRODUCTS)
    goods = find_goods()
    inventory_services.set_quantity(
        variant_id=UUID(goods.last_units), quantity=plan.units, actor=None
    )
    tokens = sign_in(buyers()[: plan.clients])
    port = free_port()
    task = Task(port, goods.shipping_method, goods.last_units, goods.variants)
    ledger = Ledger()
    with supervisor.lock_programs(server.data) as lock:
        web, worker = programs.shop_programs(server, port, lock)
        url = f"http://127.0.0.1:{port}/readyz"
        with programs.running(web, worker, until_answers=url):
            customers = [Buyer(n, token, task, ledger) for n, token in enumerate(tokens)]
            _buy_while_killing(customers, server, plan, {web.name: web, WORKER: worker}, url)
            connections.close_all()
            left = settle(worker)
    _tell(ledger, mailbox)
    late = [f"{left} jobs were not done in time"] if left else []
    return late + list(wrongs(ledger, mailbox.subjects, goods.last_units, plan.units))


def _buy_while_killing(
    customers: list[Buyer],
    server: Server,
    plan: Plan,
    running: dict[str, supervisor.Program],
    url: str,
) -> None:
    for customer in customers:
        customer.start()
    killing = kill_now_and_then(
        programs=running,
        server=server,
        kills=plan.kills,
        pause=plan.pause,
        is_up=lambda: supervisor.answers(url, report=print),
    )
    started = time.monotonic()
    for number, name in enumerate(killing, start=1):
        console.print(f"{time.monotonic() - started:5.1f} s: {number}. killed {name}")
    for customer in customers:
        customer.stopping.set()
    for customer in customers:
        customer.join(timeout=60)
        if customer.is_alive():
            customer.ledger.wrongs.append(f"{customer.name} was never answered")


def _tell(ledger: Ledger, mailbox: Mailbox) -> None:
    console.print(
        f"{len(ledger.placed)} orders placed, {len(ledger.paid)} paid, "
        f"{len(ledger.cancelled)} cancelled, {sum(ledger.refused.values())} refused "
        f"({dict(ledger.refused)}), {ledger.repeated} requests repeated, "
        f"{len(mailbox.subjects)} e-mails"
    )
