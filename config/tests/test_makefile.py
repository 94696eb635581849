"""The two commands and their scripts, as far as they can be run without installing anything."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def make(*arguments: str) -> str:
    done = subprocess.run(
        ["make", "--silent", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture
def poor_machine(tmp_path: Path) -> Path:
    """A folder to be the whole PATH: without Python and uv."""
    for program in ("bash", "dirname", "env"):
        (tmp_path / program).symlink_to(str(shutil.which(program)))
    return tmp_path


def install(path: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(path)}
    script = [str(path / "bash"), str(ROOT / ".ci/install")]
    return subprocess.run(script, env=environment, capture_output=True, text=True, check=False)


def test_make_alone_lists_every_target_in_one_line() -> None:
    targets = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[0]
    listed = [line.split()[1] for line in make().splitlines()]
    assert listed == targets.split()


@pytest.mark.parametrize(
    ("data", "folder"), [("DATA=some folder", "some folder"), ("DATA=", ".data")]
)
def test_the_demo_is_told_its_port_and_folder(data: str, folder: str) -> None:
    plan = make("--dry-run", "demo", "PORT=8123", data)
    assert f'DATA_DIR="{folder}" exec .venv/bin/python manage.py demo --port "8123"' in plan


@pytest.mark.parametrize("script", ["install", "check", "run"])
def test_the_scripts_are_sound_bash(script: str) -> None:
    path = ROOT / ".ci" / script
    assert "set -euo pipefail" in path.read_text()
    assert subprocess.run(["bash", "-n", path], check=False).returncode == 0


def test_says_in_one_line_that_python_is_missing(poor_machine: Path) -> None:
    done = install(poor_machine)
    assert done.returncode == 1
    assert done.stderr == (
        "Tradepost cannot be installed: it needs Python 3.11 or newer, found only none.\n"
    )


def test_says_in_one_line_that_python_is_too_old(poor_machine: Path) -> None:
    old = poor_machine / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 || exit 1\n')
    old.chmod(0o755)
    (poor_machine / "sh").symlink_to("/bin/sh")
    assert "found only Python 3.9.2." in install(poor_machine).stderr
