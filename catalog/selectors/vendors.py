"""Who sells what."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from catalog.models import Product, Vendor


def vendors_of(user_id: UUID) -> QuerySet[Vendor]:
    """Return the living vendors that someone sells for, by name."""
    return Vendor.objects.filter(sellers=user_id).order_by("name", "id")


def products_sold_by(user_id: UUID) -> QuerySet[Product]:
    """Return the living products of the vendors that someone sells for."""
    return Product.objects.filter(vendor__in=vendors_of(user_id).order_by().values("pk"))
