"""What is bought together."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from catalog.models.products import Product


class ProductAffinity(models.Model):
    """How many paid orders had both products; there is a row for each direction.

    Kept by ``catalog.services.affinities``, which is told of every paid order.
    """

    id = models.BigAutoField(primary_key=True)
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="affinities", db_index=False
    )
    other = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    orders = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["product", "other"], name="one_affinity_of_two_products"
            ),
            models.CheckConstraint(
                condition=~Q(product=F("other")), name="affinity_is_with_another_product"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["product", "-orders"], name="product_bought_together")
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.other_id} {self.orders}"
