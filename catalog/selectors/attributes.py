"""What is known of attributes: of a category's, and of all that have a name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from uuid import UUID

from django.db.models import Exists, OuterRef

from catalog.models import AttributeDefinition, Category


def definitions_of(category_id: UUID) -> list[AttributeDefinition]:
    """Return the attributes of a category, its own and those it inherits: one query.

    Of several with one name, the nearest; in the order of their positions.
    """
    below = Category.all_objects.filter(
        pk=category_id,
        tree_id=OuterRef("category__tree_id"),
        lft__gte=OuterRef("category__lft"),
        rght__lte=OuterRef("category__rght"),
    )
    inherited = AttributeDefinition.objects.filter(Exists(below), category__deleted_at=None)
    return nearest(inherited.select_related("category").order_by("category__level"))


def nearest(definitions: Iterable[AttributeDefinition]) -> list[AttributeDefinition]:
    """Return of each name the last of ``definitions``, in the order of their positions."""
    by_name = {definition.name: definition for definition in definitions}
    return sorted(by_name.values(), key=attrgetter("position", "name"))


@dataclass(frozen=True)
class KnownAttribute:
    """What an attribute is, in whichever categories it is defined."""

    label: str
    types: frozenset[str]
    is_filterable: bool


def known_attributes() -> dict[str, KnownAttribute]:
    """Return what is defined, by name: one query.

    The label is that of the topmost category; an attribute can be filtered by if it can
    anywhere.
    """
    known: dict[str, KnownAttribute] = {}
    rows = AttributeDefinition.objects.filter(category__deleted_at=None)
    for name, label, kind, is_filterable in rows.order_by("category__level", "id").values_list(
        "name", "label", "type", "is_filterable"
    ):
        before = known.get(name, KnownAttribute(label, frozenset(), is_filterable=False))
        known[name] = KnownAttribute(
            before.label, before.types | {kind}, before.is_filterable or is_filterable
        )
    return known


def definition_in(category_id: UUID, identifier: str) -> UUID | None:
    """Return the id of what this category itself defines, if ``identifier`` is one of those."""
    try:
        wanted = UUID(identifier)
    except ValueError:
        return None
    own = AttributeDefinition.objects.filter(pk=wanted, category_id=category_id)
    return own.values_list("pk", flat=True).first()
