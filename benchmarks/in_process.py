"""The shop inside this process, called as a web server calls it."""

from __future__ import annotations

import argparse
import io
import itertools
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote
from wsgiref.util import setup_testing_defaults

from benchmarks.console import console
from benchmarks.customers import access_token, buyers, sign_in
from benchmarks.goods import find_goods
from benchmarks.load import Answer, Flow, LoadError, Request, request
from benchmarks.scenarios import Buying

JOURNEY = "journey"

Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


class Shop:
    """Django's handler, called as a web server calls it."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def send(self, one: Request) -> Answer:
        heads: list[str] = []

        def start(status: str, headers: list[tuple[str, str]]) -> None:
            lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
            heads.append("\r\n".join([*lines, "", ""]))

        parts = self.application(environ_of(one), start)
        body = b"".join(parts)
        parts.close()
        return Answer(int(heads[0][9:12]), heads[0].encode("latin-1"), body)

    def play(self, flow: Flow) -> int:
        """Let a caller's flow run to its end; return the number of its requests."""
        count, one = 0, next(flow, None)
        while one is not None:
            count, answer = count + 1, self.send(one)
            if answer.status != one.expected:
                raise LoadError(f"{one.raw[:60]!r}: {answer.status} {answer.raw_body[:300]!r}")
            try:
                one = flow.send(answer)
            except StopIteration:
                return count
        return count


def environ_of(one: Request) -> dict[str, Any]:
    """Return the WSGI environment that a web server makes of a request."""
    head, _, body = one.raw.decode("latin-1").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    method, address, _ = first.split(" ")
    path, _, query = address.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "wsgi.input": io.BytesIO(body.encode("latin-1")),
    }
    for line in lines:
        name, _, value = line.partition(":")
        key = name.strip().upper().replace("-", "_")
        is_plain = key in {"CONTENT_TYPE", "CONTENT_LENGTH"}
        environ[key if is_plain else f"HTTP_{key}"] = value.strip()
    setup_testing_defaults(environ)
    return environ


def work_of(shop: Shop, options: argparse.Namespace) -> Callable[[], object]:
    """Return the piece of work to repeat: a request, or a journey."""
    if options.path == JOURNEY:
        buying = Buying(find_goods(), sign_in(buyers()[:50]), clients=1)
        journeys = buying.endless()
        return lambda: shop.play(next(journeys))
    headers = {}
    if options.user:
        headers["authorization"] = f"Bearer {access_token(options.user)}"
    body = json.loads(options.body) if options.body else None
    numbers = itertools.count(1)

    def send() -> Answer:
        path = options.path.replace("{n}", str(next(numbers)))
        return shop.send(request(options.method, path, body=body, expected=200, **headers))

    status = send().head.splitlines()[0].decode()
    console.print(f"{options.method} {options.path}: {status}")
    return send
