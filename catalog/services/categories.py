"""The category tree, which is only ever changed under one lock."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypedDict, TypeVar
from uuid import UUID

from django.db import connection, transaction
from mptt.exceptions import InvalidMove as ImpossibleMove

from catalog.models import Category, Product
from catalog.services.errors import refusing_duplicates
from catalog.services.slugs import remember_slug, unique_slug
from core.errors import DomainError, InvalidInput, NotFound

P = ParamSpec("P")
R = TypeVar("R")

_ADVISORY_LOCK = (21218, 1)
MAXIMUM_DEPTH = 10
DEFAULT_NAME, DEFAULT_SLUG = "Uncategorized", "uncategorized"


class InvalidMove(InvalidInput):
    """A category cannot be below itself, nor too deep."""

    code = "invalid_move"
    title = "The category cannot be moved there."


class CategoryNotEmpty(DomainError):
    """It has products or subcategories."""

    code = "category_not_empty"
    title = "The category has products or subcategories; say where they go with `reassign_to`."


class CategoryFields(TypedDict, total=False):
    """What can be said of a category."""

    name: str
    slug: str
    description: str
    image: Any
    parent: Category | None


def locking_tree(function: Callable[P, R]) -> Callable[P, R]:
    """Run ``function`` in a transaction that holds the lock on the whole tree.

    What it read of the tree before is stale: it has to read its nodes again.
    """

    @wraps(function)
    def locked(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _ADVISORY_LOCK)
            return function(*args, **kwargs)

    return locked


@locking_tree
def create_category(*, fields: CategoryFields) -> Category:
    """Add a category as the last child of its parent, or as the last root.

    Raises SlugTaken, InvalidMove, NotFound for a parent that is gone.
    """
    parent = fields.get("parent")
    category = Category(**{**fields, "parent": parent and _fresh(parent.pk)})
    category.slug = category.slug or unique_slug(Category, category.name)
    _check_depth(category.parent, height=0)
    with refusing_duplicates():
        category.save(force_insert=True)
    return category


@locking_tree
def update_category(*, category_id: UUID, changes: CategoryFields) -> Category:
    """Change a category; a new ``parent`` moves it there as the last child.

    Raises NotFound, SlugTaken, InvalidMove.
    """
    category = _fresh(category_id)
    plain = {name: value for name, value in changes.items() if name != "parent"}
    remember_slug(category, wanted=changes.get("slug"))
    for name, value in plain.items():
        setattr(category, name, value)
    with refusing_duplicates():
        category.save(update_fields=[*plain, "updated_at"])
    if "parent" in changes:
        _move(category, changes["parent"], position="last-child")
    return _fresh(category_id)


@locking_tree
def move_category(
    *, category_id: UUID, target: Category | None, position: str = "last-child"
) -> Category:
    """Move a category relative to ``target``; None makes it the last root.

    ``position`` is one of first-child, last-child, left, right. Raises NotFound, InvalidMove.
    """
    _move(_fresh(category_id), target, position=position)
    return _fresh(category_id)


@locking_tree
def delete_category(*, category_id: UUID, reassign_to: Category | None = None) -> None:
    """Take a category out of the tree; products and children go to ``reassign_to``.

    Locks its row: a product that is being filed under it meanwhile is waited for.
    Raises NotFound, CategoryNotEmpty, InvalidMove when it would go below itself.
    """
    list(Category.objects.filter(pk=category_id).select_for_update().values("pk"))
    category = _fresh(category_id)
    children = list(Category.objects.filter(parent=category))
    products = Product.all_objects.filter(category=category)
    if reassign_to is None and (children or products.filter(deleted_at=None).exists()):
        raise CategoryNotEmpty
    if reassign_to is not None:
        if category.is_ancestor_of(_fresh(reassign_to.pk), include_self=True):
            raise InvalidMove("What is in the category cannot go below itself.")
        for child in children:
            _move(_fresh(child.pk), reassign_to, position="last-child")
        products.update(category=reassign_to)
    _fresh(category_id).delete()


@locking_tree
def restore_category(*, category_id: UUID) -> Category:
    """Bring a deleted category back below its former parent, or the nearest that is left.

    Raises NotFound, SlugTaken, InvalidMove where it would be too deep by now.
    """
    category: Category | None = Category.all_objects.filter(pk=category_id).first()
    if category is None or category.deleted_at is None:
        raise NotFound("There is no such deleted category.")
    with refusing_duplicates():
        category.restore()
    _check_depth(category.parent, height=0)
    return _fresh(category_id)


@locking_tree
def default_category() -> Category:
    """Return where products without a category are filed, made when it is first needed."""
    found: Category | None = Category.objects.filter(slug=DEFAULT_SLUG).first()
    if found is not None:
        return found
    return create_category(fields={"name": DEFAULT_NAME, "slug": DEFAULT_SLUG})


def _fresh(category_id: UUID) -> Category:
    """Read a living node under the lock."""
    category: Category | None = Category.objects.filter(pk=category_id).first()
    if category is None:
        raise NotFound("There is no such category.")
    return category


def _move(category: Category, target: Category | None, *, position: str) -> None:
    fresh = _fresh(target.pk) if target else None
    parent = fresh if position.endswith("child") or fresh is None else fresh.parent
    deepest = category.get_descendants(include_self=True).order_by("-level").first()
    _check_depth(parent, height=deepest.level - category.level)
    try:
        with refusing_duplicates():
            category.move_to(fresh, position)
            category.save(update_fields=["updated_at"])
    except ImpossibleMove as error:
        raise InvalidMove("A category cannot be moved below itself.") from error


def _check_depth(parent: Category | None, *, height: int) -> None:
    level = parent.level + 1 if parent else 0
    if level + height >= MAXIMUM_DEPTH:
        raise InvalidMove(f"A tree has at most {MAXIMUM_DEPTH} levels.", pointer="#/parent")
