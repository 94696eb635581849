"""Attributes of categories: defined, and the values of products held to it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final, TypedDict
from uuid import UUID

from django.db import transaction

from catalog.models import AttributeDefinition, AttributeType, Category
from catalog.selectors.attributes import definitions_of
from catalog.services.errors import AttributeDefined, refusing_duplicates
from core.errors import InvalidInput, NotFound

MOST_VALUES: Final = 100
MOST_CHOICES: Final = 200
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class InvalidAttribute(InvalidInput):
    """A value that the product's category does not allow."""

    code = "invalid_attribute"
    title = "The attribute has another type in this category."
    at = "#/attributes/pages"

    def __init__(self, name: str, detail: str) -> None:
        escaped = name.replace("~", "~0").replace("/", "~1")
        super().__init__(f"{name}: {detail}", pointer=f"#/attributes/{escaped}")


class InvalidChoices(InvalidInput):
    """A choice has choices, nothing else has any."""

    code = "invalid_choices"
    title = "A choice has different choices that are not empty, and nothing else has any."
    at = "#/choices"

    def __init__(self) -> None:
        super().__init__(pointer="#/choices")


class DefinitionFields(TypedDict, total=False):
    name: str
    label: str
    type: str
    choices: list[str]
    is_filterable: bool
    position: int


DEFINE_ATTRIBUTE_ERRORS: Final = (AttributeDefined, InvalidChoices)
CHANGE_ATTRIBUTE_ERRORS: Final = (NotFound, InvalidChoices)
FORGET_ATTRIBUTE_ERRORS: Final = (NotFound,)


@transaction.atomic
def define_attribute(*, category: Category, fields: DefinitionFields) -> AttributeDefinition:
    """Say what an attribute of a category's products is, from now on; what they have stays.

    Without a label its name is shown.
    """
    definition = AttributeDefinition(category=category, **fields)
    definition.label = definition.label or definition.name
    _check_choices(definition)
    with refusing_duplicates():
        definition.save(force_insert=True)
    return definition


@transaction.atomic
def change_attribute(*, definition_id: UUID, changes: DefinitionFields) -> AttributeDefinition:
    """Change what is said of an attribute, save its name and type. Locks the definition."""
    locked = AttributeDefinition.objects.select_for_update()
    definition = locked.filter(pk=definition_id).select_related(None).first()
    if definition is None:
        raise NotFound("There is no such attribute.")
    for name, value in changes.items():
        setattr(definition, name, value)
    _check_choices(definition)
    definition.save(update_fields=[*changes, "updated_at"])
    return definition


@transaction.atomic
def forget_attribute(*, definition_id: UUID) -> None:
    """Let an attribute hold anything again; products keep what they have."""
    deleted, _ = AttributeDefinition.objects.filter(pk=definition_id).delete()
    if not deleted:
        raise NotFound("There is no such attribute.")


def check_attributes(*, category_id: UUID, attributes: Mapping[str, Any]) -> None:
    """Raise InvalidAttribute unless the values are of the types that the category defines.

    What is not defined may hold anything; null says nothing. One query if there is any.
    """
    if not attributes:
        return
    for definition in definitions_of(category_id):
        value = attributes.get(definition.name)
        if value is not None:
            check_value(definition=definition, value=value)


def check_value(*, definition: AttributeDefinition, value: Any) -> None:
    """Raise InvalidAttribute unless ``value`` is of the defined type."""
    test, expected = _TYPES[definition.type]
    may_be_several = definition.type in {AttributeType.TEXT, AttributeType.CHOICE}
    values = value if isinstance(value, list) and may_be_several else [value]
    if len(values) > MOST_VALUES or not all(test(single) for single in values):
        raise InvalidAttribute(definition.name, expected)
    if definition.type == AttributeType.CHOICE and not set(values) <= set(definition.choices):
        raise InvalidAttribute(definition.name, f"One of: {', '.join(definition.choices)}.")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_date(value: Any) -> bool:
    """Tell whether ``value`` is a day as ISO 8601 writes it."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


_TYPES: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    AttributeType.TEXT: (lambda value: isinstance(value, str), "A text, or a list of texts."),
    AttributeType.NUMBER: (_is_number, "A number."),
    AttributeType.CHOICE: (lambda value: isinstance(value, str), "One of the choices."),
    AttributeType.BOOLEAN: (lambda value: isinstance(value, bool), "True or false."),
    AttributeType.DATE: (is_date, "A day: 2026-01-31."),
}


def _check_choices(definition: AttributeDefinition) -> None:
    choices: Iterable[str] = definition.choices
    is_choice = definition.type == AttributeType.CHOICE
    if is_choice != bool(choices) or not all(choices):
        raise InvalidChoices
    if len(set(choices)) < len(definition.choices) or len(definition.choices) > MOST_CHOICES:
        raise InvalidChoices
