"""The launcher with real servers, really killed. Each user of a server is a process of its own."""

import fcntl
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from config.tests.processes import (
    all_processes,
    is_quiet,
    kill,
    link,
    processes_of,
    reapers_of,
    server_of,
)
from core.tests.waiting import PATIENCE_SECONDS, wait_until

ROOT = Path(__file__).resolve().parents[2]
USER_PROGRAM = """
import json, os, sys
from pathlib import Path
from config import embedded_postgres
where = embedded_postgres.ensure(Path(sys.argv[1]), durable=sys.argv[2] == "durable")
child = os.fork() if sys.argv[3] == "fork" else 0
if child or sys.argv[3] == "alone":
    print(json.dumps(where | {"CHILD": child}), flush=True)
sys.stdin.read()
"""
ENVIRONMENT = {"PG_LINGER": "0.2", "PYTHONPATH": str(ROOT)}
IS_ROOT = os.geteuid() == 0

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/cwd").exists(),
    reason="finding the server's processes takes /proc",
)


class User:
    """A process that uses the server in ``data`` until it is told to leave, or is killed."""

    def __init__(
        self, data: Path, *, durability: str = "fast", forks: str = "alone", linger: str = "0.2"
    ) -> None:
        self.told: dict[str, str] = {}
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER_PROGRAM, str(data), durability, forks],
            env=os.environ | ENVIRONMENT | {"PG_LINGER": linger},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def where(self) -> dict[str, str]:
        assert self.process.stdout
        if not self.told:  # it tells once
            self.told = json.loads(self.process.stdout.readline())
        return self.told

    def query(self, sql: str) -> list[tuple[object, ...]]:
        where = self.where()
        with psycopg.connect(
            host=where["HOST"],
            port=where["PORT"],
            user=where["USER"],
            dbname=where["NAME"],
        ) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def leave(self) -> None:
        self.process.communicate(timeout=PATIENCE_SECONDS)


@contextmanager
def user(data: Path, **options: str) -> Iterator[User]:
    someone = User(data, **options)
    try:
        yield someone
    finally:
        someone.leave()


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "postgres"
    yield folder
    wait_until(lambda: is_quiet(folder))


def test_makes_a_utf8_database_of_its_own(data: Path) -> None:
    sql = """SELECT current_database(), current_user, datlocprovider, datlocale,
             current_setting('server_encoding') FROM pg_database WHERE datname = 'tradepost'"""

    with user(data) as someone:
        assert someone.query(sql) == [("tradepost", "tradepost", "b", "C.UTF-8", "UTF8")]


def test_listens_to_nothing_but_a_socket_for_its_owner(data: Path) -> None:
    with user(data) as someone:
        assert someone.query("SHOW listen_addresses") == [("",)]
        assert (data / ".s.PGSQL.5432").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("durability", "fsync"), [("durable", "on"), ("fast", "off")])
def test_is_durable_unless_told_otherwise(data: Path, durability: str, fsync: str) -> None:
    with user(data, durability=durability) as someone:
        assert someone.query("SHOW fsync") == [(fsync,)]


def test_stops_the_server_after_its_last_user(data: Path) -> None:
    with user(data) as first:
        first.where()
        with user(data) as second:
            second.where()
        time.sleep(0.6)
        assert processes_of(data)

    wait_until(lambda: is_quiet(data))


def test_stops_the_server_of_a_killed_user(data: Path) -> None:
    with user(data) as someone:
        someone.where()
        someone.process.kill()

    wait_until(lambda: is_quiet(data))


def test_a_command_right_after_another_finds_the_same_server(data: Path) -> None:
    with user(data, linger="600") as first:  # the other comes before that, however slow it is
        first.where()
        server = server_of(data)
    with user(data) as second:
        second.where()
        assert server_of(data) == server
    kill(*reapers_of(data), *processes_of(data))


def test_a_forked_worker_keeps_the_server_of_its_killed_parent(data: Path) -> None:
    with user(data, forks="fork") as parent:
        worker = int(parent.where()["CHILD"])
        parent.process.kill()
        time.sleep(0.6)
        assert processes_of(data)
        kill(worker)


def test_two_demos_have_two_servers(data: Path, tmp_path: Path) -> None:
    with user(data) as one, user(tmp_path / "other") as other:
        one.query("CREATE TABLE mine ()")
        assert other.query("SELECT to_regclass('mine')") == [(None,)]
    wait_until(lambda: is_quiet(tmp_path / "other"))


def test_several_commands_at_once_share_one_server(data: Path) -> None:
    with ExitStack() as stack:
        users = [stack.enter_context(user(data)) for _ in range(4)]
        assert all(someone.query("SELECT 1") == [(1,)] for someone in users)
        assert len({someone.process.pid for someone in users}) == 4
        assert len(reapers_of(data)) == 1


def test_recovers_after_everything_was_killed(data: Path) -> None:
    with user(data, durability="durable") as someone:
        someone.query("CREATE TABLE kept ()")
        kill(someone.process.pid, *reapers_of(data), *processes_of(data))

    with user(data) as survivor:
        assert survivor.query("SELECT count(*) FROM kept") == [(0,)]


def test_restarts_a_killed_server_while_others_use_it(data: Path) -> None:
    with user(data) as first:
        first.where()
        kill(server_of(data))
        with user(data) as second:
            assert second.query("SELECT 1") == [(1,)]


def test_replaces_a_killed_reaper(data: Path) -> None:
    with user(data) as first:
        first.where()
        kill(*reapers_of(data))
    assert processes_of(data)

    with user(data) as second:
        second.where()
    wait_until(lambda: is_quiet(data))


def test_a_users_programs_do_not_count_as_users(data: Path) -> None:
    with user(data) as someone:
        someone.where()
        holders = [pid for pid in all_processes() if holds(pid, data / "use.lock")]
        assert set(holders) - set(reapers_of(data)) == {someone.process.pid}


def holds(pid: int, path: Path) -> bool:
    with suppress(OSError):
        return any(
            link(pid, f"fd/{fd.name}") == str(path) for fd in Path(f"/proc/{pid}/fd").iterdir()
        )
    return False


def test_ignores_the_pid_file_of_a_server_long_gone(data: Path) -> None:
    with user(data) as first:
        first.where()
        lines = (data / "cluster/postmaster.pid").read_text().splitlines()
        kill(first.process.pid, *reapers_of(data), *processes_of(data))
    # The number is taken by another program of ours by now: this one.
    (data / "cluster/postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]))

    with user(data) as second:
        assert second.query("SELECT 1") == [(1,)]


def test_starts_over_after_a_half_made_cluster(data: Path) -> None:
    (data / "new").mkdir(parents=True)
    (data / "new" / "PG_VERSION").write_text("18\n")

    with user(data) as someone:
        assert someone.query("SELECT 1") == [(1,)]
    assert not (data / "new").exists()


@pytest.mark.parametrize("name", ["a folder", 'o\'Hara, "$HOME" `x` \\ é', "long" * 50])
def test_works_in_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name

    with user(folder) as someone:
        where = someone.where()
        assert len(where["HOST"]) <= 92
        with psycopg.connect(host=where["HOST"], user=where["USER"], dbname=where["NAME"]):
            assert processes_of(folder)

    wait_until(lambda: is_quiet(folder))
    assert where["HOST"] == str(folder) or not os.path.lexists(where["HOST"])


def test_says_which_folder_it_cannot_use(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert_refuses([sys.executable], tmp_path / "file", because="cannot use")


def test_asks_for_a_database_url_where_no_postgresql_is_packaged(
    tmp_path: Path,
) -> None:
    bare_python = [sys.executable, "-S"]

    assert_refuses(bare_python, tmp_path / "pg", because="set DATABASE_URL")


@pytest.mark.skipif(not IS_ROOT, reason="only root needs a user namespace")
def test_asks_for_a_database_url_where_root_has_no_namespaces(tmp_path: Path) -> None:
    forbid = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    confined = [
        "unshare",
        "--user",
        "--map-root-user",
        "sh",
        "-c",
        forbid,
        "sh",
        sys.executable,
    ]

    assert_refuses(confined, tmp_path / "pg", because="set DATABASE_URL")


def assert_refuses(python: list[str], data: Path, *, because: str) -> None:
    done = subprocess.run(
        [*python, "-c", USER_PROGRAM, str(data), "fast", "alone"],
        env=os.environ | ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    last_line = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert last_line.startswith("config.embedded_postgres.EmbeddedPostgresError: ")
    assert because in last_line


@pytest.fixture
def folder_of_nobody() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="tradepost-test-"))
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    yield folder
    wait_until(lambda: is_quiet(folder))
    shutil.rmtree(folder)


@pytest.mark.skipif(not IS_ROOT, reason="every other test already runs as an ordinary user")
def test_works_for_an_ordinary_user(folder_of_nobody: Path) -> None:
    python = python_that_nobody_may_run()
    packages = os.pathsep.join([str(ROOT), *(path for path in sys.path if "site-packages" in path)])

    done = subprocess.run(
        [*python, "-c", USER_PROGRAM, str(folder_of_nobody), "fast", "alone"],
        env=os.environ | ENVIRONMENT | {"PYTHONPATH": packages},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["HOST"] == str(folder_of_nobody)
    assert (folder_of_nobody / "cluster").owner() == "nobody"


def python_that_nobody_may_run() -> list[str]:
    ids = pwd.getpwnam("nobody")
    drop = [
        "setpriv",
        f"--reuid={ids.pw_uid}",
        f"--regid={ids.pw_gid}",
        "--clear-groups",
    ]
    readable = f"open(sys.executable); open({str(ROOT / 'manage.py')!r})"
    check = f"import sys; {readable}; sys.exit(sys.version_info < (3, 11))"
    for python in (sys.executable, "/usr/bin/python3"):
        with suppress(OSError):
            command = [*drop, python]
            trial = subprocess.run([*command, "-c", check], capture_output=True, check=False)
            if trial.returncode == 0:
                return command
    pytest.skip("no Python 3.11 and checkout here that the user nobody may read")


def test_the_reaper_holds_its_lock_from_birth(data: Path) -> None:
    with user(data) as someone:
        someone.where()
        with (data / "reaper.lock").open() as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_knows_letters_of_other_scripts(data: Path) -> None:
    with user(data) as someone:
        someone.query("CREATE EXTENSION pg_trgm")
        assert someone.query("SELECT similarity('преступление', 'преступлене') > 0.5") == [(True,)]
