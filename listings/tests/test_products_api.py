"""Products over HTTP: made, shown, changed, deleted."""

from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import StaffFactory, UserFactory
from catalog.models import Product, ProductVariant
from catalog.tests.factories import (
    BrandFactory,
    CategoryFactory,
    ProductFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products/"
NEW = {"name": "Emma", "price": "9.90", "sku": "E1"}


def test_makes_a_product_with_one_variant(manager: APIClient) -> None:
    category, brand = CategoryFactory.create(), BrandFactory.create()

    sent = {**NEW, "category": category.slug, "brand": str(brand.pk), "attributes": {"year": 1815}}
    response = manager.post(PRODUCTS, sent)

    product = response.json()
    assert response.status_code == 201
    assert response["Location"] == f"{PRODUCTS}{product['id']}/"
    assert (product["slug"], product["price"], product["currency"]) == ("emma", "9.90", "USD")
    assert product["category"]["id"] == str(category.pk)
    assert [variant["sku"] for variant in product["variants"]] == ["E1"]


def test_makes_a_product_with_several_variants(manager: APIClient) -> None:
    variants = [
        {"sku": "HC", "price": "20", "options": {"format": "hardcover"}},
        {"sku": "PB", "price": "9.5", "options": {"format": "paperback"}},
    ]

    product = manager.post(PRODUCTS, {"name": "Emma", "variants": variants}).json()

    assert product["price"] == "9.50"
    assert [variant["sku"] for variant in product["variants"]] == ["HC", "PB"]
    assert product["category"]["slug"] == "uncategorized"


def test_numbers_the_slugs_of_equal_names(manager: APIClient) -> None:
    slugs = [manager.post(PRODUCTS, {**NEW, "sku": str(n)}).json()["slug"] for n in range(3)]

    assert slugs == ["emma", "emma-2", "emma-3"]


def test_keeps_route_names_free(manager: APIClient) -> None:
    assert manager.post(PRODUCTS, {**NEW, "name": "Suggest"}).json()["slug"] == "suggest-2"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"price": None}, "#/price"),
        ({"price": "0"}, "#/price"),
        ({"price": "-1"}, "#/price"),
        ({"price": "1e2"}, "#/price"),
        ({"price": "9.999"}, "#/price"),
        ({"price": [1]}, "#/price"),
        ({"price": True}, "#/price"),
        ({"price": "10.5", "currency": "JPY"}, "#/price"),
        ({"currency": "XXX"}, "#/currency"),
        ({"compare_at_price": "9.90"}, "#/compare_at_price"),
        ({"category": "nowhere"}, "#/category"),
        ({"brand": 7}, "#/brand"),
        ({"name": " "}, "#/name"),
        ({"name": "x" * 256}, "#/name"),
        ({"attributes": ["red"]}, "#/attributes"),
        ({"weight_grams": 2**31}, "#/weight_grams"),
        ({"slug": "not a slug"}, "#/slug"),
    ],
)
def test_refuses_what_makes_no_product(
    manager: APIClient, change: dict[str, Any], pointer: str
) -> None:
    response = manager.post(PRODUCTS, {**NEW, **change})

    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("change", "code"), [({"sku": "TAKEN"}, "sku_taken"), ({"slug": "taken"}, "slug_taken")]
)
def test_refuses_what_another_product_has(
    manager: APIClient, change: dict[str, str], code: str
) -> None:
    ProductFactory.create(slug="taken", variant__sku="TAKEN")

    response = manager.post(PRODUCTS, {**NEW, **change})

    assert (response.status_code, response.json()["code"]) == (409, code)
    assert Product.objects.count() == 1


@pytest.mark.parametrize("key", ["pk", "slug"])
def test_shows_a_product_by_id_or_slug(
    api: APIClient, key: str, django_assert_max_num_queries: Any
) -> None:
    product = ProductFactory.create()

    with django_assert_max_num_queries(6):
        response = api.get(f"{PRODUCTS}{getattr(product, key)}/")

    assert response.json()["id"] == str(product.pk)
    assert response["ETag"]


def test_answers_304_to_who_has_it(api: APIClient) -> None:
    product = ProductFactory.create()
    address = f"{PRODUCTS}{product.slug}/"
    etag = api.get(address)["ETag"]

    assert api.get(address, HTTP_IF_NONE_MATCH=etag).status_code == 304


def test_shows_inactive_products_to_catalog_staff_only(api: APIClient, manager: APIClient) -> None:
    address = f"{PRODUCTS}{ProductFactory.create(is_active=False).slug}/"

    assert api.get(address).status_code == 404
    assert manager.get(address).json()["is_active"] is False


def test_changes_what_is_sent(manager: APIClient) -> None:
    product = ProductFactory.create(name="Emma", variant__sku="E1")

    changed = manager.patch(f"{PRODUCTS}{product.slug}/", {"price": "5.00", "is_featured": True})

    assert (changed.json()["price"], changed.json()["is_featured"]) == ("5.00", True)
    assert changed.json()["name"] == "Emma"
    assert ProductVariant.objects.get(sku="E1").price == Decimal(5)


def test_asks_which_of_several_variants_gets_the_price(manager: APIClient) -> None:
    product = VariantFactory.create().product
    VariantFactory.create(product=product)

    response = manager.patch(f"{PRODUCTS}{product.slug}/", {"price": "5.00", "name": "x"})

    assert (response.status_code, response.json()["code"]) == (400, "several_variants")
    assert Product.objects.get().name != "x"


def test_refuses_a_change_to_what_someone_else_has_changed(manager: APIClient) -> None:
    address = f"{PRODUCTS}{ProductFactory.create().slug}/"
    etag = manager.get(address)["ETag"]

    assert manager.patch(address, {"name": "A"}, HTTP_IF_MATCH=etag).status_code == 200
    assert manager.patch(address, {"name": "B"}, HTTP_IF_MATCH=etag).status_code == 412
    assert Product.objects.get().name == "A"


def test_put_sets_back_what_is_not_sent(manager: APIClient) -> None:
    product = ProductFactory.create(description="old", attributes={"a": 1})

    replaced = manager.put(f"{PRODUCTS}{product.pk}/", {"name": "New"}).json()

    assert (replaced["name"], replaced["description"], replaced["brand"]) == ("New", "", None)
    assert replaced["attributes"] == {}


def test_deletes_softly_and_frees_slug_and_sku(manager: APIClient) -> None:
    product = ProductFactory.create(slug="emma", variant__sku="E1")

    assert manager.delete(f"{PRODUCTS}emma/").status_code == 204
    assert manager.get(f"{PRODUCTS}emma/").status_code == 404
    assert manager.post(PRODUCTS, NEW).json()["slug"] == "emma"
    assert Product.all_objects.filter(pk=product.pk).exists()


@pytest.mark.parametrize(
    ("caller", "read", "write"),
    [("anonymous", 200, 401), ("customer", 200, 403), ("support", 200, 403), ("manager", 200, 400)],
)
def test_lets_everyone_read_and_catalog_staff_write(caller: str, read: int, write: int) -> None:
    product = ProductFactory.create()
    api = APIClient()
    if caller != "anonymous":
        roles = {"customer": "", "support": "Support", "manager": "Catalog manager"}
        api.force_authenticate(
            StaffFactory.create(role=roles[caller]) if roles[caller] else UserFactory.create()
        )
    one = f"{PRODUCTS}{product.slug}/"

    for address in (PRODUCTS, one, f"{one}related/", f"{one}variants/", f"{PRODUCTS}suggest/"):
        assert api.get(address).status_code == read
    refused = {api.post(PRODUCTS, {}).status_code, api.put(one, {}).status_code}
    assert refused == {write}
    assert api.patch(one, {"name": ""}).status_code == write


def test_adds_changes_and_deletes_variants(manager: APIClient) -> None:
    address = f"{PRODUCTS}{ProductFactory.create().slug}/variants/"

    added = manager.post(address, {"price": "3.50", "options": {"format": "e-book"}}).json()
    changed = manager.patch(f"{address}{added['id']}/", {"price": "3.00"}).json()

    assert added["sku"].startswith("P-")
    assert changed["price"] == "3.00"
    assert manager.get(address).json()["count"] == 2
    assert manager.delete(f"{address}{added['id']}/").status_code == 204
    assert manager.get(address).json()["count"] == 1


def test_keeps_the_last_variant(manager: APIClient) -> None:
    product = ProductFactory.create()
    variant = product.variants.get()

    response = manager.delete(f"{PRODUCTS}{product.slug}/variants/{variant.pk}/")

    assert (response.status_code, response.json()["code"]) == (409, "last_variant")


def test_refuses_a_second_variant_with_the_same_options(manager: APIClient) -> None:
    product = ProductFactory.create(variant__options={"format": "paperback"})

    sent = {"price": "1.00", "options": {"format": "paperback"}}
    response = manager.post(f"{PRODUCTS}{product.slug}/variants/", sent)

    assert (response.status_code, response.json()["code"]) == (409, "options_taken")


def test_hides_variants_of_other_products(manager: APIClient) -> None:
    product, other = ProductFactory.create(), ProductFactory.create()

    address = f"{PRODUCTS}{product.slug}/variants/{other.variants.get().pk}/"

    assert manager.patch(address, {"price": "1.00"}).status_code == 404
    assert manager.delete(f"{PRODUCTS}{product.slug}/variants/nonsense/").status_code == 404


@pytest.mark.parametrize("method", ["patch", "put"])
def test_renames_a_product_of_several_variants_and_leaves_their_names(
    manager: APIClient, method: str
) -> None:
    product = VariantFactory.create(name="Small").product
    VariantFactory.create(product=product, name="Large")
    body = {"name": "N" * 255, "price": f"{product.price:f}"}

    answer = getattr(manager, method)(f"{PRODUCTS}{product.slug}/", body, format="json")

    assert (answer.status_code, answer.json()["name"]) == (200, "N" * 255)
    assert [variant["name"] for variant in answer.json()["variants"]] == ["Small", "Large"]


def test_leaves_the_only_variant_its_own_name(manager: APIClient) -> None:
    product = VariantFactory.create(name="Paperback").product

    manager.patch(f"{PRODUCTS}{product.slug}/", {"name": "Emma", "barcode": "1"}, format="json")

    variant = ProductVariant.objects.get()
    assert (variant.name, variant.barcode, variant.product.name) == ("Paperback", "1", "Emma")


def test_says_which_member_is_of_one_variant_only(manager: APIClient) -> None:
    product = VariantFactory.create().product
    VariantFactory.create(product=product)

    answer = manager.patch(f"{PRODUCTS}{product.slug}/", {"barcode": "1"}, format="json")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/barcode")
