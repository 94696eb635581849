"""Looking for processes, and ending them: what the tests of servers share."""

import os
import signal
from contextlib import suppress
from pathlib import Path


def server_of(data: Path) -> int:
    """The server's main process, 0 while there is none."""
    with suppress(FileNotFoundError):
        return int((data / "cluster/postmaster.pid").read_text().split()[0])
    return 0


def processes_of(data: Path) -> list[int]:
    """All processes of the server, its main one included."""
    return [pid for pid in all_processes() if link(pid, "cwd") == str(data / "cluster")]


def all_processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def link(pid: int, name: str) -> str:
    with suppress(OSError):
        return str(Path(f"/proc/{pid}/{name}").readlink())
    return ""


def reapers_of(data: Path) -> list[int]:
    return [pid for pid in all_processes() if link(pid, "fd/0") == str(data / "reaper.lock")]


def is_quiet(data: Path) -> bool:
    """Whether neither a server nor a reaper is left."""
    return not processes_of(data) and not reapers_of(data)


def kill(*pids: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # the main process may have taken its children along
            os.kill(pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
