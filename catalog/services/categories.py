"""The category tree, which is only ever changed under one lock."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import IO, Any, Final, Literal, TypedDict
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from mptt.exceptions import InvalidMove as ImpossibleMove

from catalog.models import Category, Product
from catalog.services.errors import SlugTaken, refusing_duplicates
from catalog.services.images import encode, store
from catalog.services.slugs import remember_slug, unique_slug
from core.errors import DomainError, InvalidInput, NotFound
from core.images import ImageTooLarge, TooManyPixels, UnreadableImage

_ADVISORY_LOCK = (21218, 1)
_FILING_LOCK = 21220
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
    """What can be said of a category; ``image`` is a picture as it was sent, or none."""

    name: str
    slug: str
    description: str
    image: IO[bytes] | Literal[False] | None
    parent: Category | None


_IMAGE_ERRORS: Final = (UnreadableImage, TooManyPixels, ImageTooLarge)
CREATE_CATEGORY_ERRORS: Final = (SlugTaken, InvalidMove, NotFound, *_IMAGE_ERRORS)
UPDATE_CATEGORY_ERRORS: Final = (NotFound, SlugTaken, InvalidMove, *_IMAGE_ERRORS)
MOVE_CATEGORY_ERRORS: Final = (NotFound, InvalidMove)
DELETE_CATEGORY_ERRORS: Final = (NotFound, CategoryNotEmpty, InvalidMove)
RESTORE_CATEGORY_ERRORS: Final = (NotFound, SlugTaken, InvalidMove)


@contextmanager
def locked_tree() -> Iterator[None]:
    """Hold the lock on the whole tree until the transaction ends.

    What was read of the tree before is stale: its nodes have to be read again.
    """
    with transaction.atomic():
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _ADVISORY_LOCK)
        yield


def create_category(*, fields: CategoryFields) -> Category:
    """Add a category as the last child of its parent, or as the last root."""
    plain = _with_stored_image(fields)
    with locked_tree():
        return _insert(plain)


def _with_stored_image(fields: CategoryFields) -> dict[str, Any]:
    """Return the fields with the name of the picture, stored before anything is locked."""
    plain: dict[str, Any] = {**fields}
    if "image" in fields:
        file = fields["image"]
        plain["image"] = store(encode(file), folder="categories") if file else ""
    return plain


def _insert(fields: dict[str, Any]) -> Category:
    parent = fields.get("parent")
    category = Category(**{**fields, "parent": parent and _fresh(parent.pk)})
    category.slug = category.slug or unique_slug(Category, category.name)
    _check_depth(category.parent, height=0)
    with refusing_duplicates():
        category.save(force_insert=True)
    return category


def update_category(*, category_id: UUID, changes: CategoryFields) -> Category:
    """Change a category; a new ``parent`` moves it there as the last child."""
    plain = _with_stored_image(changes)
    plain.pop("parent", None)
    with locked_tree():
        category = _fresh(category_id)
        remember_slug(category, wanted=changes.get("slug"))
        for name, value in plain.items():
            setattr(category, name, value)
        with refusing_duplicates():
            category.save(update_fields=[*plain, "updated_at"])
        if "parent" in changes:
            _move(category, changes["parent"], position="last-child")
        return _fresh(category_id)


@locked_tree()
def move_category(
    *, category_id: UUID, target: Category | None, position: str = "last-child"
) -> Category:
    """Move a category relative to ``target``; None makes it the last root.

    ``position`` is one of first-child, last-child, left, right.
    """
    _move(_fresh(category_id), target, position=position)
    return _fresh(category_id)


@locked_tree()
def delete_category(*, category_id: UUID, reassign_to: Category | None = None) -> None:
    """Take a category out of the tree; products and children go to ``reassign_to``.

    Products that are being filed under it meanwhile are waited for.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        lock = "SELECT pg_advisory_xact_lock(%s, hashtext(%s))"
        cursor.execute(lock, [_FILING_LOCK, str(category_id)])
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


@locked_tree()
def restore_category(*, category_id: UUID) -> Category:
    """Bring a deleted category back below its former parent, or the nearest that is left."""
    category: Category | None = Category.all_objects.filter(pk=category_id).first()
    if category is None or category.deleted_at is None:
        raise NotFound("There is no such deleted category.")
    with refusing_duplicates():
        category.restore()
    _check_depth(category.parent, height=0)
    return _fresh(category_id)


def hold_categories(category_ids: Collection[UUID]) -> None:
    """Let nobody delete these categories until the transaction ends; refuse those that are gone.

    For whoever files products under them; of those that are there already, none may be locked yet.
    Rows would be the wrong thing to lock: foreign keys are checked at commit, after the catalog's
    version is locked.
    """
    keys = {str(key) for key in category_ids}
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(%s, hashtext(key)) FROM unnest(%s::text[]) AS key",
            [_FILING_LOCK, sorted(keys)],
        )
    if Category.objects.filter(pk__in=keys).count() < len(keys):
        raise InvalidInput("There is no such category.", pointer="#/category")


def default_category() -> Category:
    """Return where products without a category are filed, made when it is first needed.

    Locks the tree only then.
    """
    named = Category.objects.filter(slug=DEFAULT_SLUG)
    found: Category | None = named.first()
    if found is None:
        with locked_tree():
            found = named.first() or _insert({"name": DEFAULT_NAME, "slug": DEFAULT_SLUG})
    return found


@locked_tree()
def lock_category(*, category_id: UUID) -> Category:
    """Return the living category; nobody changes the tree until the transaction ends."""
    return _fresh(category_id)


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
