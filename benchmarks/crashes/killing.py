"""Killing what runs, with SIGKILL, and starting it again."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from signal import SIGKILL
from subprocess import Popen

from benchmarks.chance import chance
from benchmarks.environment import Server
from benchmarks.processor import family_of
from config import embedded_postgres
from demo import supervisor
from demo.supervisor import Program

WEB, WORKER = "web server", "worker"


def kill_now_and_then(
    *,
    programs: Mapping[str, Program],
    server: Server,
    kills: int,
    pause: float,
    is_up: Callable[[], Callable[[], bool]],
) -> Iterator[str]:
    """Kill so many processes, the database in between, and yield the name of each.

    ``is_up`` makes the condition that the shop answers, which is waited for after each kill.
    """
    chosen = chance(kills)
    victims: Mapping[str, Callable[[], None]] = {
        "one process of the web server": lambda: _kill_child(programs[WEB]),
        "the job worker": lambda: _kill_and_restart(programs[WORKER]),
        "the whole web server": lambda: _kill_and_restart(programs[WEB]),
    }
    database = supervisor.Database(server.data / "postgres")
    for number, name in zip(range(kills), itertools.cycle(victims), strict=False):
        time.sleep(pause * (0.5 + chosen.random()))
        victims[name]()
        yield name
        if number == kills // 2:
            time.sleep(pause)
            _kill_database(server)
            yield "PostgreSQL"
        supervisor.supervise([database, *programs.values()], until=is_up(), report=print)


def _kill_child(program: Program) -> None:
    """Kill one of the processes that answer; their master starts another."""
    _master, *children = family_of(_process_of(program).pid)
    if children:
        _kill(children[0])


def _kill_and_restart(program: Program) -> None:
    process = _process_of(program)
    _kill(process.pid)
    process.wait()
    program.start()


def _process_of(program: Program) -> Popen[bytes]:
    if program.process is None:
        raise RuntimeError(f"The {program.name} was never started.")
    return program.process


def _kill_database(server: Server) -> None:
    """Kill PostgreSQL's first process, with which the others end; whoever supervises starts it."""
    data = server.data / "postgres"
    _kill(server.process)
    while not embedded_postgres.has_died(data):
        time.sleep(0.05)


def _kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, SIGKILL)
