"""The demo's supervisor with real programs, really killed."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from config.tests.processes import is_alive, is_quiet, kill, server_of
from core.tests.waiting import wait_until
from demo import supervisor
from demo.supervisor import DemoError, Program

ROOT = Path(__file__).resolve().parents[2]
SUPERVISOR = """
import sys, time
from pathlib import Path
from demo import supervisor
data = Path(sys.argv[1])
with supervisor.lock_demo(data) as demo, supervisor.lock_programs(data) as lock:
    sleeper = supervisor.Program("sleeper", ["/bin/sleep", "3600"], data / "log", lock, {})
    with supervisor.running([sleeper]):
        print(sleeper.process.pid, flush=True)
        time.sleep(3600)
"""
DATABASE_SUPERVISOR = """
import sys
from functools import partial
from pathlib import Path
from config import embedded_postgres
from demo import supervisor
data = Path(sys.argv[1])
embedded_postgres.ensure(data, durable=False)
report = partial(print, flush=True)
report("up")
supervisor.supervise([supervisor.Database(data)], until=lambda: False, report=report)
"""


@pytest.fixture
def make_program(tmp_path: Path) -> Iterator[Callable[[str], Program]]:
    """A factory of programs whose code is Python source."""
    with (tmp_path / "lock").open("wb") as lock:
        yield lambda source: Program(
            "thing", [sys.executable, "-c", source], tmp_path / "log", lock, {}
        )


def pid_of(program: Program) -> int:
    assert program.process
    return program.process.pid


def start_supervisor(data: Path) -> tuple[subprocess.Popen[str], int]:
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(data)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert supervisor.stdout
    return supervisor, int(supervisor.stdout.readline())


def test_stops_its_programs_in_the_end(make_program: Callable[[str], Program]) -> None:
    program = make_program("import time; time.sleep(3600)")
    with supervisor.running([program]):
        assert is_alive(pid_of(program))
    assert not is_alive(pid_of(program))


def test_kills_a_program_that_does_not_listen(make_program: Callable[[str], Program]) -> None:
    program = make_program(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('deaf', flush=True); time.sleep(3600)"
    )
    with supervisor.running([program], patience=0.5):
        wait_until(lambda: "deaf" in program.tail())
    assert not is_alive(pid_of(program))


def test_starts_a_program_that_died_again(make_program: Callable[[str], Program]) -> None:
    program = make_program("import time; time.sleep(3600)")
    reports: list[str] = []
    with supervisor.running([program]):
        first = pid_of(program)
        os.kill(first, signal.SIGKILL)
        supervisor.supervise([program], until=lambda: bool(reports), report=reports.append)
        assert pid_of(program) != first
    assert reports == [f"The thing died, see {program.log}: starting it again."]


def test_ends_with_the_log_of_a_program_that_keeps_dying(
    make_program: Callable[[str], Program],
) -> None:
    program = make_program("print('no such table')")
    with (
        pytest.raises(DemoError, match=r"does not stay up.*ends:\n(no such table\n?){3}"),
        supervisor.running([program]),
    ):
        supervisor.supervise([program], until=lambda: False, report=lambda _: None)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells that a server has died")
def test_starts_a_database_that_died_again(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", DATABASE_SUPERVISOR, str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"PG_LINGER": "0.2"},
        stdout=subprocess.PIPE,
        text=True,
    ) as supervisor:
        assert supervisor.stdout
        assert supervisor.stdout.readline() == "up\n"
        first = server_of(tmp_path)
        kill(first)
        assert supervisor.stdout.readline().startswith("The database died")
        wait_until(lambda: server_of(tmp_path) not in {0, first})
        supervisor.kill()
    wait_until(lambda: is_quiet(tmp_path))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of a parent's death")
def test_a_killed_supervisor_takes_its_programs_along(tmp_path: Path) -> None:
    supervisor, program = start_supervisor(tmp_path)
    supervisor.kill()
    supervisor.communicate()
    wait_until(lambda: not is_alive(program))


def test_refuses_a_second_demo_in_the_same_folder(tmp_path: Path) -> None:
    with (
        closing(supervisor.lock_demo(tmp_path)),
        pytest.raises(DemoError, match="A demo already runs in"),
    ):
        supervisor.lock_demo(tmp_path)


def test_waits_for_the_programs_of_a_killed_demo(tmp_path: Path) -> None:
    with supervisor.lock_programs(tmp_path) as lock:
        leftover = subprocess.Popen(["/bin/sleep", "3600"], pass_fds=[lock.fileno()])
    with leftover:
        with pytest.raises(DemoError, match="do not end"):
            supervisor.lock_programs(tmp_path, patience=0.2)
        leftover.kill()
    supervisor.lock_programs(tmp_path).close()


def test_says_what_to_do_about_a_busy_port() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(DemoError, match="choose another, make demo PORT="):
            supervisor.refuse_busy_port("127.0.0.1", other.getsockname()[1])


def test_waits_for_a_server_as_long_as_it_takes_and_tells_so() -> None:
    reports: list[str] = []
    url = "http://127.0.0.1:9/healthz"
    is_up = supervisor.answers(url, report=reports.append, tell_seconds=0)
    supervisor.supervise([], until=lambda: is_up() or len(reports) == 3, report=reports.append)
    assert reports == [f"Waiting for {url} to answer, 0 s until now …"] * 3
