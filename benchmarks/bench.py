"""One run of the benchmark, from an empty folder to its results."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from statistics import fmean
from uuid import UUID

from django.core.wsgi import get_wsgi_application
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from rich.console import Console

from benchmarks import customers, database_floor, load, shop
from benchmarks.database_floor import DatabaseFloor
from benchmarks.environment import Server, free_port
from benchmarks.goods import Goods, find_goods
from benchmarks.in_process import Shop
from benchmarks.load import request
from benchmarks.machine import Machine, describe
from benchmarks.measuring import Figures, Measure, Meter
from benchmarks.programs import bare_program, running, shop_programs
from benchmarks.race import BUYERS, RaceResult, race
from benchmarks.results import Jobs, Results
from benchmarks.scenarios import (
    DEEP_PAGE,
    PAGE_SIZE,
    PRODUCTS,
    Buying,
    add_to_cart,
    repeated,
    webhooks,
)
from benchmarks.searching import Searching
from benchmarks.statements import statements_of
from demo import supervisor

BARE, DATABASE = "bare Django view", "the list's SQL by pgbench"
JOURNEY, RACE = "whole journey", "race for the last units"
SPREAD, HOT = "one of many products, {} buyers", "one hot product, {} buyers"
WEBHOOK = "webhook"
ADDING, JOURNEYING = 64, 128
BARE_SHARE = 0.4  # of the time that others are measured
JOBS_SECONDS = 120.0
# What is asked of each, in answers a second for each of the bare view.
COMPUTED_RATIO, CACHED_RATIO, PRODUCT_RATIO = 0.15, 0.40, 0.20
SUGGEST_RATIO, SEARCH_RATIO, SEARCH_FACETS_RATIO = 0.20, 0.10, 0.06
CART_RATIO, WEBHOOK_RATIO = 0.09, 0.3
JOURNEYS_A_SECOND = 60.0
BUYERS_A_CALLER, HOT_SHARE = 8, 0.6


@dataclass(frozen=True)
class Options:
    """How long, how much, how many; ``only`` measures what has this in its name."""

    size: int
    seconds: float
    clients: int
    only: str


@dataclass(frozen=True)
class Ports:
    shop: int
    bare: int


def run(server: Server, options: Options, console: Console) -> Results:
    machine = describe(server, size=options.size, seconds=options.seconds, clients=options.clients)
    console.print(f"Filling a shop with {options.size:,} products …")
    shop.prepare(server, size=options.size)
    with _served(server) as (ports, parts):
        meter = Meter(parts, options.clients, options.seconds)
        return Session(server, options, console, machine, ports, meter).measure()


@contextmanager
def _served(server: Server) -> Iterator[tuple[Ports, dict[str, int]]]:
    """Run the shop and the bare Django, which answers what the shop's list answers."""
    ports = Ports(free_port(), free_port())
    with supervisor.lock_demo(server.data), supervisor.lock_programs(server.data) as lock:
        web, worker = shop_programs(server, ports.shop, lock)
        with running(web, worker, until_answers=f"http://127.0.0.1:{ports.shop}/readyz"):
            answer = load.ask(ports.shop, request("GET", PRODUCTS)).body
            bare = bare_program(server, ports.bare, answer, lock)
            with running(bare, until_answers=f"http://127.0.0.1:{ports.bare}/"):
                parts = {"web": web, "worker": worker, "bare": bare}
                processes = {name: part.process.pid for name, part in parts.items() if part.process}
                yield ports, processes | {"database": server.process}


@dataclass(frozen=True)
class Session:
    """The measuring itself, while the shop runs."""

    server: Server
    options: Options
    console: Console
    machine: Machine
    ports: Ports
    meter: Meter
    bare: list[Figures] = field(default_factory=list)

    def measure(self) -> Results:
        goods = find_goods()
        figures = [*self._all(_reads(self.ports.shop, goods))]
        database = self._database() if self._is_asked(DATABASE) else None
        tokens = customers.sign_in(customers.buyers())
        figures += self._all(_writes(self.ports.shop, goods, tokens, self.options.clients))
        jobs = _finish_jobs()
        told = Measure(WEBHOOK, webhooks, self.ports.shop, asked_ratio=WEBHOOK_RATIO)
        figures += self._all([told])  # of what was bought, while nothing else is done
        result = self._race(goods, tokens[-BUYERS:]) if self._is_asked(RACE) else None
        audit = shop.manage("audit")
        return Results(
            machine=self.machine,
            bare=self.bare,
            figures=figures,
            database=database,
            race=result,
            jobs=jobs,
            audit_output=audit.stdout + audit.stderr,
            is_audit_clean=audit.returncode == 0,
        )

    def _is_asked(self, name: str) -> bool:
        return self.options.only in name

    def _all(self, measures: Iterable[Measure]) -> Iterator[Figures]:
        """Measure each beside the bare view: the machine's speed changes from minute to minute."""
        before = self._bare()
        for measure in measures:
            if self._is_asked(measure.name):
                figures, after = self._one(measure), self._bare()
                yield replace(
                    figures,
                    bare_rate=fmean((before.rate, after.rate)),
                    bare_cpu=fmean((before.serving_cpu, after.serving_cpu)),
                )
                before = after

    def _one(self, measure: Measure) -> Figures:
        self.console.print(f"Measuring: {measure.name} …")
        return self.meter.measure(measure)

    def _bare(self) -> Figures:
        seconds = self.meter.seconds * BARE_SHARE
        bare = Measure(BARE, repeated("/"), self.ports.bare)
        self.bare.append(replace(self.meter, seconds=seconds).measure(bare))
        return self.bare[-1]

    def _database(self) -> DatabaseFloor:
        self.console.print(f"Measuring: {DATABASE} …")
        in_process = Shop(get_wsgi_application())
        in_process.send(request("GET", PRODUCTS))  # from now on it knows how many there are
        again = request("GET", PRODUCTS, host="again.localhost")
        statements = statements_of(lambda: in_process.send(again))
        connection.close()
        return database_floor.measure(
            self.server,
            [(statement.sql, statement.parameters) for statement in statements],
            clients=self.options.clients,
            seconds=self.options.seconds,
        )

    def _race(self, goods: Goods, tokens: Sequence[str]) -> RaceResult:
        self.console.print(f"Measuring: {RACE} …")
        hot = goods.last_units
        buying = Buying(goods, tokens, self.options.clients)
        fill = [add_to_cart(token, hot) for token in tokens]
        order = [buying.order(token) for token in tokens]
        return race(self.ports.shop, fill=fill, order=order, variant=UUID(hot))


def _reads(port: int, goods: Goods) -> list[Measure]:
    reading = Searching(goods, port)
    deep = f"{PRODUCTS}?page={max(min(DEEP_PAGE, len(goods.slugs) // PAGE_SIZE), 1)}"
    one_product = f"{PRODUCTS}{goods.slugs[0]}/"
    flows = {
        "list, page 1, computed": (reading.computed(PRODUCTS), COMPUTED_RATIO),
        "list, page 1, cached": (repeated(PRODUCTS), CACHED_RATIO),
        "list, page 1, new filter": (reading.filtered(PRODUCTS), None),
        "list, page 200, computed": (reading.computed(deep), COMPUTED_RATIO),
        "list, page 200, cached": (repeated(deep), CACHED_RATIO),
        "list, deep cursor, computed": (reading.cursor_pages(), COMPUTED_RATIO),
        "list, not modified (304)": (reading.not_modified(), CACHED_RATIO),
        "product, each in turn": (reading.details(), PRODUCT_RATIO),
        "product, one": (repeated(one_product), PRODUCT_RATIO),
        "search, one word, new filter": (reading.searches(1), SEARCH_RATIO),
        "search, two words, new filter": (reading.searches(2), None),
        "search, a typo, new filter": (reading.mistyped(), None),
        "search, no hit": (reading.searches_in_vain(), None),
        "search with facets, new filter": (reading.facets(of_search=True), SEARCH_FACETS_RATIO),
        "list with facets, new filter": (reading.facets(of_search=False), None),
        "suggest": (reading.suggestions(), SUGGEST_RATIO),
    }
    return [Measure(name, flow, port, asked_ratio=asked) for name, (flow, asked) in flows.items()]


def _writes(port: int, goods: Goods, tokens: Sequence[str], clients: int) -> list[Measure]:
    durations: list[float] = []
    buyers = tokens[ADDING : ADDING + JOURNEYING]
    adding = Buying(goods, tokens[:ADDING], clients)
    crowd = BUYERS_A_CALLER * clients
    buying, many = (Buying(goods, buyers, count) for count in (clients, crowd))
    spread, hot = (many.of_one_product(durations, is_hot=is_hot) for is_hot in (False, True))
    share = (HOT_SHARE, SPREAD.format(crowd))
    return [
        Measure("add to cart", adding.adding(), port, asked_ratio=CART_RATIO),
        Measure(JOURNEY, buying.journeys(durations), port, durations, asked_rate=JOURNEYS_A_SECOND),
        Measure(SPREAD.format(crowd), spread, port, durations, clients=crowd),
        Measure(HOT.format(crowd), hot, port, durations, clients=crowd, asked_share=share),
    ]


def _finish_jobs() -> Jobs:
    """Wait until the worker has done what the load left to it."""
    started = time.perf_counter()
    waiting = left = _jobs("todo", "doing")
    while left and time.perf_counter() - started < JOBS_SECONDS:
        time.sleep(0.1)
        left = _jobs("todo", "doing")
    return Jobs(waiting, time.perf_counter() - started, left, _jobs("failed"))


def _jobs(*statuses: str) -> int:
    return ProcrastinateJob.objects.filter(status__in=statuses, queue_name="events").count()
