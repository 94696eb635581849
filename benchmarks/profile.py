"""Where a request's time goes: ``python -m benchmarks.profile /api/v1/products/``.

Sends one request many times through Django's WSGI handler, inside this process, with the
settings of the demo (``DATA_DIR`` chooses the shop; ``DATA_DIR=.data/bench`` is the one that
``make bench`` leaves behind). Prints CPU per request, measured without the profiler, then the
SQL of one request, then the functions that take most of the time.

``{n}`` in the path becomes the number of the request, so that ``?min_price=0.{n}`` is never
answered from a cache. ``--user EMAIL`` signs someone in. ``journey`` instead of a path is a whole
purchase by one of the benchmark's own customers.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import itertools
import json
import logging
import os
import pstats
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from wsgiref.util import setup_testing_defaults

from django.core.wsgi import get_wsgi_application
from django.db import connection
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from benchmarks.load import Answer, Flow, LoadError, Request, request
from benchmarks.processor import cpu_seconds
from benchmarks.statements import Statement, statements_of

TOP = 30
WARM_UP = 20
JOURNEY = "journey"
ROOT = Path(__file__).resolve().parent.parent

Place = tuple[str, int, str]
Row = tuple[int, int, float, float, object]
Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


class Nowhere(io.TextIOBase):
    """Where log lines go: they are made as in production, but nobody reads them."""

    def write(self, text: str) -> int:
        return len(text)


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


def main() -> None:
    options = _options()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    shop = Shop(_start_django())
    work = _work(shop, options)
    work()
    statements = statements_of(work)
    for _ in range(WARM_UP):
        work()
    _print_cost(console, work, options.requests)
    _print_statements(console, statements)
    _print_functions(console, _profiled(work, options.requests), options.requests)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.profile", description=__doc__)
    parser.add_argument("path", help="with its query, such as /api/v1/products/?page=2")
    parser.add_argument("-n", "--requests", type=int, default=200)
    parser.add_argument("--method", default="GET")
    parser.add_argument("--body", default="", help="JSON")
    parser.add_argument("--user", default="", help="e-mail address of who is signed in")
    return parser.parse_args()


def _start_django() -> Application:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    os.environ.update(DEBUG="false", THROTTLE_SCALE="1000000")
    application: Application = get_wsgi_application()
    handler = logging.root.handlers[0]
    if isinstance(handler, logging.StreamHandler):
        handler.setStream(Nowhere())
    return application


def _work(shop: Shop, options: argparse.Namespace) -> Callable[[], object]:
    """Return the piece of work to repeat: a request, or a journey."""
    from benchmarks.customers import access_token, buyers, sign_in  # noqa: PLC0415 - models
    from benchmarks.goods import find_goods  # noqa: PLC0415 - models
    from benchmarks.scenarios import Buying  # noqa: PLC0415 - models

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
    print(f"{options.method} {options.path}: {status}")  # noqa: T201 - a command's output
    return send


def _print_cost(console: Console, work: Callable[[], object], times: int) -> None:
    backend = [connection.connection.info.backend_pid] if connection.connection else []
    wall, own, database = time.perf_counter(), time.process_time(), cpu_seconds(backend)
    for _ in range(times):
        work()
    each = 1000 / times
    console.print(
        f"CPU {(time.process_time() - own) * each:.2f} ms Python"
        f" + {(cpu_seconds(backend) - database) * each:.2f} ms PostgreSQL,"
        f" wall {(time.perf_counter() - wall) * each:.2f} ms a request, over {times} requests"
    )


def _print_statements(console: Console, statements: Sequence[Statement]) -> None:
    table = Table("ms", "SQL", title=f"{len(statements)} statements", box=SIMPLE)
    for statement in statements:
        table.add_row(f"{statement.milliseconds:.2f}", " ".join(statement.sql.split())[:400])
    console.print(table)


def _profiled(work: Callable[[], object], times: int) -> pstats.Stats:
    profiler = cProfile.Profile(time.process_time)
    for _ in range(times):
        profiler.runcall(work)
    return pstats.Stats(profiler)


def _print_functions(console: Console, stats: pstats.Stats, times: int) -> None:
    """Print the functions that use most CPU: any by what they do themselves, ours with callees.

    The profiler itself makes calls of Python functions dearer: read shares, not milliseconds.
    """
    rows: dict[Place, Row] = stats.stats  # type: ignore[attr-defined]  # missing in the stubs
    ours = {place: row for place, row in rows.items() if _is_ours(place[0])}
    _print_ranked(console, "CPU of its own, per request", rows, times, lambda row: row[2])
    _print_ranked(
        console, "CPU of our functions with all they call", ours, times, lambda row: row[3]
    )


def _is_ours(file: str) -> bool:
    is_below_root = file.startswith(f"{ROOT}/") and "site-packages" not in file
    return is_below_root and not file.startswith(f"{ROOT}/benchmarks/")


def _print_ranked(
    console: Console,
    title: str,
    rows: dict[Place, Row],
    times: int,
    rank: Callable[[Row], float],
) -> None:
    table = Table("own ms", "in all ms", "calls", title=title, box=SIMPLE)
    table.add_column("function", no_wrap=True)
    for place in sorted(rows, key=lambda one: -rank(rows[one]))[:TOP]:
        _, calls, own, whole, _ = rows[place]
        figures = (f"{own * 1000 / times:.3f}", f"{whole * 1000 / times:.3f}")
        table.add_row(*figures, f"{calls / times:.1f}", _name(*place))
    console.print(table)


def _name(file: str, line: int, function: str) -> str:
    short = re.sub(r".*/(site-packages|python3\.\d+)/", "", file.removeprefix(f"{ROOT}/"))
    return f"{short}:{line} {function}"


if __name__ == "__main__":
    main()
