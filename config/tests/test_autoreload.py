"""The embedded server under Django's auto-reloader, which runs everything in a second process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.tests.processes import is_alive, is_quiet, kill, server_of
from core.tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import os, sys, time
from pathlib import Path
import django
from django.conf import settings
from django.utils import autoreload
from config import embedded_postgres

urlpatterns = []
embedded_postgres.ensure(Path(sys.argv[1]), durable=False)
settings.configure(ROOT_URLCONF="__main__")
django.setup()


def serve():
    print(os.getpid(), flush=True)
    time.sleep(3600)


autoreload.run_with_reloader(serve)
"""


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="takes /proc")
def test_the_server_stays_over_a_reload_and_stops_after_a_kill(tmp_path: Path) -> None:
    data, program = tmp_path / "postgres", tmp_path / "program.py"
    program.write_text(PROGRAM)
    environment = os.environ | {"PG_LINGER": "0.3", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, str(program), str(data)], env=environment, stdout=subprocess.PIPE
    ) as reloader:
        assert reloader.stdout
        before, server = int(reloader.stdout.readline()), server_of(data)
        wait_until(lambda: has_touched_until_dead(program, before))
        after = int(reloader.stdout.readline())
        assert server_of(data) == server
        kill(reloader.pid, after)
    wait_until(lambda: is_quiet(data))


def has_touched_until_dead(program: Path, pid: int) -> bool:
    """Change the file anew each time: the reloader may not have looked at it before."""
    program.touch()
    return not is_alive(pid)
