"""What callers do: read the catalog, fill carts, buy, and race for the last units."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from http.client import CREATED
from typing import Any

from benchmarks import load
from benchmarks.chance import chance
from benchmarks.customers import ADDRESS
from benchmarks.goods import Goods
from benchmarks.load import Flow, Request, request
from payments.gateways.test import signed
from payments.models import PaymentTransaction, TransactionStatus

PRODUCTS = "/api/v1/products/"
WEBHOOKS = "/api/v1/payments/webhooks/test/"
CHARGES = 1000
PAGE_SIZE = 20
DEEP_PAGE = 200
CURSOR_PAGES = 40
WORDS = 200
LONGEST_ARTICLE = 3


def repeated(path: str) -> Callable[[int], Flow]:
    one = request("GET", path)
    return lambda _client: _each(itertools.repeat(one))


@dataclass
class Reading:
    """Reads of the catalog, computed or from the cache.

    What is *computed* goes to a host name that no request had before: answers name their host,
    so the cache holds none for it. A *new filter* (a price limit above all prices, which lets
    every product through) makes the shop count the list again, too.
    """

    goods: Goods
    port: int
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1_000_000))

    def computed(self, path: str) -> Callable[[int], Flow]:
        """Ask for the same page, each time at another name of the shop."""
        return lambda _client: _each(self._at_new_hosts(itertools.repeat(path)))

    def filtered(self, path: str) -> Callable[[int], Flow]:
        """Ask for the same page, each time by another filter."""
        return lambda _client: _each(self._with_new_filters(itertools.repeat(path)))

    def details(self) -> Callable[[int], Flow]:
        """Ask for one product after another, each client for others."""

        def flow(client: int) -> Flow:
            chosen = chance(client)
            slugs = (chosen.choice(self.goods.slugs) for _ in itertools.count())
            return _each(request("GET", f"{PRODUCTS}{slug}/") for slug in slugs)

        return flow

    def not_modified(self) -> Callable[[int], Flow]:
        @cache
        def one() -> Request:
            answer = load.ask(self.port, request("GET", PRODUCTS))
            return request("GET", PRODUCTS, expected=304, if_none_match=answer.header("ETag"))

        return lambda _client: _each(itertools.repeat(one()))

    def cursor_pages(self) -> Callable[[int], Flow]:
        """Ask for pages deep in the list by cursor, each time at another name of the shop."""

        @cache
        def paths() -> list[str]:
            pages = list(itertools.islice(self._walk(), CURSOR_PAGES))
            return pages[len(pages) // 2 :]

        return lambda _client: _each(self._at_new_hosts(itertools.cycle(paths())))

    def _walk(self) -> Iterator[str]:
        path = f"{PRODUCTS}?cursor="
        while following := load.ask(self.port, request("GET", path)).json()["next"]:
            path = following[following.index(PRODUCTS) :]
            yield path

    def searches(self, words: int) -> Callable[[int], Flow]:
        """Search by so many words of a product's name, each time by another filter."""
        terms = [term(name, words) for name in self.goods.names]
        searches = list(dict.fromkeys(term for term in terms if term))[:WORDS]
        paths = [f"{PRODUCTS}?search={term}" for term in searches]
        return lambda _client: _each(self._with_new_filters(itertools.cycle(paths)))

    def searches_in_vain(self) -> Callable[[int], Flow]:
        paths = (f"{PRODUCTS}?search=qzxvj{number}" for number in self.numbers)
        return lambda _client: _each(request("GET", path) for path in paths)

    def _at_new_hosts(self, paths: Iterator[str]) -> Iterator[Request]:
        for path in paths:
            yield request("GET", path, host=f"shop{next(self.numbers)}.localhost")

    def _with_new_filters(self, paths: Iterator[str]) -> Iterator[Request]:
        for path in paths:
            mark = "&" if "?" in path else "?"
            yield request("GET", f"{path}{mark}max_price={next(self.numbers)}")


def term(name: str, words: int) -> str:
    """Return the name's first long words of plain letters, or nothing when there are too few."""
    plain = [word for word in name.split() if word.isascii() and word.isalpha()]
    long = [word for word in plain if len(word) > LONGEST_ARTICLE]
    return "%20".join(long[:words]) if len(long) >= words else ""


def _each(requests: Iterator[Request]) -> Flow:
    for sent in requests:
        _answer = yield sent


@dataclass(frozen=True)
class Buying:
    """Customers at work; ``tokens`` are shared out among the clients."""

    goods: Goods
    tokens: Sequence[str]
    clients: int

    def adding(self) -> Callable[[int], Flow]:
        """Put one of two products into the cart again and again, as one of many customers."""

        def flow(client: int) -> Flow:
            chosen = chance(client)
            for token in itertools.cycle(self._tokens_of(client)):
                variant = chosen.choice(self.goods.variants[:2])
                yield add_to_cart(token, variant)

        return flow

    def journeys(self, durations: list[float]) -> Callable[[int], Flow]:
        """Put two products into the cart, order them, pay: as one customer after the other."""

        def flow(client: int) -> Flow:
            chosen = chance(client)
            for token in itertools.cycle(self._tokens_of(client)):
                started = time.perf_counter()
                yield from self._journey(token, chosen.sample(self.goods.variants, 2))
                durations.append(time.perf_counter() - started)

        return flow

    def of_one_product(self, durations: list[float], *, is_hot: bool) -> Callable[[int], Flow]:
        """Buy a single product: all the same one, or each any."""

        def flow(client: int) -> Flow:
            chosen = chance(client)
            for token in itertools.cycle(self._tokens_of(client)):
                started = time.perf_counter()
                wanted = self.goods.variants[0] if is_hot else chosen.choice(self.goods.variants)
                yield from self._journey(token, [wanted])
                durations.append(time.perf_counter() - started)

        return flow

    def endless(self) -> Iterator[Flow]:
        chosen = chance(0)
        for token in itertools.cycle(self.tokens):
            yield self._journey(token, chosen.sample(self.goods.variants, 2))

    def _journey(self, token: str, variants: Sequence[str]) -> Flow:
        for variant in variants:
            yield add_to_cart(token, variant)
        placed = yield self.order(token)
        if placed.status == CREATED:
            payment = {"provider": "test", "payment_method": "tok_success"}
            yield _write(token, "payments/", {"order": placed.json()["id"], **payment})

    def order(self, token: str) -> Request:
        body = {"shipping_address": ADDRESS, "shipping_method": self.goods.shipping_method}
        return _write(token, "orders/", body)

    def _tokens_of(self, client: int) -> Sequence[str]:
        return self.tokens[client :: self.clients]


def webhooks(_client: int) -> Flow:
    """Tell, as a provider does after it has answered, of one charge after another.

    Each event is a new one; where nothing was bought yet, they are about charges of others.
    """
    done = PaymentTransaction.objects.filter(status=TransactionStatus.SUCCEEDED)
    known = list(done.order_by("-at").values_list("pk", "reference")[:CHARGES])
    for key, reference in itertools.cycle(known or [(uuid.uuid4(), "cap_of_another_shop")]):
        event = {"type": "charge.succeeded", "key": str(key), "reference": reference}
        body, headers = signed(event)
        named: Any = {name.replace("-", "_"): value for name, value in headers.items()}
        yield request("POST", WEBHOOKS, body=body, **named)


def add_to_cart(token: str, variant: str) -> Request:
    return _write(token, "cart/items/", {"variant": variant, "quantity": 1})


def _write(token: str, path: str, body: Mapping[str, object]) -> Request:
    headers = {"authorization": f"Bearer {token}", "idempotency_key": str(uuid.uuid4())}
    return request("POST", f"/api/v1/{path}", body=body, expected=CREATED, **headers)
