"""Which products a page of a list has, and their summaries, each written once for each version."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, TypeAlias

import orjson
from django.db import connection

from listings.selectors import documents
from listings.selectors.documents import Query, Shape
from listings.selectors.versions import VERSION

# Of one version. Some 1.5 kB each, in every process.
MOST_REMEMBERED: Final = 10_000
_USUAL: Final = Shape()
# What stands in a remembered summary for what is different each time; nobody can guess it.
_MEDIA: Final = f"media-{secrets.token_hex(16)}/"
_UNITS: Final = f"units-{secrets.token_hex(16)}"

# A product's id, as text, and its stock figure, which changes without a new catalog version.
Row: TypeAlias = Sequence[Any]
# A summary before and after its stock figure.
_Halves: TypeAlias = tuple[bytes, bytes]

_ROWS = """
    (SELECT coalesce(json_agg(json_build_array(page.id, (
         SELECT stock_quantity FROM catalog_product AS product WHERE product.id = page.id))), '[]')
     FROM ({ids} {part}) AS page (id))::text"""
_COUNT = "(SELECT count(*) FROM ({counted}) AS found)"


@dataclass(frozen=True)
class Page:
    """Which products a page has: a query of their ids, in order, and the part of it to show."""

    ids: Query
    start: int
    size: int

    @property
    def part(self) -> str:
        """Its place in the list, as text: PostgreSQL keeps no plan for a length that may be any."""
        return f"LIMIT {self.size:d}" + (f" OFFSET {self.start:d}" if self.start else "")


@dataclass(frozen=True)
class Found:
    """The products of a page; how many the list has, of which catalog version, where asked.

    ``otherwise`` is what was asked for in case that there are none.
    """

    rows: Sequence[Row]
    count: int | None = None
    version: str | None = None
    otherwise: Any = None


@dataclass(frozen=True)
class Rows:
    """The rows of a list: a query of them, in no order, its columns, the keys of their order.

    A key is a column, with a minus in front when it falls.
    """

    query: Query
    columns: tuple[str, ...]
    order: tuple[str, ...]


def ordered_ids(rows: Rows) -> Query:
    """Return the query of the ids of ``rows``, in their order."""
    sql = f"SELECT id FROM {_listed(rows)} ORDER BY {_ordered(_directions(rows))}"  # noqa: S608 - our own statements
    return Query(sql, rows.query.parameters)


def _listed(rows: Rows) -> str:
    return f"({rows.query.sql}) AS listed ({', '.join(rows.columns)})"


def _directions(rows: Rows, *, backwards: bool = False) -> list[tuple[str, bool]]:
    """Return the keys of the order, and whether each falls."""
    return [(key.removeprefix("-"), key.startswith("-") != backwards) for key in rows.order]


def _ordered(keys: Sequence[tuple[str, bool]]) -> str:
    return ", ".join(f"{name} DESC" if is_falling else name for name, is_falling in keys)


def find(
    page: Page,
    *,
    counted: Query | None = None,
    with_version: bool = False,
    otherwise: Query | None = None,
) -> Found:
    """Return the products of a page: one query, which also counts and tells the version if asked.

    ``counted`` is the query of all rows of the list, ``otherwise`` one of a value that is of use
    only if the page is empty.
    """
    count = _COUNT.format(counted=counted.sql) if counted else "NULL"
    version = VERSION if with_version else "NULL"
    instead = f"CASE WHEN rows = '[]' THEN ({otherwise.sql}) END" if otherwise else "NULL"
    sql = f"""
        SELECT rows, {count}, {version}, {instead}
        FROM (SELECT {_ROWS.format(ids=page.ids.sql, part=page.part)} AS rows OFFSET 0) AS page"""  # noqa: S608 - our own statements
    parts = [more.parameters for more in (counted, otherwise) if more]
    parameters = itertools.chain(*parts, page.ids.parameters)
    with connection.cursor() as cursor:
        cursor.execute(sql, tuple(parameters))
        rows, total, version, value = cursor.fetchone()
    return Found(orjson.loads(rows), total, version, value)


def walk(rows: Rows, *, position: Sequence[Any] | None, backwards: bool, most: int) -> list[Any]:
    """Return the rows of a list after ``position``, the values of its order: one query.

    None is the beginning. A row has the columns of the list as text, by name, and the
    ``version``.
    """
    sql, places = _walk(rows, position is not None, backwards, most)
    values = [position[place] for place in places] if position is not None else []
    with connection.cursor() as cursor:
        cursor.execute(sql, (*rows.query.parameters, *values))
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@lru_cache(maxsize=256)
def _walk(
    rows: Rows,
    has_position: bool,  # noqa: FBT001 - a part of the key
    backwards: bool,  # noqa: FBT001 - as above
    most: int,
) -> tuple[str, Sequence[int]]:
    """Return the statement, and which value of the position each of its parameters is."""
    keys = _directions(rows, backwards=backwards)
    condition, places = _after(keys)
    where = f"WHERE {condition}" if has_position else ""
    shown = ", ".join(f"listed.{name}::text AS {name}" for name in rows.columns)
    ordered = _ordered([(f"listed.{name}", is_falling) for name, is_falling in keys])
    sql = f"""
        SELECT {shown}, {VERSION} AS version FROM {_listed(rows)}
        {where} ORDER BY {ordered} LIMIT {most:d}"""  # noqa: S608 - our own statements
    return sql, places


def _after(keys: Sequence[tuple[str, bool]]) -> tuple[str, Sequence[int]]:
    """Return the condition for rows after a position, and the place of each of its parameters.

    Keys that all rise or all fall are compared as rows. Otherwise (a, b) > (x, y), each in its
    own direction, is written as ``a >= x AND (a > x OR (a = x AND b > y))``: the first part lets
    an index find the place.
    """
    if len({is_falling for _name, is_falling in keys}) == 1:
        names, marks = ", ".join(name for name, _ in keys), ", ".join("%s" for _ in keys)
        return f"({names}) {'<' if keys[0][1] else '>'} ({marks})", range(len(keys))
    condition, places = "", list[int]()
    for place, (name, is_falling) in reversed(list(enumerate(keys))):
        beyond = f"{name} {'<' if is_falling else '>'} %s"
        inner = f"({beyond} OR ({name} = %s AND {condition}))" if condition else beyond
        condition, places = inner, [place, place, *places] if condition else [place]
    first, is_falling = keys[0]
    return f"{first} {'<=' if is_falling else '>='} %s AND {condition}", [0, *places]


def summaries(
    rows: Sequence[Row], *, version: str | None, media: str, shape: Shape, sought: str = ""
) -> bytes:
    """Return the JSON array of the summaries of ``rows``, in their order: one query at most.

    Those of the usual shape are remembered by catalog version. Without a version, inside a
    transaction which may see what is never committed, none are.
    """
    if not rows:
        return b"[]"
    if version is None or shape != _USUAL:
        ids = [key for key, _units in rows]
        return documents.summaries(ids, media=media, shape=shape, sought=sought)
    known = _remembered.of(version).summaries
    if missing := [key for key, _units in rows if key not in known]:
        known.update(_written(missing))
    shown = [(known[key], b"%d" % units) for key, units in rows if key in known]
    joined = b",".join(before + units + after for (before, after), units in shown)
    return b"[%b]" % joined.replace(_MEDIA.encode(), orjson.dumps(media)[1:-1])


def _written(ids: Sequence[str]) -> dict[str, _Halves]:
    """Return the summaries of these products, with marks for what is filled in later."""
    sql = documents.summary_rows("stock_quantity", f"'{_UNITS}'")
    with connection.cursor() as cursor:
        cursor.execute(sql, (_MEDIA, "", list(ids)))
        return {key: _halves(document) for key, document in cursor.fetchall()}


def _halves(document: str) -> _Halves:
    before, _mark, after = document.partition(f'"{_UNITS}"')
    return before.encode(), after.encode()


@dataclass
class _Known:
    """What this process knows of a version: summaries, and how many products are listed."""

    summaries: dict[str, _Halves] = field(default_factory=dict)
    listed: int | None = None


class _Remembered:
    """What this process knows of the latest version that it has seen."""

    def __init__(self) -> None:
        self._held: tuple[str, _Known] = ("", _Known())

    def of(self, version: str) -> _Known:
        """Return what is known of ``version``, to read and to add to; a full memory starts anew.

        Whoever reads at the same time keeps what it got: one version, one memory.
        """
        held_version, known = self._held
        if held_version != version or len(known.summaries) > MOST_REMEMBERED:
            known = _Known()
            self._held = (version, known)
        return known


_remembered: Final = _Remembered()


def listed(version: str | None, count: Callable[[], int]) -> int:
    """Return how many products are listed: counted once for each version."""
    if version is None:
        return count()
    known = _remembered.of(version)
    if known.listed is None:
        known.listed = count()
    return known.listed
