"""Mappings of columns, kept by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db import transaction

from core.errors import InvalidInput
from imports.models import ImportMapping


class UnknownMapping(InvalidInput):
    code = "unknown_mapping"
    title = "There is no mapping of this name."
    at = "#/mapping"


@transaction.atomic
def save_mapping(*, name: str, columns: Mapping[str, str]) -> ImportMapping:
    """Keep a mapping under a name, in place of what was kept there."""
    mapping, _ = ImportMapping.objects.update_or_create(
        name=name, defaults={"columns": dict(columns)}
    )
    return mapping


MAPPING_NAMED_ERRORS: Final = (UnknownMapping,)


def mapping_named(*, name: str) -> dict[str, str]:
    found = ImportMapping.objects.filter(name=name).first()
    if found is None:
        raise UnknownMapping(f"There is no mapping {name!r}.", pointer="#/mapping")
    return dict(found.columns)


def delete_mapping(*, mapping_id: UUID) -> None:
    ImportMapping.objects.filter(pk=mapping_id).delete()
