"""Categories and brands: where products are filed, and who makes them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Value
from mptt.managers import TreeManager
from mptt.models import MPTTModel, TreeForeignKey

from core.models import ALIVE, BaseModel


def _by_word(name: str) -> GinIndex:
    """Return the index that finds names by a beginning of any of their words."""
    folded = Func(F("name"), function="catalog_fold")
    words = Func(Value(" "), folded, template="(%(expressions)s)", arg_joiner=" || ")
    return GinIndex(OpClass(words, "gin_trgm_ops"), fastupdate=False, condition=ALIVE, name=name)


class LivingTreeManager(TreeManager[Any]):
    """Sees the living categories; tree arithmetic always goes through ``all_objects``."""

    def get_queryset(self) -> models.QuerySet[Any]:
        """Return the living categories in tree order."""
        living: models.QuerySet[Any] = super().get_queryset().filter(deleted_at=None)
        return living


class Category(MPTTModel, BaseModel):
    """A node of the tree that products are filed under."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, db_index=False)
    parent = TreeForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
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
            )
        ]
        indexes: ClassVar = [_by_word("category_by_word")]

    def __str__(self) -> str:
        return self.name


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
