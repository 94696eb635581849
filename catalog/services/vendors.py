"""Vendors: who sells products beside the shop itself."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, TypedDict
from uuid import UUID

from django.db import transaction

from accounts.models import User
from catalog.models import Product, Vendor
from catalog.selectors.vendors import vendors_of
from catalog.services.errors import NameTaken, SlugTaken, refusing_duplicates
from catalog.services.slugs import unique_slug
from core.errors import DomainError, InvalidInput, NotFound


class VendorInUse(DomainError):
    """Products are sold by it."""

    code = "vendor_in_use"
    title = "Products are sold by this vendor."


class NoVendor(DomainError):
    """Someone sells for nobody."""

    code = "no_vendor"
    status = 403
    title = "You sell for no vendor. Ask the shop's staff to add you to one."


class NotYourVendor(InvalidInput):
    """A product would be another vendor's, or it is not said whose."""

    code = "not_your_vendor"
    title = "Name a vendor that you sell for."
    at = "#/vendor"

    def __init__(self) -> None:
        super().__init__(pointer="#/vendor")


class NotForSellers(DomainError):
    """The shop's staff decide it."""

    code = "not_for_sellers"
    status = 403
    title = "The shop's staff decide what is featured."


class VendorFields(TypedDict, total=False):
    name: str
    slug: str
    description: str
    sellers: Collection[User]


CREATE_VENDOR_ERRORS: Final = (NameTaken, SlugTaken)
UPDATE_VENDOR_ERRORS: Final = (NotFound, NameTaken, SlugTaken)
DELETE_VENDOR_ERRORS: Final = (NotFound, VendorInUse)
SETTLE_FOR_SELLER_ERRORS: Final = (NoVendor, NotYourVendor, NotForSellers)


@transaction.atomic
def create_vendor(*, fields: VendorFields) -> Vendor:
    sellers = fields.pop("sellers", ())
    fields["slug"] = fields.get("slug") or unique_slug(Vendor, fields["name"])
    with refusing_duplicates():
        vendor: Vendor = Vendor.objects.create(**fields)
    vendor.sellers.set(sellers)
    return vendor


@transaction.atomic
def update_vendor(*, vendor_id: UUID, changes: VendorFields) -> Vendor:
    vendor = _lock(vendor_id)
    sellers = changes.pop("sellers", None)
    for name, value in changes.items():
        setattr(vendor, name, value)
    with refusing_duplicates():
        vendor.save(update_fields=[*changes, "updated_at"])
    if sellers is not None:
        vendor.sellers.set(sellers)
    return vendor


@transaction.atomic
def delete_vendor(*, vendor_id: UUID) -> None:
    """Take a vendor of no living product out of the catalog."""
    vendor = _lock(vendor_id)
    if Product.objects.filter(vendor=vendor).exists():
        raise VendorInUse
    vendor.delete()


def settle_for_seller(
    *, seller_id: UUID, fields: dict[str, Any], product: Product | None = None
) -> None:
    """Make what a seller writes of a new or an own ``product`` fit for a seller.

    It belongs to a vendor that they sell for, which a new one need not name if there is only one;
    what is featured is the shop's to decide.
    """
    is_featured = product is not None and product.is_featured
    if fields.get("is_featured", is_featured) != is_featured:
        raise NotForSellers(pointer="#/is_featured")
    if product is None or "vendor" in fields:
        own, wanted = list(vendors_of(seller_id)), fields.get("vendor")
        if not own:
            raise NoVendor
        if wanted is None and product is None and len(own) == 1:
            wanted = own[0]
        if wanted not in own:
            raise NotYourVendor
        fields["vendor"] = wanted


@transaction.atomic
def forget_seller(*, user_id: UUID) -> None:
    """Let someone who left sell for nobody any more."""
    Vendor.sellers.through.objects.filter(user=user_id).delete()


def _lock(vendor_id: UUID) -> Vendor:
    locked: Vendor | None = Vendor.objects.select_for_update().filter(pk=vendor_id).first()
    if locked is None:
        raise NotFound("There is no such vendor.")
    return locked
