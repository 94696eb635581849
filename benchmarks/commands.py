"""Running other programs."""

import subprocess

from benchmarks.environment import ROOT


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the project's, from its folder, and keep what it prints."""
    return subprocess.run(  # noqa: S603 - no part of it comes from outside
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
