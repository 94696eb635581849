"""``make bench``: how fast is the shop on this machine, beside what the machine could do?"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import django

from benchmarks.console import console
from benchmarks.environment import DATA, ROOT, start_server, use_production_settings

RESULTS = ROOT / "benchmarks" / "results.json"


def main() -> int:
    """Measure, print, write ``benchmarks/results.json``; 1 when something was wrong, not slow."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("--size", type=int, default=10_000, help="products in the shop")
    parser.add_argument("--seconds", type=float, default=5, help="how long each is measured")
    parser.add_argument("--clients", type=int, default=8, help="callers at the same time")
    parser.add_argument("--only", default="", help="measure what has this in its name; not written")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the database and logs")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where the figures go")
    options = parser.parse_args()
    server = start_server(options.data.resolve())
    use_production_settings(server)
    django.setup()
    from benchmarks import bench, report  # noqa: PLC0415 - their models need Django to be set up

    wanted = bench.Options(options.size, options.seconds, options.clients, options.only)
    results = bench.run(server, wanted, console)
    report.show(results, console)
    if not wanted.only:
        report.write(results, options.output)
    return 1 if results.wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
