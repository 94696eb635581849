"""Writing XLSX row by row: every text is a text, whatever it begins with."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

CHUNK_BYTES = 256 * 1024

# What XML cannot hold, or gives back changed, is written as Excel writes it: _x000D_. What
# already looks like that is written with its underscore spelt out.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_SPELT_OUT = re.compile(r"_x([0-9A-Fa-f]{4})_")


def write_workbook(rows: Iterable[Iterable[Any]]) -> IO[bytes]:
    """Return a temporary file, open at its beginning, with ``rows`` on its one sheet.

    Rows are written to disk as they come, so that memory does not grow with them.
    """
    from openpyxl import Workbook  # noqa: PLC0415 - slow to load, and seldom needed

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Products")
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    book.save(file)
    file.seek(0)
    return file


def _cell(sheet: Any, value: Any) -> Any:
    """Return a cell; a text is marked as such, or a leading ``=`` would make it a formula."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - as above

    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=_UNWRITABLE.sub(_spelt_out, value))
    cell.data_type = "s"
    return cell


def _spelt_out(match: re.Match[str]) -> str:
    return f"_x{ord(match[0]):04X}_"


def read_text(text: str) -> str:
    """Return the text that a cell stands for: ``_x000D_`` is a carriage return."""
    return _SPELT_OUT.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the content of a file piece by piece, and close it."""
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
