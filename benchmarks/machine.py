"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import commands
from benchmarks.environment import Server


@dataclass(frozen=True)
class Machine:
    """The machine, its programs, and how the benchmark was called."""

    date: str
    commit: str
    processor: str
    cores: int
    load_before: float
    python: str
    django: str
    postgresql: str
    gunicorn: str
    products: int
    clients: int
    seconds: float


def describe(server: Server, *, size: int, seconds: float, clients: int) -> Machine:
    with server.maintenance() as connection:
        postgresql = connection.execute("SHOW server_version").fetchone()
    arguments = os.environ.get("GUNICORN_CMD_ARGS", "")
    return Machine(
        date=datetime.now(tz=UTC).isoformat(timespec="seconds"),
        commit=_commit(),
        processor=_processor(),
        cores=os.cpu_count() or 1,
        load_before=round(os.getloadavg()[0], 2),
        python=platform.python_version(),
        django=version("django"),
        postgresql=str(postgresql[0]) if postgresql else "",
        gunicorn=f"{version('gunicorn')} {arguments}".strip(),
        products=size,
        clients=clients,
        seconds=seconds,
    )


def _commit() -> str:
    """Return the commit measured; a plus sign says that the code has changed since."""
    done = commands.run("git", "describe", "--always", "--dirty=+", "--exclude=*")
    return done.stdout.strip() or "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except FileNotFoundError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
