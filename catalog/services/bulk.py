"""Changing many products at once, all or none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction

from catalog.models import Category, Product, ProductVariant
from catalog.services.attributes import InvalidAttribute
from catalog.services.categories import hold_categories
from catalog.services.errors import InvalidPrice
from catalog.services.products import ProductFields, update_product
from catalog.services.publication import InvalidSchedule
from catalog.services.variants import VariantFields, change_variant
from core.errors import InvalidInput
from core.money import minor_unit, quantize
from core.queries import any_of

MOST_PRODUCTS = 500
_WHOLE = Decimal(100)


class TooManyProducts(InvalidInput):
    """More than one edit takes."""

    code = "too_many_products"
    title = f"At most {MOST_PRODUCTS} products are edited at once; import a file for more."


@dataclass(frozen=True)
class BulkEdit:
    """What to change of each product; None leaves it as it is.

    ``price`` is set for all variants, in the currency of each; ``percent`` is added to what each
    costs. Of the two, one may be given.
    """

    price: Decimal | None = None
    percent: Decimal | None = None
    category: Category | None = None
    is_active: bool | None = None


EDIT_PRODUCTS_ERRORS: Final = (
    TooManyProducts,
    InvalidPrice,
    InvalidAttribute,
    InvalidSchedule,
)


@transaction.atomic
def edit_products(*, product_ids: Collection[UUID], edit: BulkEdit) -> int:
    """Change living products alike, all or none; return how many there were.

    Locks their variants, then the products, in the order of their keys. A compare-at price that
    is no longer above the price is dropped.
    """
    if len(product_ids) > MOST_PRODUCTS:
        raise TooManyProducts
    if edit.category is not None:
        hold_categories([edit.category.pk])
    living = ProductVariant.objects.filter(
        product_id__in=any_of(product_ids), product__deleted_at=None
    ).order_by("pk")
    variants = list(living.select_for_update(no_key=True, of=("self",)))
    products = Product.objects.filter(pk__in=any_of(product_ids)).order_by("pk")
    keys = list(products.select_for_update(no_key=True).values_list("pk", flat=True))
    changes = ProductFields()
    if edit.category is not None:
        changes["category"] = edit.category
    if edit.is_active is not None:
        changes["is_active"] = edit.is_active
    for key in keys:
        if changes:
            update_product(product_id=key, changes=changes.copy())
    for variant in variants:
        if repriced := _repriced(variant, edit):
            change_variant(variant=variant, changes=repriced)
    return len(keys)


def _repriced(variant: ProductVariant, edit: BulkEdit) -> VariantFields:
    price = edit.price
    if edit.percent is not None:
        raised = quantize(variant.price * (1 + edit.percent / _WHOLE), variant.currency)
        price = max(raised, minor_unit(variant.currency))
    if price is None or price == variant.price:
        return VariantFields()
    changes = VariantFields(price=price)
    if variant.compare_at_price is not None and variant.compare_at_price <= price:
        changes["compare_at_price"] = None
    return changes
