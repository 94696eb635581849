"""Vendors sell beside the shop; their sellers keep their own products, and no others."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from rest_framework.test import APIClient

from accounts.events import UserErased
from accounts.models import User
from accounts.tests.factories import StaffFactory
from catalog import services
from catalog.models import Product, Vendor
from catalog.privacy import export_vendors
from catalog.services.errors import NameTaken, SlugTaken
from catalog.services.vendors import VendorInUse
from catalog.tasks import forget_seller
from catalog.tests.factories import ProductFactory, VendorFactory
from listings.selectors import catalog_version

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products/"
NEW = {"name": "Emma", "price": "9.90", "sku": "E1"}


@pytest.fixture
def seller() -> User:
    return StaffFactory.create(role="Seller")


@pytest.fixture
def vendor(seller: User) -> Vendor:
    return VendorFactory.create(sellers=[seller])


@pytest.fixture
def selling(api_for: Callable[[User], APIClient], seller: User) -> APIClient:
    return api_for(seller)


def address_of(product: Product) -> str:
    return f"{PRODUCTS}{product.pk}/"


def picture() -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (8, 8)).save(content, "PNG")
    return SimpleUploadedFile("cover.png", content.getvalue())


@pytest.mark.parametrize("key", ["pk", "slug"])
def test_lists_what_a_vendor_sells(api: APIClient, vendor: Vendor, key: str) -> None:
    own = ProductFactory.create(vendor=vendor)
    ProductFactory.create()
    ProductFactory.create(vendor=VendorFactory.create())

    found = api.get(PRODUCTS, {"vendor": str(getattr(vendor, key))}).json()

    assert [product["id"] for product in found["results"]] == [str(own.pk)]
    link = {"id": str(vendor.pk), "name": vendor.name, "slug": vendor.slug}
    assert found["results"][0]["vendor"] == link
    assert api.get(address_of(own)).json()["vendor"] == link


def test_finds_nothing_of_a_vendor_that_is_not(api: APIClient) -> None:
    shown = ProductFactory.create()

    assert api.get(PRODUCTS, {"vendor": "nobody"}).json()["count"] == 0
    assert api.get(address_of(shown)).json()["vendor"] is None


def test_what_a_seller_makes_belongs_to_their_vendor(selling: APIClient, vendor: Vendor) -> None:
    made = selling.post(PRODUCTS, NEW)

    assert made.status_code == 201
    assert made.json()["vendor"]["id"] == str(vendor.pk)


def test_a_seller_of_several_vendors_names_one(
    selling: APIClient, seller: User, vendor: Vendor
) -> None:
    other = VendorFactory.create(sellers=[seller])

    unnamed = selling.post(PRODUCTS, NEW)
    named = selling.post(PRODUCTS, {**NEW, "vendor": other.slug})

    assert (unnamed.status_code, unnamed.json()["code"]) == (400, "not_your_vendor")
    assert named.json()["vendor"]["slug"] == other.slug
    assert Product.objects.count() == 1


def test_a_seller_of_nobody_makes_nothing(selling: APIClient) -> None:
    refused = selling.post(PRODUCTS, NEW)

    assert (refused.status_code, refused.json()["code"]) == (403, "no_vendor")
    assert not Product.objects.exists()


def test_a_seller_gives_nothing_to_and_takes_nothing_from_others(
    selling: APIClient, vendor: Vendor
) -> None:
    other = VendorFactory.create()
    own = ProductFactory.create(vendor=vendor)

    made = selling.post(PRODUCTS, {**NEW, "vendor": other.slug})
    given = selling.patch(address_of(own), {"vendor": other.slug})
    given_up = selling.patch(address_of(own), {"vendor": None})

    assert {answer.json()["code"] for answer in (made, given, given_up)} == {"not_your_vendor"}
    assert Product.objects.get().vendor == vendor


def test_a_seller_keeps_own_products(selling: APIClient, vendor: Vendor) -> None:
    own = address_of(ProductFactory.create(vendor=vendor))

    changed = selling.patch(own, {"price": "7.50", "vendor": vendor.slug})
    replaced = selling.put(own, {"name": "Emma", "price": "8.50"})
    variant = selling.post(f"{own}variants/", {"price": "9", "options": {"format": "hardcover"}})
    changed_variant = selling.patch(f"{own}variants/{variant.json()['id']}/", {"price": "9.5"})
    gone_variant = selling.delete(f"{own}variants/{variant.json()['id']}/")
    image = selling.post(f"{own}images/", {"images": picture()}, format="multipart")
    changed_image = selling.patch(f"{own}images/{image.json()[0]['id']}/", {"alt": "Cover"})
    gone_image = selling.delete(f"{own}images/{image.json()[0]['id']}/")
    gone = selling.delete(own)

    assert (changed.status_code, changed.json()["price"]) == (200, "7.50")
    assert (replaced.status_code, replaced.json()["vendor"]["id"]) == (200, str(vendor.pk))
    assert (variant.status_code, changed_variant.status_code) == (201, 200)
    assert (image.status_code, changed_image.status_code) == (201, 200)
    assert {answer.status_code for answer in (gone_variant, gone_image, gone)} == {204}


@pytest.mark.parametrize("whose", ["the shop's", "another vendor's", "a gone vendor's"])
def test_to_a_seller_other_products_are_not_there_to_be_written(
    selling: APIClient, seller: User, whose: str
) -> None:
    gone = VendorFactory.create(sellers=[seller])
    gone.delete()
    of = {"the shop's": None, "another vendor's": VendorFactory.create(), "a gone vendor's": gone}
    product = ProductFactory.create(vendor=of[whose])
    before = Product.objects.values().get(pk=product.pk)
    variant = product.variants.get()
    own = address_of(product)

    answers = [
        selling.patch(own, {"price": "1"}),
        selling.patch(own, {"stock_quantity": 1}),
        selling.put(own, NEW),
        selling.delete(own),
        selling.post(f"{own}variants/", {"price": "1", "options": {"a": "b"}}),
        selling.patch(f"{own}variants/{variant.pk}/", {"price": "1"}),
        selling.delete(f"{own}variants/{variant.pk}/"),
        selling.post(f"{own}images/", {"images": picture()}, format="multipart"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert Product.objects.values().get(pk=product.pk) == before


def test_a_seller_sees_own_products_that_nobody_else_sees(
    selling: APIClient, api: APIClient, vendor: Vendor
) -> None:
    own = address_of(ProductFactory.create(vendor=vendor, is_active=False))
    other = address_of(ProductFactory.create(is_active=False))

    assert [client.get(own).status_code for client in (selling, api)] == [200, 404]
    assert selling.get(other).status_code == 404


def test_a_seller_does_not_feature_products(selling: APIClient, vendor: Vendor) -> None:
    plain, featured = (
        ProductFactory.create(vendor=vendor, is_featured=value) for value in (False, True)
    )

    refused = [
        selling.post(PRODUCTS, {**NEW, "is_featured": True}),
        selling.patch(address_of(plain), {"is_featured": True}),
        selling.patch(address_of(featured), {"is_featured": False}),
    ]
    as_it_is = selling.patch(address_of(featured), {"is_featured": True, "name": "Emma"})

    assert {(refusal.status_code, refusal.json()["code"]) for refusal in refused} == {
        (403, "not_for_sellers")
    }
    assert as_it_is.status_code == 200
    assert list(Product.objects.filter(is_featured=True)) == [featured]


def test_staff_say_who_sells_a_product(manager: APIClient, vendor: Vendor) -> None:
    product = ProductFactory.create()

    given = manager.patch(address_of(product), {"vendor": vendor.slug})
    taken = manager.patch(address_of(product), {"vendor": None})
    unknown = manager.patch(address_of(product), {"vendor": "nobody"})

    assert given.json()["vendor"]["id"] == str(vendor.pk)
    assert taken.json()["vendor"] is None
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (400, "#/vendor")


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [({"name": "Ada"}, NameTaken), ({"name": "Ada & Co", "slug": "ada"}, SlugTaken)],
)
def test_names_and_slugs_of_vendors_are_unique(fields: Any, refusal: type[Exception]) -> None:
    services.create_vendor(fields={"name": "Ada"})

    with pytest.raises(refusal):
        services.create_vendor(fields=fields)


def test_a_vendor_with_products_stays() -> None:
    vendor = VendorFactory.create()
    product = ProductFactory.create(vendor=vendor)

    with pytest.raises(VendorInUse):
        services.delete_vendor(vendor_id=vendor.pk)
    services.delete_product(product_id=product.pk)
    services.delete_vendor(vendor_id=vendor.pk)

    assert not Vendor.objects.exists()


def test_who_left_sells_for_nobody(seller: User, vendor: Vendor) -> None:
    assert list(export_vendors(seller.pk)) == [{"name": vendor.name, "slug": vendor.slug}]

    forget_seller(UserErased(user_id=seller.pk))

    assert list(export_vendors(seller.pk)) == []
    assert not vendor.sellers.exists()


def test_staff_keep_vendors_in_the_admin(client: Client, seller: User) -> None:
    client.force_login(StaffFactory.create(role="Catalog manager"))
    form = {"name": "Ada", "slug": "ada", "description": "", "sellers": [str(seller.pk)]}

    client.post(reverse("admin:catalog_vendor_add"), form)
    vendor = Vendor.objects.get()
    assert list(vendor.sellers.all()) == [seller]
    ProductFactory.create(vendor=vendor)
    client.post(
        reverse("admin:catalog_vendor_change", args=[vendor.pk]),
        {**form, "name": "Ada & Co", "sellers": []},
    )
    listed = client.get(reverse("admin:catalog_vendor_changelist"), {"q": "ada"})
    refused = client.post(
        reverse("admin:catalog_vendor_delete", args=[vendor.pk]), {"post": "yes"}, follow=True
    )

    vendor.refresh_from_db()
    assert (vendor.name, vendor.deleted_at, vendor.sellers.count()) == ("Ada & Co", None, 0)
    assert "Ada &amp; Co" in listed.content.decode()
    assert VendorInUse.title in refused.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_new_name_of_a_vendor_is_seen_at_once(api: APIClient) -> None:
    vendor = VendorFactory.create()
    ProductFactory.create(vendor=vendor)
    api.get(PRODUCTS)
    before = catalog_version()

    services.update_vendor(vendor_id=vendor.pk, changes={"name": "Ada & Co"})

    assert catalog_version() != before
    assert api.get(PRODUCTS).json()["results"][0]["vendor"]["name"] == "Ada & Co"
