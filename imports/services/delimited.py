"""CSV as strangers write it: any delimiter, any of the usual encodings, packed or not."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import itertools
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from core.csv_files import undefused
from imports.services.tables import (
    LARGEST_FILE,
    LONGEST_LINE,
    Line,
    Table,
    UnreadableFile,
    column_names,
)

GZIP: Final = b"\x1f\x8b"
_DELIMITERS: Final = ",;\t|"
_CHUNK: Final = 1024 * 1024
# A packed file this much larger than itself is no table of products.
_LARGEST_RATIO: Final = 250
_SMALL: Final = 20 * 1024 * 1024


class DelimitedTable(Table):
    def __init__(self, text: IO[str], raw: IO[bytes]) -> None:
        self._raw = raw
        rest = _bounded(text, raw)
        first = next(rest, "").lstrip("\ufeff")
        lines = itertools.chain([first], rest)
        self._reader = csv.reader(lines, delimiter=_delimiter(first), strict=True)
        self.columns = column_names(self._record())

    def _record(self) -> list[str]:
        try:
            return next(self._reader, [])
        except csv.Error as error:
            raise UnreadableFile(f"Line {self._reader.line_num}: {error}.") from error

    def __iter__(self) -> Iterator[Line]:
        while True:
            begins = self._reader.line_num + 1
            cells = self._record()
            if cells:
                yield Line(begins, [undefused(cell) if cell[:1] == "'" else cell for cell in cells])
            elif self._reader.line_num < begins:
                return

    def position(self) -> int:
        return self._raw.tell()


def _delimiter(header: str) -> str:
    """Return the delimiter by which the header falls into most columns."""

    def columns(delimiter: str) -> int:
        return max((len(row) for row in csv.reader([header], delimiter=delimiter)), default=0)

    try:
        return max(_DELIMITERS, key=columns)
    except csv.Error as error:
        raise UnreadableFile(f"Line 1: {error}.") from error


@contextmanager
def open_delimited(path: Path, *, sample_only: bool) -> Iterator[Table]:
    """Open a CSV file; see ``files.open_table``."""
    try:
        encoding = _encoding(path, sample_only=sample_only)
        with (
            path.open("rb") as raw,
            io.TextIOWrapper(_unpacked(raw), encoding=encoding, newline="") as text,
        ):
            yield DelimitedTable(text, raw)
    except UnicodeDecodeError as error:
        raise UnreadableFile("The file is not text in UTF-8, UTF-16 or Windows-1252.") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UnreadableFile("The file is not whole: it cannot be unpacked.") from error


def _unpacked(raw: IO[bytes]) -> IO[bytes] | gzip.GzipFile:
    is_packed = raw.read(len(GZIP)) == GZIP
    raw.seek(0)
    return gzip.open(raw) if is_packed else raw


def _encoding(path: Path, *, sample_only: bool) -> str:
    """Return the encoding: as its mark says, UTF-8 if all of it is, else Windows-1252."""
    with path.open("rb") as raw:
        binary = _unpacked(raw)
        chunk = binary.read(_CHUNK)
        if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        decoder = codecs.getincrementaldecoder("utf-8")()
        total = 0
        try:
            while chunk:
                decoder.decode(chunk)
                total += len(chunk)
                _check_size(total, raw)
                chunk = b"" if sample_only else binary.read(_CHUNK)
            if not sample_only:
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _bounded(text: IO[str], raw: IO[bytes]) -> Iterator[str]:
    """Yield the lines, none longer and not more in all than is taken."""
    total = 0
    while line := text.readline(LONGEST_LINE + 1):
        total += len(line)
        if len(line) > LONGEST_LINE:
            raise UnreadableFile(f"A line is longer than {LONGEST_LINE} characters.")
        _check_size(total, raw)
        yield line


def _check_size(total: int, raw: IO[bytes]) -> None:
    if total > LARGEST_FILE:
        raise UnreadableFile("The file is too large.")
    if total > _SMALL and total > _LARGEST_RATIO * raw.tell():
        raise UnreadableFile("The file is packed so densely that it is no table of products.")
