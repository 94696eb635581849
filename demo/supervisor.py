"""Runs the demo's programs: starts them, restarts those that die, stops them all.

The programs live no longer than the supervisor: on Linux also when it is killed. Two locks in
the data folder tell what runs there: ``demo.lock`` is the supervisor's, ``programs.lock`` is
shared with every program, and free only when the last of them has ended.
"""

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from signal import SIG_IGN, SIGINT, SIGKILL, SIGTERM, signal
from typing import BinaryIO, Protocol
from urllib.parse import urlsplit

from config import embedded_postgres
from config.parent_death import command_ending_with_us

STOP_SECONDS = 20
EARLIER_PROGRAMS_SECONDS = 120
TELL_SECONDS = 10
# A program that ends sooner than this after its start, this often in a row, is broken.
QUICK_DEATH_SECONDS = 60
QUICK_DEATHS = 3


class DemoError(Exception):
    """The demo cannot run; the message says why and what to do."""


class Watched(Protocol):
    """What the supervisor keeps alive."""

    name: str
    log: Path

    def has_ended(self) -> bool: ...

    def restart(self) -> None: ...


@dataclass
class Database:
    """The embedded PostgreSQL in ``data``, which runs and stops by itself unless it is killed."""

    data: Path
    name: str = "database"

    def __post_init__(self) -> None:
        self.log = self.data / "log"

    def has_ended(self) -> bool:
        return embedded_postgres.has_died(self.data)

    def restart(self) -> None:
        embedded_postgres.ensure(self.data)


@dataclass
class Program:
    """A child process that is meant to run until it is told to stop."""

    name: str
    command: Sequence[str]
    log: Path
    lock: BinaryIO
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    quick_deaths: int = 0

    def start(self) -> None:
        """Start it in a process group of its own, which Ctrl-C in the terminal does not reach."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - commands of our own
                command_ending_with_us(*self.command),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[self.lock.fileno()],
                process_group=0,
            )
        self.started_at = time.monotonic()

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def restart(self) -> None:
        """Start it again, unless it dies at every start: then raise DemoError."""
        is_quick = time.monotonic() - self.started_at < QUICK_DEATH_SECONDS
        self.quick_deaths = self.quick_deaths + 1 if is_quick else 0
        if self.quick_deaths >= QUICK_DEATHS:
            raise DemoError(f"The {self.name} does not stay up; {self.log} ends:\n{self.tail()}")
        self.start()

    def tail(self) -> str:
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-15:])

    def ask_to_stop(self) -> None:
        if self.process and not self.has_ended():
            self.process.send_signal(SIGTERM)

    def stop(self, *, deadline: float) -> None:
        """Wait for its end until ``deadline``, then kill it with all its children."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, SIGKILL)
        self.process.wait()


def lock_demo(data: Path) -> BinaryIO:
    """Refuse a second demo in ``data``; closing the answer ends the claim."""
    data.mkdir(parents=True, exist_ok=True)
    running = f"A demo already runs in {data}: stop it, or choose another folder with DATA=folder."
    return _lock_within(data / "demo.lock", seconds=1, otherwise=running)


def lock_programs(data: Path, *, patience: float = EARLIER_PROGRAMS_SECONDS) -> BinaryIO:
    """Wait for the programs of an earlier demo to end; the answer is to be shared with ours."""
    stuck = f"The programs of an earlier demo in {data} do not end: kill them and try again."
    lock = _lock_within(data / "programs.lock", seconds=patience, otherwise=stuck)
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


def _lock_within(path: Path, *, seconds: float, otherwise: str) -> BinaryIO:
    deadline = time.monotonic() + seconds
    while True:
        with suppress(BlockingIOError):
            return os.fdopen(embedded_postgres.open_lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB), "wb")
        if time.monotonic() > deadline:
            raise DemoError(otherwise)
        time.sleep(0.1)


def refuse_busy_port(host: str, port: int) -> None:
    """Raise DemoError when ``port`` cannot be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            message = f"Port {port} cannot be used ({error}): choose another, make demo PORT=8001."
            raise DemoError(message) from error


def programs_of(*, logs: Path, lock: BinaryIO, root: Path, bind: str) -> list[Program]:
    """The web server and the worker, with the demo's settings."""
    logs.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"DEBUG": "false", "PYTHONUNBUFFERED": "1"}
    python, manage = sys.executable, str(root / "manage.py")
    web = [python, "-m", "gunicorn", "--config", str(root / "config/gunicorn.py"), "--bind", bind]
    worker = [python, manage, "worker"]
    return [
        Program(name, command, logs / file, lock, environment)
        for name, command, file in [
            ("web server", [*web, "--chdir", str(root)], "web.log"),
            # People who wait for an answer come before jobs that nobody waits for.
            ("worker", ["/usr/bin/env", "nice", "-n", "10", *worker], "worker.log"),
        ]
    ]


@contextmanager
def running(programs: Sequence[Program], *, patience: float = STOP_SECONDS) -> Iterator[None]:
    """Start the programs; in the end stop them all, and kill those left after ``patience``."""
    try:
        for program in programs:
            program.start()
        yield
    finally:
        with _uninterrupted():
            for program in programs:
                program.ask_to_stop()
            deadline = time.monotonic() + patience
            for program in programs:
                program.stop(deadline=deadline)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ignore a second Ctrl-C, which would leave programs behind."""
    handlers = {number: signal(number, SIG_IGN) for number in (SIGINT, SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal(number, handler)


def supervise(
    watched: Sequence[Watched],
    *,
    until: Callable[[], bool],
    report: Callable[[str], None],
) -> None:
    """Restart what dies until ``until()`` is true; DemoError if a program keeps dying."""
    while not until():
        for thing in watched:
            if thing.has_ended():
                report(f"The {thing.name} died, see {thing.log}: starting it again.")
                thing.restart()
        time.sleep(0.2)


def answers(
    url: str, *, report: Callable[[str], None], tell_seconds: float = TELL_SECONDS
) -> Callable[[], bool]:
    """A condition for ``supervise``: true once ``url`` answers 200; it tells that it waits.

    How long a start takes depends on the machine, so there is no time at which it gives up.
    """
    started = told_at = time.monotonic()

    def is_answered() -> bool:
        nonlocal told_at
        now = time.monotonic()
        if now - told_at >= tell_seconds:
            report(f"Waiting for {url} to answer, {now - started:.0f} s until now …")
            told_at = now
        try:
            return _status_of(url) == HTTPStatus.OK
        except (OSError, HTTPException):  # refused, or cut off
            return False

    return is_answered


def _status_of(url: str) -> int:
    place = urlsplit(url)
    connection = HTTPConnection(place.netloc, timeout=TELL_SECONDS)
    try:
        connection.request("GET", place.path)
        return connection.getresponse().status
    finally:
        connection.close()
