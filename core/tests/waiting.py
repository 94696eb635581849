"""Waiting for what happens in other processes and threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

# For what comes at once on a quiet machine: no test may fail because its machine is slow.
PATIENCE_SECONDS: Final = 300


def wait_until(condition: Callable[[], bool], *, otherwise: Callable[[], Any] = str) -> None:
    """Return once the condition holds; ``otherwise`` tells what is there instead."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, otherwise()
        time.sleep(0.02)
