"""XLSX as strangers make it: looked through before it is opened.

The first sheet that is not hidden is read; rows that are hidden on it are read as well. Formulas
count as what the spreadsheet last computed.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from core.spreadsheets import read_text
from imports.services.tables import (
    LARGEST_FILE,
    MOST_CELLS,
    MOST_COLUMNS,
    Line,
    PlainNumber,
    Table,
    UnreadableFile,
    column_names,
)

ZIP: Final = b"PK\x03\x04"
OLE: Final = b"\xd0\xcf\x11\xe0"
_MOST_PARTS: Final = 1000
_LARGEST_WORKBOOK: Final = LARGEST_FILE // 4  # unpacked; all of the sheet is held in memory
_CHUNK: Final = 256 * 1024
_OVERLAP: Final = 64
# The place of a cell or row, however its attribute is written.
_PLACE: Final = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})([0-9]{1,7})["']""")
_BEFORE_A: Final = ord("A") - 1
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    CalamineError,
    NotImplementedError,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    KeyError,
)


class WorkbookTable(Table):
    def __init__(self, path: Path) -> None:
        self._size = path.stat().st_size
        book = CalamineWorkbook.from_path(path)
        sheet = book.get_sheet_by_name(_first_visible(book))
        self._height, self._rows_read = max(sheet.total_height, 1), 0
        self._rows = enumerate(sheet.iter_rows(), start=(sheet.start or (0, 0))[0] + 1)
        self.columns = column_names([_text(cell) for cell in next(self._rows, (1, []))[1]])

    def __iter__(self) -> Iterator[Line]:
        for number, cells in self._rows:
            self._rows_read += 1
            texts = [_text(cell) for cell in cells]
            if any(texts):
                yield Line(number, texts)

    def position(self) -> int:
        """Return how many bytes of the file have been read, as far as rows tell."""
        return min(self._size, self._size * (self._rows_read + 1) // self._height)


@contextmanager
def open_workbook(path: Path) -> Iterator[Table]:
    """Open an XLSX file; see ``files.open_table``."""
    try:
        _look_through(path)
        table = WorkbookTable(path)
    except _BROKEN as error:
        raise UnreadableFile("This is not a whole XLSX workbook.") from error
    yield table


def _first_visible(book: CalamineWorkbook) -> str:
    for sheet in book.sheets_metadata:
        is_sheet = sheet.typ == SheetTypeEnum.WorkSheet
        if is_sheet and sheet.visible == SheetVisibleEnum.Visible:
            return str(sheet.name)
    raise UnreadableFile("The workbook has no sheet that is visible.")


def _text(value: Any) -> str:
    """Return a cell as the text that a person would have typed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return PlainNumber(f"{Decimal(f'{value:.15g}'):f}")  # as exact as spreadsheets are
    if isinstance(value, date | datetime | time | timedelta):
        return str(value)
    return read_text(str(value))


def _look_through(path: Path) -> None:
    """Refuse what would take too much memory: by what is really there, not by what is declared."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _LARGEST_WORKBOOK:
            raise UnreadableFile("The workbook is too large when unpacked.")
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels")):
                _look_through_part(archive, part)


def _look_through_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Unpack a part piece by piece, and look for declarations and far-off cells."""
    is_sheet = "worksheets/" in part.filename.lower()
    column, row, before = 0, 0, b""
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            text = before + chunk
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\x00" in chunk:
                raise UnreadableFile("The workbook declares entities, which are not taken.")
            if is_sheet:
                column, row = _extent(text, column, row)
            before = text[-_OVERLAP:]
    if column > MOST_COLUMNS or column * row > MOST_CELLS:
        raise UnreadableFile(f"The sheet has more than {MOST_CELLS} cells.")


def _extent(text: bytes, column: int, row: int) -> tuple[int, int]:
    """Return the highest column and row that are named."""
    places = set(_PLACE.findall(text))
    row = max((int(number) for _, number in places), default=row) if places else row
    letters = {name for name, _ in places}
    return max([column, *map(_column_number, letters)]), row


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - _BEFORE_A
    return number
