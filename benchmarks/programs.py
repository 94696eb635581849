"""The programs that are measured: started as the demo starts them, stopped in the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO

from benchmarks.environment import ROOT, Server
from benchmarks.processor import cpu_seconds, family_of
from demo import supervisor
from demo.supervisor import Program


def shop_programs(server: Server, port: int, lock: BinaryIO) -> list[Program]:
    """Return the shop's web server and its worker, not started yet."""
    programs = supervisor.programs_of(
        logs=server.data / "logs", lock=lock, root=ROOT, bind=f"127.0.0.1:{port}"
    )
    for program in programs:
        program.log.write_bytes(b"")
    return programs


def bare_program(server: Server, port: int, answer: bytes, lock: BinaryIO) -> Program:
    """Return the bare Django under the shop's web server, answering ``answer``."""
    file = server.data / "bare_answer.json"
    file.write_bytes(answer)
    gunicorn = ["-m", "gunicorn", "--config", str(ROOT / "config/gunicorn.py")]
    place = ["--chdir", str(ROOT), "--bind", f"127.0.0.1:{port}", "benchmarks.bare.wsgi"]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "benchmarks.bare.settings",
        "BARE_ANSWER_FILE": str(file),
    }
    command = [sys.executable, *gunicorn, *place]
    return Program("bare Django", command, server.data / "logs/bare.log", lock, environment)


@contextmanager
def running(*programs: Program, until_answers: str) -> Iterator[None]:
    """Run the programs for the length of the block, which begins once the address answers."""
    with supervisor.running(programs):
        is_up = supervisor.answers(until_answers, report=print)
        supervisor.supervise(programs, until=is_up, report=print)
        yield


def cpu_by_part(parts: Mapping[str, int]) -> dict[str, float]:
    """Return the CPU seconds that each part's first process and all below it have used."""
    return {name: cpu_seconds(family_of(process)) for name, process in parts.items()}
