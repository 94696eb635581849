"""Categories and brands: where products are filed, and who makes them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import IntegerRangeField, RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Deferrable, F, Func, Q, Value
from django.utils import timezone
from mptt.managers import TreeManager
from mptt.models import MPTTModel, TreeForeignKey

from core.models import ALIVE, BaseModel


def _by_word(name: str) -> GinIndex:
    """Return the index that finds names by a beginning of any of their words."""
    folded = Func(F("name"), function="catalog_fold")
    words = Func(Value(" "), folded, template="(%(expressions)s)", arg_joiner=" || ")
    return GinIndex(OpClass(words, "gin_trgm_ops"), fastupdate=False, condition=ALIVE, name=name)


def _range(first: str, last: str) -> Func:
    bounds = RangeBoundary(inclusive_upper=True)
    field = IntegerRangeField()
    return Func(F(first), F(last), bounds, function="int4range", output_field=field)


class LivingTreeManager(TreeManager[Any]):
    """Sees the living categories; tree arithmetic always goes through ``all_objects``."""

    def get_queryset(self) -> models.QuerySet[Any]:
        """Return the living categories in tree order."""
        living: models.QuerySet[Any] = super().get_queryset().filter(deleted_at=None)
        return living


class Category(MPTTModel, BaseModel):
    """A node of the tree that products are filed under.

    A deleted category is alone in a tree of its own, so that no reader of the tree meets it;
    ``former_parent`` is where it was.
    """

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, db_index=False)
    parent = TreeForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    former_parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    description = models.TextField(blank=True, default="")
    image = models.ImageField(upload_to="categories/", blank=True, default="")

    all_objects: ClassVar[TreeManager[Any]] = TreeManager()
    objects: ClassVar[LivingTreeManager] = LivingTreeManager()

    class Meta:
        base_manager_name = "all_objects"
        default_manager_name = "objects"
        verbose_name_plural = "categories"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["slug"], condition=ALIVE, name="category_slug_is_unique"
            ),
            models.CheckConstraint(
                condition=ALIVE | Q(parent=None, level=0, lft=1, rght=2),
                name="deleted_category_has_left_the_tree",
            ),
            # Checked at commit: a move shifts the bounds in several statements. A unique
            # constraint would make every such shift wait for products that are being filed.
            ExclusionConstraint(
                name="branches_do_not_overlap",
                expressions=[
                    (_range("tree_id", "tree_id"), RangeOperators.EQUAL),
                    (_range("level", "level"), RangeOperators.EQUAL),
                    (_range("lft", "rght"), RangeOperators.OVERLAPS),
                ],
                deferrable=Deferrable.DEFERRED,
            ),
        ]
        indexes: ClassVar = [_by_word("category_by_word")]

    def __str__(self) -> str:
        return self.name

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        """Leave the tree and mark the row as deleted; it has no children any more.

        The caller holds the lock on the tree (``catalog.services.categories``).
        """
        self.former_parent_id = self.parent_id
        self.move_to(None)
        self.deleted_at = timezone.now()
        self.save(update_fields=["former_parent", "deleted_at", "updated_at"])
        return 1, {self._meta.label: 1}

    def restore(self) -> None:
        """Return to the last place below the nearest former ancestor that lives, or as a root.

        The caller holds the lock on the tree. A slug taken meanwhile raises IntegrityError.
        """
        parent = self.former_parent
        while parent is not None and parent.deleted_at is not None:
            parent = parent.former_parent
        self.former_parent = self.deleted_at = None
        self.save(update_fields=["former_parent", "deleted_at", "updated_at"])
        if parent is not None:
            self.move_to(parent, "last-child")


# Tree arithmetic sees the deleted as well, so that the living never come to overlap them.
Category._tree_manager = Category.all_objects


class Brand(BaseModel):
    """Who makes or publishes a product."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, db_index=False)
    description = models.TextField(blank=True, default="")

    class Meta:
        base_manager_name = "all_objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["slug"], condition=ALIVE, name="brand_slug_is_unique"),
            models.UniqueConstraint(fields=["name"], condition=ALIVE, name="brand_name_is_unique"),
        ]
        indexes: ClassVar = [_by_word("brand_by_word")]

    def __str__(self) -> str:
        return self.name
