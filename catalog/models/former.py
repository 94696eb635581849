"""What was once so: addresses that still lead somewhere."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from catalog.models.products import Product
from catalog.models.tree import Brand, Category
from core.models import TimestampedModel

_ONE_OWNER = (
    Q(product__isnull=False, category__isnull=True, brand__isnull=True)
    | Q(product__isnull=True, category__isnull=False, brand__isnull=True)
    | Q(product__isnull=True, category__isnull=True, brand__isnull=False)
)


class FormerSlug(TimestampedModel):
    """A slug that a product, category or brand had before; the last one that had it counts.

    A living row that has the slug now goes before it.
    """

    slug = models.CharField(max_length=280)
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, null=True, related_name="former_slugs"
    )
    category = models.ForeignKey(
        Category, on_delete=models.CASCADE, null=True, related_name="former_slugs"
    )
    brand = models.ForeignKey(
        Brand, on_delete=models.CASCADE, null=True, related_name="former_slugs"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=_ONE_OWNER, name="former_slug_has_one_owner"),
            *(
                models.UniqueConstraint(
                    fields=["slug"],
                    condition=Q(**{f"{owner}__isnull": False}),
                    name=f"former_slug_of_one_{owner}",
                )
                for owner in ("product", "category", "brand")
            ),
        ]

    def __str__(self) -> str:
        return self.slug
