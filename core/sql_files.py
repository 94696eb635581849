"""Functions and triggers of the database: each in a file ``<app>/database/<name>.sql``.

The file says what is in force today. The migration that runs it is the latest one that changed it:
whoever changes the file moves its name there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.db.migrations import RunSQL

ROOT: Final = Path(__file__).resolve().parents[1]


def run_files(app: str, *names: str) -> list[RunSQL]:
    """Return the operations that create what these files define, or replace what is there."""
    folder = ROOT / app / "database"
    return [RunSQL((folder / f"{name}.sql").read_text("utf-8"), RunSQL.noop) for name in names]
