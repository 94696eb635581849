"""The examples of the guide run as they stand."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from core.tests.waiting import PATIENCE_SECONDS

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "authentication.md"
COMMANDS = {
    "sh": ["bash", "-euo", "pipefail", "-s"],
    "js": ["node", "--input-type=module", "-"],
    "python": [sys.executable, "-"],
}


def example(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", sorted(COMMANDS))
def test_the_example_runs(language: str, live_server: Any) -> None:
    if shutil.which(COMMANDS[language][0]) is None:
        pytest.skip(f"{COMMANDS[language][0]} is not installed")

    done = subprocess.run(
        COMMANDS[language],
        input=example(language),
        env=os.environ | {"SHOP": live_server.url, "no_proxy": "localhost,127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert User.objects.get().email in done.stdout
