from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import django

from benchmarks.console import console
from benchmarks.crashes.mailbox import Mailbox
from benchmarks.environment import start_server, use_production_settings


def main() -> int:
    """Buy, kill, settle, compare; 1 when anything was lost or done twice."""
    parser = argparse.ArgumentParser("python -m benchmarks.crashes", description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="processes killed with SIGKILL")
    parser.add_argument("--clients", type=int, default=8, help="customers at the same time")
    parser.add_argument("--pause", type=float, default=2, help="seconds between two kills")
    parser.add_argument("--units", type=int, default=60, help="stock of what everybody wants")
    parser.add_argument("--data", type=Path, help="folder of the database and logs")
    options = parser.parse_args()
    data = options.data or Path(tempfile.mkdtemp(prefix="tradepost-crashes-"))
    server = start_server(data.resolve())
    use_production_settings(server)
    with Mailbox() as mailbox:
        os.environ["LOG_LEVEL"] = "WARNING"
        os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{mailbox.port}"
        django.setup()
        from benchmarks.crashes.running import Plan, run  # noqa: PLC0415 - models need Django

        started = time.monotonic()
        plan = Plan(options.kills, options.clients, options.pause, options.units)
        wrongs = run(server, plan, mailbox)
    console.print(f"{time.monotonic() - started:.0f} s, logs in {data}")
    console.print("\n".join(wrongs) or "Nothing was lost, nothing done twice.")
    return 1 if wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
