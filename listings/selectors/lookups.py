"""Finding what an address names, by id or slug; what is not found raises NotFound."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from catalog.models import Brand, Category, Product, ProductImage, ProductVariant
from core.errors import NotFound

Row = TypeVar("Row", bound=Model)


def by_key(key: str, *, of: str = "") -> Q:
    """Return the condition for a row (or its relation ``of``) that has this id or slug."""
    prefix = f"{of}__" if of else ""
    try:
        return Q(**{f"{prefix}pk": UUID(key)})
    except ValueError:
        return Q(**{f"{prefix}slug": key})


def by_keys(keys: Collection[str], *, of: str = "") -> Q:
    """Return the condition for a row (or its relation ``of``) that has one of these."""
    condition = Q(pk__in=[])
    for key in keys:
        condition |= by_key(key, of=of)
    return condition


def living_products() -> QuerySet[Product]:
    products: QuerySet[Product] = Product.objects.all()
    return products


def living_brands() -> QuerySet[Brand]:
    brands: QuerySet[Brand] = Brand.objects.all()
    return brands


def living_categories() -> QuerySet[Category]:
    categories: QuerySet[Category] = Category.objects.all()
    return categories


def product_id(key: str, *, among: QuerySet[Product]) -> UUID:
    found = among.filter(by_key(key)).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound("There is no such product.")
    return UUID(str(found))


def brand_at(key: str) -> Brand:
    return _first(living_brands().filter(by_key(key)), "There is no such brand.")


def category_at(key: str) -> Category:
    return _first(living_categories().filter(by_key(key)), "There is no such category.")


def variant_at(identifier: str, *, product: UUID) -> ProductVariant:
    variants: QuerySet[ProductVariant] = ProductVariant.objects.filter(product_id=product)
    return _first(variants.filter(_by_id(identifier)), "There is no such variant.")


def image_at(identifier: str, *, product: UUID) -> ProductImage:
    images: QuerySet[ProductImage] = ProductImage.objects.filter(product_id=product)
    return _first(images.filter(_by_id(identifier)), "There is no such image.")


def _by_id(identifier: str) -> Q:
    try:
        return Q(pk=UUID(identifier))
    except ValueError:
        raise NotFound from None


def _first(rows: QuerySet[Row], otherwise: str) -> Row:
    found = rows.first()
    if found is None:
        raise NotFound(otherwise)
    return found
