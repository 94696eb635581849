"""Queries that Django compiles once a process, for the paths that every sale takes.

Building and compiling a query set costs several times what PostgreSQL takes to answer it. A
compiled query pays that at its first call; later calls send the finished text::

    _LOCKED = CompiledQuery(lambda key: Order.objects.select_for_update().filter(pk=key), UUID)

    order = _LOCKED.get(order_id)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from psycopg import sql

M = TypeVar("M", bound=Model)

# What stands for the parameter of a number while the query is compiled, by its type.
_STANDS_FOR: dict[type, Callable[[int], Any]] = {
    UUID: lambda number: UUID(int=number + 1),
    int: lambda number: 2_000_000_000 + number,
    str: lambda number: f"parameter {number}",
    datetime: lambda number: datetime(1, 1, number + 1, tzinfo=UTC),
}


@dataclass(frozen=True)
class _Finished:
    """The text of a query, and how its rows become objects.

    ``order`` tells which argument each placeholder takes. ``columns`` are the model's own,
    ``annotations`` the places of further values by their names.
    """

    text: str
    order: Sequence[int]
    model: Any  # a model's class, which mypy does not know to have DoesNotExist
    columns: slice
    names: Sequence[str]
    related: Sequence[Any]
    annotations: dict[str, int]
    compiler: Any
    converters: dict[int, Any]


class CompiledQuery(Generic[M]):
    """A query set of whole objects, given by a function of its parameters and their types.

    Related rows may be joined (``select_related``), added values annotated, rows locked;
    ``prefetch_related`` is not followed. Values that are not parameters become part of the
    text, so that PostgreSQL can keep one plan that uses partial indexes.
    """

    def __init__(self, build: Callable[..., QuerySet[M]], *types: type) -> None:
        self._build, self._types = build, types

    def all(self, *values: Any) -> list[M]:
        """Return the objects that the query finds with these parameters."""
        finished = self._finished
        with connection.cursor() as cursor:
            cursor.execute(finished.text, [values[place] for place in finished.order])
            rows = cursor.fetchall()
        if finished.converters:
            rows = list(finished.compiler.apply_converters(rows, finished.converters))
        return [_object(finished, row) for row in rows]

    def first(self, *values: Any) -> M | None:
        """Return the first object, or None."""
        return next(iter(self.all(*values)), None)

    def get(self, *values: Any) -> M:
        """Return the only object. Raises the model's DoesNotExist."""
        found = self.first(*values)
        if found is None:
            raise self._finished.model.DoesNotExist
        return found

    @cached_property
    def _finished(self) -> _Finished:
        stand_ins = [_STANDS_FOR[kind](number) for number, kind in enumerate(self._types)]
        compiler = self._build(*stand_ins).query.get_compiler(DEFAULT_DB_ALIAS)
        text, parameters = compiler.as_sql()
        order = [stand_ins.index(value) for value in parameters if value in stand_ins]
        if len(set(order)) < len(stand_ins):
            raise ValueError("A lookup changes its parameter, so the query cannot be compiled.")
        columns = compiler.klass_info["select_fields"]
        own = slice(columns[0], columns[-1] + 1)
        return _Finished(
            text=text
            % tuple("%s" if value in stand_ins else _literal(value) for value in parameters),
            order=order,
            model=compiler.klass_info["model"],
            columns=own,
            names=[column.target.attname for column, _, _ in compiler.select[own]],
            related=get_related_populators(  # type: ignore[call-arg]  # the stubs are of Django 6
                compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS
            ),
            annotations=compiler.annotation_col_map or {},
            compiler=compiler,
            converters=compiler.get_converters([column for column, _, _ in compiler.select]),
        )


def _object(finished: _Finished, row: Sequence[Any]) -> Any:
    one = finished.model.from_db(DEFAULT_DB_ALIAS, finished.names, row[finished.columns])
    for populator in finished.related:
        populator.populate(row, one)
    for name, place in finished.annotations.items():
        setattr(one, name, row[place])
    return one


def _literal(value: Any) -> str:
    """Return a value as SQL, its per cent signs doubled."""
    return sql.Literal(value).as_string(connection.connection).replace("%", "%%")
