"""Reading tables that strangers made: streamed, bounded, refused in plain words."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from imports.services.delimited import open_delimited
from imports.services.tables import Table, UnreadableFile
from imports.services.workbooks import OLE, ZIP, open_workbook


def open_table(path: Path, *, sample_only: bool = False) -> AbstractContextManager[Table]:
    """Open a table, by what is in the file rather than by its name.

    CSV, packed by gzip or not, in UTF-8, UTF-16 or Windows-1252, delimited by comma, semicolon,
    tab or bar; or an XLSX workbook. ``sample_only`` looks at the beginning alone to tell the
    encoding. Raises UnreadableFile, also while the table is read.
    """
    with path.open("rb") as file:
        beginning = file.read(len(ZIP))
    if beginning == OLE:
        raise UnreadableFile("Workbooks are read as XLSX, without a password.")
    if beginning == ZIP:
        return open_workbook(path)
    return open_delimited(path, sample_only=sample_only)
