"""The demo as its user meets it: started, stopped, started again, killed, started again."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

import pytest

from core.tests.waiting import PATIENCE_SECONDS, wait_until

ROOT = Path(__file__).resolve().parents[2]


class Demo:
    """`manage.py demo` in a folder, on a free port."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(self.port), *arguments],
            cwd=ROOT,
            env=environment(data),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_until_up(self) -> str:
        """Return what it printed until it told how to stop it."""
        assert self.process.stdout
        lines: list[str] = []
        for line in self.process.stdout:
            lines.append(line)
            if "Ctrl-C stops the shop" in line:
                return "".join(lines)
        pytest.fail("".join(lines))

    def get(self, path: str) -> bytes:
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE_SECONDS) as response:
            answer: bytes = response.read()
            return answer

    def products(self) -> int:
        count: int = json.loads(self.get("/api/v1/products/"))["count"]
        return count

    def end(self) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, output


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(data: Path) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "DATA_DIR": str(data),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "PG_LINGER": "0.5",
    }


@contextmanager
def running_demo(data: Path) -> Iterator[tuple[Demo, str]]:
    """A demo that is up, and what it printed; killed in the end if it still runs."""
    demo = Demo(data)
    try:
        yield demo, demo.wait_until_up()
    finally:
        demo.process.kill()
        demo.process.communicate()


def processes_of(data: Path) -> list[str]:
    """The command lines of all processes that serve the demo in ``data``, its database included."""
    found = []
    for process in Path("/proc").iterdir():
        with suppress(OSError):  # it may end while it is looked at
            if process.name.isdecimal() and serves(process, data):
                found.append((process / "cmdline").read_text().replace("\0", " "))
    return found


def serves(process: Path, data: Path) -> bool:
    return (
        f"DATA_DIR={data}\0" in (process / "environ").read_text("utf-8", "replace")
        or (process / "cwd").readlink() == data / "postgres/cluster"
    )


def run(*command: str, data: Path) -> str:
    """What a command printed, which must have succeeded."""
    result = subprocess.run(
        command, cwd=ROOT, env=environment(data), capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="takes /proc")
@pytest.mark.skipif(shutil.which("curl") is None, reason="docs/first_sale.sh takes curl")
def test_sells_stops_cleanly_starts_again_and_recovers_from_a_kill(tmp_path: Path) -> None:
    with running_demo(tmp_path) as (demo, welcome):
        products = demo.products()
        assert f"http://127.0.0.1:{demo.port}/api/docs/" in welcome
        assert "customer@example.com" in welcome
        assert b"swagger" in demo.get("/api/docs/")
        story = run("docs/first_sale.sh", f"http://127.0.0.1:{demo.port}", data=tmp_path)
        assert "The first sale is complete." in story
        assert " 0 broken." in run(sys.executable, "manage.py", "audit", data=tmp_path)
        demo.process.send_signal(signal.SIGTERM)
        assert demo.end() == (0, "The demo has stopped.\n")
    wait_until_nothing_is_left(tmp_path)

    with running_demo(tmp_path) as (demo, _):
        assert demo.products() == products
        second = Demo(tmp_path).end()
        assert second[0] == 1
        assert f"A demo already runs in {tmp_path}" in second[1]
        demo.process.kill()

    with running_demo(tmp_path) as (demo, _):
        assert demo.products() == products
        demo.process.send_signal(signal.SIGINT)
        assert demo.end() == (0, "The demo has stopped.\n")
    wait_until_nothing_is_left(tmp_path)


def wait_until_nothing_is_left(data: Path) -> None:
    wait_until(lambda: not processes_of(data), otherwise=lambda: processes_of(data))


def test_says_in_one_line_that_its_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        status, output = Demo(tmp_path, f"--port={other.getsockname()[1]}").end()
    assert status == 1
    assert output.startswith("CommandError: Port ")
    assert output.count("\n") == 1
