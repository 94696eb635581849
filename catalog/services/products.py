"""Products: made, changed, taken out of the catalog and brought back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TypedDict
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from catalog.models import Brand, Category, Product, ProductVariant, Vendor
from catalog.services import listing
from catalog.services.attributes import InvalidAttribute, check_attributes
from catalog.services.categories import default_category, hold_categories
from catalog.services.errors import SkuTaken, SlugTaken, refusing_duplicates
from catalog.services.publication import InvalidSchedule, settle_schedule
from catalog.services.slugs import remember_slug, unique_slug
from catalog.services.variants import (
    ADD_VARIANT_ERRORS,
    CHANGE_VARIANT_ERRORS,
    VariantFields,
    change_variant,
    insert_variant,
    lock_product,
)
from core.errors import InvalidInput, NotFound


class SeveralVariants(InvalidInput):
    """Which of the variants is meant is not said."""

    code = "several_variants"
    title = "This product has several variants: change them one by one."
    at = "#/price"


class ProductFields(TypedDict, total=False):
    name: str
    slug: str
    description: str
    category: Category | None
    brand: Brand | None
    vendor: Vendor | None
    tax_class: str
    attributes: dict[str, Any]
    is_active: bool
    is_featured: bool
    publish_at: datetime | None
    unpublish_at: datetime | None


CREATE_PRODUCT_ERRORS: Final = (
    InvalidSchedule,
    InvalidAttribute,
    SlugTaken,
    *ADD_VARIANT_ERRORS,
)
UPDATE_PRODUCT_ERRORS: Final = (
    SeveralVariants,
    InvalidSchedule,
    InvalidAttribute,
    SlugTaken,
    *CHANGE_VARIANT_ERRORS,
)
DELETE_PRODUCT_ERRORS: Final = (NotFound,)
RESTORE_PRODUCT_ERRORS: Final = (NotFound, SlugTaken, SkuTaken)


@transaction.atomic
def create_product(*, fields: ProductFields, variants: Sequence[VariantFields]) -> Product:
    """Put a product with at least one variant into the catalog.

    Without a category it is filed under "Uncategorized", without a slug its name gives one.
    """
    category = fields["category"] = fields.get("category") or default_category()
    hold_categories([category.pk])
    fields["slug"] = fields.get("slug") or unique_slug(Product, fields["name"])
    settle_schedule(Product(), fields, now=timezone.now())
    check_attributes(category_id=category.pk, attributes=fields.get("attributes", {}))
    with refusing_duplicates():
        product: Product = Product.objects.create(**fields)
    for place, variant in enumerate(variants):
        variant.setdefault("position", place)
        insert_variant(product, variant)
    listing.refresh_products(product_ids=[product.pk])
    product.refresh_from_db()
    return product


@transaction.atomic
def update_product(
    *, product_id: UUID, changes: ProductFields, variant_changes: VariantFields | None = None
) -> Product:
    """Change a living product, and its only variant by ``variant_changes``. Locks the product.

    Of several variants, ``variant_changes`` may only say what the product shows already.
    """
    if "category" in changes:
        changes["category"] = changes["category"] or default_category()
    product = lock_product(product_id=product_id)
    # Where it stays, whoever deletes the category waits for the product itself.
    if (category := changes.get("category")) and category.pk != product.category_id:
        hold_categories([category.pk])
    settle_schedule(product, changes, now=timezone.now())
    remember_slug(product, wanted=changes.get("slug"))
    for name, value in changes.items():
        setattr(product, name, value)
    if changes.keys() & {"category", "attributes"}:
        check_attributes(category_id=product.category_id, attributes=product.attributes)
    with refusing_duplicates():
        product.save(update_fields=[*changes, "updated_at"])
    if variant_changes:
        variants = ProductVariant.objects.filter(product=product).order_by("position", "id")
        two = list(variants[:2])
        if len(two) == 1:
            change_variant(variant=two[0], changes=variant_changes)
        for name, value in variant_changes.items() if len(two) > 1 else ():
            if not hasattr(product, name) or getattr(product, name) != value:
                raise SeveralVariants(pointer=f"#/{name}")
        product.refresh_from_db()
    return product


@transaction.atomic
def delete_product(*, product_id: UUID) -> None:
    """Take a product and its variants out of the catalog; orders keep them.

    Locks the product. Its slug and SKUs may be used again.
    """
    product = lock_product(product_id=product_id)
    product.deleted_at = timezone.now()
    product.save(update_fields=["deleted_at", "updated_at"])
    ProductVariant.objects.filter(product=product).update(
        deleted_at=product.deleted_at, updated_at=product.deleted_at
    )


@transaction.atomic
def restore_product(*, product_id: UUID) -> Product:
    """Bring a deleted product back, with the variants that were deleted together with it.

    Where its category is gone, it is filed under "Uncategorized". Locks the product.
    """
    rows = Product.all_objects.filter(pk=product_id).exclude(deleted_at=None)
    deleted = rows.select_related("category").first()
    if deleted is None:
        raise NotFound("There is no such deleted product.")
    is_homeless = deleted.category.deleted_at is not None
    category = default_category() if is_homeless else deleted.category
    hold_categories([category.pk])
    product: Product | None = rows.select_for_update(no_key=True).first()
    if product is None:
        raise NotFound("There is no such deleted product.")
    variants = ProductVariant.all_objects.filter(product=product, deleted_at=product.deleted_at)
    with refusing_duplicates():
        variants.update(deleted_at=None, updated_at=timezone.now())
        product.deleted_at = None
        product.category = category
        product.save(update_fields=["deleted_at", "category", "updated_at"])
    listing.refresh_products(product_ids=[product_id])
    product.refresh_from_db()
    return product


@transaction.atomic
def set_active(*, product_ids: Sequence[UUID], is_active: bool) -> int:
    """Show or hide living products; return how many were changed.

    What is shown no longer waits for its publication.
    """
    products = Product.objects.filter(pk__in=product_ids, is_active=not is_active)
    changes: dict[str, Any] = {"publish_at": None} if is_active else {}
    return int(products.update(is_active=is_active, updated_at=timezone.now(), **changes))
