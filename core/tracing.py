"""The id that follows a request through logs, events and jobs."""

import re
from contextvars import ContextVar

from uuid_utils.compat import uuid7

_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")

request_id: ContextVar[str] = ContextVar("request_id", default="")


def accept_or_make(candidate: str) -> str:
    """Return the caller's id if it is well-formed, otherwise a new one."""
    return candidate if _WELL_FORMED.fullmatch(candidate) else uuid7().hex
