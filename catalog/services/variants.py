"""Variants: what can be bought of a product."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Final, TypedDict
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.models import Product, ProductVariant
from catalog.services import listing
from catalog.services.errors import InvalidPrice, OptionsTaken, SkuTaken, refusing_duplicates
from catalog.services.prices import check_prices
from core.errors import DomainError, NotFound

_SKU_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class LastVariant(DomainError):
    """A product keeps at least one variant."""

    code = "last_variant"
    title = "A product keeps at least one variant; delete the product instead."


class VariantFields(TypedDict, total=False):
    """What can be said of a variant; prices in its currency, weight in grams."""

    sku: str
    name: str
    options: dict[str, str]
    price: Decimal
    compare_at_price: Decimal | None
    cost_price: Decimal | None
    currency: str
    barcode: str
    weight_grams: int
    is_digital: bool
    position: int


ADD_VARIANT_ERRORS: Final = (NotFound, InvalidPrice, SkuTaken, OptionsTaken)
CHANGE_VARIANT_ERRORS: Final = (NotFound, InvalidPrice, SkuTaken, OptionsTaken)
DELETE_VARIANT_ERRORS: Final = (NotFound, LastVariant)


@transaction.atomic
def add_variant(*, product_id: UUID, fields: VariantFields) -> ProductVariant:
    """Add a variant to a living product, in the product's currency unless it is given.

    Without a SKU it gets a random one. Locks the variants, then the product.
    """
    product = lock_product(product_id=product_id)
    fields.setdefault("currency", product.currency)
    variant = insert_variant(product, fields)
    listing.refresh_products(product_ids=[product_id])
    variant.refresh_from_db()
    return variant


def insert_variant(product: Product, fields: VariantFields) -> ProductVariant:
    """Write a variant of a product that the caller has locked or just made."""
    variant = ProductVariant(product=product, **fields)
    variant.sku = variant.sku or "P-" + "".join(secrets.choice(_SKU_ALPHABET) for _ in range(10))
    variant.currency = fields.get("currency") or settings.CURRENCY
    _check_prices(variant)
    with refusing_duplicates():
        variant.save(force_insert=True)
    return variant


@transaction.atomic
def change_variant(*, variant: ProductVariant, changes: VariantFields) -> ProductVariant:
    """Change a living variant and what its product lists of it.

    Locks the variants, then the product.
    """
    lock_product(product_id=variant.product_id)
    locked = _lock_variant(variant)
    for name, value in changes.items():
        setattr(locked, name, value)
    _check_prices(locked)
    with refusing_duplicates():
        locked.save(update_fields=[*changes, "updated_at"])
    listing.refresh_products(product_ids=[locked.product_id])
    locked.refresh_from_db()
    return locked


@transaction.atomic
def delete_variant(*, variant: ProductVariant) -> None:
    """Take a variant out of the catalog; orders keep it, its SKU may be used again.

    Locks the variants, then the product.
    """
    lock_product(product_id=variant.product_id)
    locked = _lock_variant(variant)
    others = ProductVariant.objects.filter(product_id=variant.product_id).exclude(pk=variant.pk)
    if not others.exists():
        raise LastVariant
    locked.deleted_at = timezone.now()
    locked.save(update_fields=["deleted_at", "updated_at"])
    listing.refresh_products(product_ids=[variant.product_id])


def lock_product(*, product_id: UUID) -> Product:
    """Return the living product, locked with its variants until the transaction ends.

    Variants come first, as wherever both are locked.
    """
    variants = ProductVariant.all_objects.filter(product_id=product_id).order_by("pk")
    list(variants.select_for_update(no_key=True).values_list("pk", flat=True))
    products = Product.objects.select_for_update(no_key=True)
    locked: Product | None = products.filter(pk=product_id).first()
    if locked is None:
        raise NotFound("There is no such product.")
    return locked


def _lock_variant(variant: ProductVariant) -> ProductVariant:
    variants = ProductVariant.objects.select_for_update(no_key=True)
    locked: ProductVariant | None = variants.filter(pk=variant.pk).first()
    if locked is None:
        raise NotFound("There is no such variant.")
    return locked


def _check_prices(variant: ProductVariant) -> None:
    check_prices(
        price=variant.price,
        compare_at_price=variant.compare_at_price,
        cost_price=variant.cost_price,
        currency=variant.currency,
    )
