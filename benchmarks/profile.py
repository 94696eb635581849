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
import logging
import os
import pstats
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.db import connection
from rich.box import SIMPLE
from rich.table import Table

from benchmarks.console import console
from benchmarks.processor import cpu_seconds
from benchmarks.statements import Statement, statements_of

TOP = 30
WARM_UP = 20
ROOT = Path(__file__).resolve().parent.parent

Place = tuple[str, int, str]
Row = tuple[int, int, float, float, object]


class Nowhere(io.TextIOBase):
    """Where log lines go: they are made as in production, but nobody reads them."""

    def write(self, text: str) -> int:
        return len(text)


def main() -> None:
    options = _options()
    application = _start_django()
    from benchmarks.in_process import Shop, work_of  # noqa: PLC0415 - models need Django

    work = work_of(Shop(application), options)
    work()
    statements = statements_of(work)
    for _ in range(WARM_UP):
        work()
    _print_cost(work, options.requests)
    _print_statements(statements)
    _print_functions(_profiled(work, options.requests), options.requests)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.profile", description=__doc__)
    parser.add_argument("path", help="with its query, such as /api/v1/products/?page=2")
    parser.add_argument("-n", "--requests", type=int, default=200)
    parser.add_argument("--method", default="GET")
    parser.add_argument("--body", default="", help="JSON")
    parser.add_argument("--user", default="", help="e-mail address of who is signed in")
    return parser.parse_args()


def _start_django() -> WSGIHandler:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    os.environ.update(DEBUG="false", THROTTLE_SCALE="1000000")
    application = get_wsgi_application()
    handler = logging.root.handlers[0]
    if isinstance(handler, logging.StreamHandler):
        handler.setStream(Nowhere())
    return application


def _print_cost(work: Callable[[], object], times: int) -> None:
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


def _print_statements(statements: Sequence[Statement]) -> None:
    table = Table("ms", "SQL", title=f"{len(statements)} statements", box=SIMPLE)
    for statement in statements:
        table.add_row(f"{statement.milliseconds:.2f}", " ".join(statement.sql.split())[:400])
    console.print(table)


def _profiled(work: Callable[[], object], times: int) -> pstats.Stats:
    profiler = cProfile.Profile(time.process_time)
    for _ in range(times):
        profiler.runcall(work)
    return pstats.Stats(profiler)


def _print_functions(stats: pstats.Stats, times: int) -> None:
    """Print the functions that use most CPU: any by what they do themselves, ours with callees.

    The profiler itself makes calls of Python functions dearer: read shares, not milliseconds.
    """
    rows: dict[Place, Row] = vars(stats)["stats"]
    ours = {place: row for place, row in rows.items() if _is_ours(place[0])}
    _print_ranked("CPU of its own, per request", rows, times, lambda row: row[2])
    _print_ranked("CPU of our functions with all they call", ours, times, lambda row: row[3])


def _is_ours(file: str) -> bool:
    is_below_root = file.startswith(f"{ROOT}/") and "site-packages" not in file
    return is_below_root and not file.startswith(f"{ROOT}/benchmarks/")


def _print_ranked(
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
