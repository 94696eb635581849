"""Attributes of rows, held to what the categories of their products define."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import orjson

from catalog.models import AttributeDefinition, AttributeType, Category
from catalog.selectors.attributes import nearest
from catalog.services.attributes import InvalidAttribute, check_value
from imports.services.refusals import RefusedCell, RowError
from imports.services.rows import category_name, plain_value
from imports.services.staging import batches, run
from imports.services.tables import ATTRIBUTE

Path = tuple[str, ...]
_SHOWN: Final = 200  # characters of a refused value
_ATTRIBUTES = """
    SELECT import.line, product.category_id, import.category_path, import.attributes::text
    FROM catalog_import AS import
    LEFT JOIN catalog_product AS product ON product.id = import.product_id AND NOT import.is_new
    WHERE import.attributes <> '{}' AND import.line > %s ORDER BY import.line LIMIT %s
"""
_WRITE_ATTRIBUTES = """
    UPDATE catalog_import AS import SET attributes = typed.attributes::jsonb
    FROM unnest(%s::int[], %s::text[]) AS typed (line, attributes)
    WHERE import.line = typed.line AND import.attributes <> typed.attributes::jsonb
"""
_DROP = "DELETE FROM catalog_import WHERE line = ANY(%s::int[])"

_KINDS: Final = {AttributeType.NUMBER: "number", AttributeType.BOOLEAN: "truth"}


class Definitions:
    """What is defined, by category and by path of names."""

    def __init__(self) -> None:
        own: dict[UUID, list[AttributeDefinition]] = {}
        for definition in AttributeDefinition.objects.filter(category__deleted_at=None):
            own.setdefault(definition.category_id, []).append(definition)
        self.is_empty = not own
        self._by_category: dict[UUID | None, dict[str, AttributeDefinition]] = {None: {}}
        self._by_path: dict[Path, UUID] = {}
        paths: dict[UUID | None, Path] = {None: ()}
        rows = Category.objects.order_by("tree_id", "lft").values_list("pk", "parent_id", "name")
        for key, parent, name in rows:
            paths[key] = (*paths.get(parent, ()), category_name(name))
            self._by_path.setdefault(paths[key], key)
            inherited = self._by_category.get(parent, {})
            known = nearest([*inherited.values(), *own.get(key, ())])
            self._by_category[key] = {definition.name: definition for definition in known}

    def of(self, category_id: UUID | None, path: Path) -> Mapping[str, AttributeDefinition]:
        """Return what holds at ``path``, which may not be there yet, else in the category."""
        while path:
            if (found := self._by_path.get(path)) is not None:
                return self._by_category[found]
            path = path[:-1]
            category_id = None
        return self._by_category.get(category_id, {})


def check_staged(step: str) -> Iterator[list[RowError]]:
    """Give staged attributes their defined types; drop and yield, by batches, rows that cannot.

    ``step`` parts the names of a path. Costs one query where nothing is defined.
    """
    definitions = Definitions()
    if definitions.is_empty:
        return
    for rows in batches(_ATTRIBUTES, 0):  # of (line, category of what exists, path, attributes)
        refused: list[RowError] = []
        typed: dict[int, dict[str, Any]] = {}
        for line, category_id, path, document in rows:
            attributes = orjson.loads(document)
            known = definitions.of(category_id, tuple(path.split(step)) if path else ())
            try:
                typed[line] = {
                    name: _typed(known.get(name), name, value) for name, value in attributes.items()
                }
            except _Refused as refusal:
                refused.append(refusal.at(line))
        documents = [orjson.dumps(values).decode() for values in typed.values()]
        run(_WRITE_ATTRIBUTES, [list(typed), documents])
        run(_DROP, [[error.line for error in refused]])
        yield refused


class _Refused(Exception):
    def __init__(self, name: str, value: Any, detail: str) -> None:
        super().__init__(detail)
        self.name, self.value, self.detail = name, value, detail

    def at(self, line: int) -> RowError:
        column, value = f"{ATTRIBUTE}{self.name}", str(self.value)[:_SHOWN]
        return RowError(line, column, value, InvalidAttribute.code, self.detail)


def _typed(definition: AttributeDefinition | None, name: str, value: Any) -> Any:
    """Return ``value`` as its definition wants it; what a cell says is read as that."""
    if definition is None:
        return value
    try:
        kind = _KINDS.get(AttributeType(definition.type))
        read = plain_value(value, kind) if kind and isinstance(value, str) else value
        check_value(definition=definition, value=read)
    except (RefusedCell, InvalidAttribute) as refusal:
        raise _Refused(name, value, str(refusal)) from refusal
    return read
