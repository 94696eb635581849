"""Who sells products, where the shop sells for others too."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models import User
from core.models import ALIVE, BaseModel


class Vendor(BaseModel):
    """A trader whose products the shop offers; the ``sellers`` keep them.

    A product without a vendor is the shop's own.
    """

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, db_index=False)
    description = models.TextField(blank=True, default="")
    sellers = models.ManyToManyField(User, related_name="vendors", blank=True)

    class Meta:
        base_manager_name = "all_objects"
        permissions: ClassVar = [("sell_products", "Can keep the products of own vendors")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["slug"], condition=ALIVE, name="vendor_slug_is_unique"),
            models.UniqueConstraint(fields=["name"], condition=ALIVE, name="vendor_name_is_unique"),
        ]

    def __str__(self) -> str:
        return self.name
