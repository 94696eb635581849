"""The whole benchmark, on a shop of thirty products and for moments only."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.environment import ROOT
from core.tests.waiting import PATIENCE_SECONDS


@pytest.mark.slow
def test_measures_everything_and_finds_nothing_wrong(tmp_path: Path) -> None:
    output = tmp_path / "results.json"
    small = ["--size=30", "--seconds=0.1", "--clients=2"]
    place = [f"--data={tmp_path / 'data'}", f"--output={output}"]

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *small, *place],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads(output.read_text())
    assert all(figure["pieces"] for figure in results["figures"])
    assert results["race"]["sold"] == 50
    assert results["is_audit_clean"]
