"""What stands on a printed sheet, as plain text: made without knowing about PDF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, its share of the width, and whether it holds figures."""

    heading: str
    share: int
    is_figure: bool = False


@dataclass(frozen=True)
class Table:
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    title: str = ""

    def texts(self) -> Iterator[str]:
        yield self.title
        yield from (column.heading for column in self.columns)
        yield from chain.from_iterable(self.rows)


@dataclass(frozen=True)
class Sheet:
    """One document, of a page or several; ``caption`` stands at the foot of each page."""

    title: str
    caption: str
    sender: Sequence[str]
    facts: Sequence[tuple[str, str]]
    addresses: Sequence[tuple[str, Sequence[str]]]
    table: Table
    dated: datetime
    sums: Sequence[tuple[str, str]] = ()
    more_tables: Sequence[Table] = field(default=())
    notes: Sequence[str] = ()

    def texts(self) -> Iterator[str]:
        yield from (self.title, self.caption, *self.sender, *self.notes)
        yield from chain.from_iterable((*self.facts, *self.sums))
        for heading, lines in self.addresses:
            yield from (heading, *lines)
        for table in (self.table, *self.more_tables):
            yield from table.texts()
