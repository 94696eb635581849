"""Brands: who makes or publishes products."""

from __future__ import annotations

from typing import Final, TypedDict
from uuid import UUID

from django.db import transaction

from catalog.models import Brand, Product
from catalog.services.errors import NameTaken, SlugTaken, refusing_duplicates
from catalog.services.slugs import remember_slug, unique_slug
from core.errors import DomainError, NotFound


class BrandInUse(DomainError):
    """Products carry it."""

    code = "brand_in_use"
    title = "Products carry this brand."


class BrandFields(TypedDict, total=False):
    name: str
    slug: str
    description: str


CREATE_BRAND_ERRORS: Final = (NameTaken, SlugTaken)
UPDATE_BRAND_ERRORS: Final = (NotFound, NameTaken, SlugTaken)
DELETE_BRAND_ERRORS: Final = (NotFound, BrandInUse)


@transaction.atomic
def create_brand(*, fields: BrandFields) -> Brand:
    fields["slug"] = fields.get("slug") or unique_slug(Brand, fields["name"])
    with refusing_duplicates():
        brand: Brand = Brand.objects.create(**fields)
    return brand


@transaction.atomic
def update_brand(*, brand_id: UUID, changes: BrandFields) -> Brand:
    """Change a living brand; the search follows a new name."""
    brand = lock_brand(brand_id=brand_id)
    remember_slug(brand, wanted=changes.get("slug"))
    for name, value in changes.items():
        setattr(brand, name, value)
    with refusing_duplicates():
        brand.save(update_fields=[*changes, "updated_at"])
    return brand


@transaction.atomic
def delete_brand(*, brand_id: UUID) -> None:
    """Take a brand that no living product carries out of the catalog."""
    brand = lock_brand(brand_id=brand_id)
    if Product.objects.filter(brand=brand).exists():
        raise BrandInUse
    brand.delete()


def lock_brand(*, brand_id: UUID) -> Brand:
    locked: Brand | None = Brand.objects.select_for_update().filter(pk=brand_id).first()
    if locked is None:
        raise NotFound("There is no such brand.")
    return locked
