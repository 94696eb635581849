"""Writing one whole row, for the paths that every sale takes.

``insert`` and ``update`` do what ``save(force_insert=True)`` and ``save(update_fields=…)`` do,
from a text that is made once for each model: no query is built, no signal is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import AutoField, Field, Model

_INSERT = "INSERT INTO {table} ({columns}) VALUES ({values})"
_UPDATE = "UPDATE {table} SET {changes} WHERE {key} = %s"


def insert(row: Model) -> None:
    """Insert a new row; the database's own key, where it makes one, is set on ``row``."""
    text, fields, makes_key = _insertion(type(row))
    with connection.cursor() as cursor:
        cursor.execute(text, [_value(field, row, is_new=True) for field in fields])
        if makes_key:
            row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def insert_all(new: Sequence[Model]) -> None:
    """Insert at least one row, all of one model with keys of their own, in one statement."""
    text, fields, _ = _insertion(type(new[0]))
    head, places = text.rsplit(" VALUES ", 1)
    values = [_value(field, row, is_new=True) for row in new for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"{head} VALUES {', '.join([places] * len(new))}", values)
    for row in new:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def update(row: Model, *names: str) -> None:
    """Write these fields of an existing row."""
    text, fields = _change(type(row), names)
    with connection.cursor() as cursor:
        cursor.execute(text, [*(_value(field, row, is_new=False) for field in fields), row.pk])


def _value(field: Field[Any, Any], row: Model, *, is_new: bool) -> Any:
    return field.get_db_prep_save(field.pre_save(row, is_new), connection)


@cache
def _insertion(model: type[Model]) -> tuple[str, Sequence[Field[Any, Any]], bool]:
    key = model._meta.pk
    makes_key = isinstance(key, AutoField)
    fields = [
        field
        for field in model._meta.concrete_fields
        if not (field.generated or (makes_key and field.primary_key))
    ]
    table, columns = _quoted(model._meta.db_table), ", ".join(map(_column, fields))
    values = ", ".join(["%s"] * len(fields))
    text = _INSERT.format(table=table, columns=columns, values=values)
    return (f"{text} RETURNING {_column(key)}" if makes_key else text), fields, makes_key


@cache
def _change(model: type[Model], names: tuple[str, ...]) -> tuple[str, Sequence[Field[Any, Any]]]:
    fields_by_name = {field.name: field for field in model._meta.concrete_fields}
    fields = [fields_by_name[name] for name in names]
    changes = ", ".join(f"{_column(field)} = %s" for field in fields)
    table, key = _quoted(model._meta.db_table), _column(model._meta.pk)
    return _UPDATE.format(table=table, changes=changes, key=key), fields


def _column(field: Field[Any, Any]) -> str:
    return _quoted(str(field.column))


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
