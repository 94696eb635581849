"""What a table is, whatever kind of file it came in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.errors import InvalidInput

LONGEST_LINE: Final = 1024 * 1024
LARGEST_FILE: Final = 512 * 1024**2  # unpacked
MOST_COLUMNS: Final = 1000
MOST_CELLS: Final = 10_000_000
ATTRIBUTE: Final = "attr."


class UnreadableFile(InvalidInput):
    """The file as a whole cannot be taken; nothing was written."""

    code = "unreadable_file"
    title = "The file cannot be read."


class PlainNumber(str):
    """A number that a workbook held as such: digits and a decimal point, never a comma."""

    __slots__ = ()


@dataclass(frozen=True)
class Line:
    """A record and the line of the file that it begins on; the header is on line 1."""

    number: int
    cells: list[str]


class Table(ABC):
    """A table that is being read, record by record."""

    columns: list[str]

    @abstractmethod
    def __iter__(self) -> Iterator[Line]:
        """Yield the records below the header, without blank ones."""

    @abstractmethod
    def position(self) -> int:
        """Return how many bytes of the file have been read."""


def column_names(headers: Sequence[str]) -> list[str]:
    """Return the names of columns, of which case and outer spaces do not matter.

    An attribute's own name keeps its case. Raises UnreadableFile when there are no names, too
    many, or the same twice.
    """
    names = [_column_name(header) for header in headers]
    if not any(names):
        raise UnreadableFile("The file is empty: its first line has to name the columns.")
    if len(names) > MOST_COLUMNS:
        raise UnreadableFile(f"The file has more than {MOST_COLUMNS} columns.")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise UnreadableFile(f"Columns that are there twice: {', '.join(twice)}.")
    return names


def _column_name(header: str) -> str:
    name = " ".join(header.split())
    folded = name.casefold()
    return ATTRIBUTE + name[len(ATTRIBUTE) :] if folded.startswith(ATTRIBUTE) else folded
