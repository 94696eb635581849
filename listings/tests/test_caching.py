"""Public answers are remembered and never stale once a write has returned."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from catalog.models import Brand, Category, Product, ProductImage, ProductVariant, Vendor
from catalog.services import delete_product, set_active, update_brand, update_product
from catalog.tests.factories import BrandFactory, ProductFactory
from inventory.services.listings import refresh_stock_figures
from listings.selectors import catalog_version
from listings.services import refresh_vocabulary

pytestmark = pytest.mark.django_db(transaction=True)

PRODUCTS = "/api/v1/products/"
# Late figures, what is still to come, and what the triggers themselves write.
IGNORED = {
    "id",
    "created_at",
    "updated_at",
    "stock_quantity",
    "units_sold",
    "publish_at",
    "unpublish_at",
    "search_document",
    "search_name",
    # Changes with deleted_at only.
    "former_parent_id",
}


def test_costs_one_query_when_remembered(api: APIClient, django_assert_num_queries: Any) -> None:
    ProductFactory.create()
    first = api.get(PRODUCTS)

    with django_assert_num_queries(1):
        second = api.get(PRODUCTS)
    with django_assert_num_queries(1):
        third = api.get(PRODUCTS, HTTP_IF_NONE_MATCH=first["ETag"])

    assert second.content == first.content
    assert (third.status_code, third.content) == (304, b"")


def test_costs_two_queries_when_no_answer_is_kept(
    api: APIClient, django_assert_num_queries: Any
) -> None:
    ProductFactory.create()
    api.get(PRODUCTS)

    with django_assert_num_queries(2):  # the version, the page
        api.get(PRODUCTS, headers={"Host": "localhost"})
    ProductFactory.create()
    with django_assert_num_queries(3):  # the version, now and for the answer that is kept; the page
        api.get(PRODUCTS)


def test_counts_what_was_meant_anew_when_more_words_are_known(api: APIClient) -> None:
    """The vocabulary is seconds late: it learns a word without a new catalog version."""
    ProductFactory.create_batch(2, name="Dune")
    sought = f"{PRODUCTS}?search=dunn&page_size="

    before = api.get(f"{sought}1").json()
    refresh_vocabulary()
    after = api.get(f"{sought}2").json()

    assert (before["count"], "did_you_mean" in before) == (0, False)
    assert (after["count"], after["did_you_mean"], len(after["results"])) == (2, "dune", 2)


def test_a_summary_has_the_stock_figure_of_now(api: APIClient) -> None:
    product = ProductFactory.create(name='"Q" \\ 1')
    ProductImage.objects.create(product=product, image="products/a.png", alt="%s {} %(x)s")
    first = api.get(PRODUCTS).json()["results"]

    Product.objects.filter(pk=product.pk).update(stock_quantity=41)
    again = api.get(f"{PRODUCTS}?page_size=5").json()["results"]

    assert [listed["stock_quantity"] for listed in (*first, *again)] == [0, 41]
    assert again == [first[0] | {"stock_quantity": 41}]


def test_a_kept_answer_is_no_answer_to_what_it_is_not(api: APIClient) -> None:
    api.get(PRODUCTS)

    assert api.get(PRODUCTS, headers={"Accept": "application/json"}).status_code == 200
    assert api.get(PRODUCTS, headers={"Accept": "text/csv"}).status_code == 406
    for path in (PRODUCTS, f"{PRODUCTS}suggest/?q=tea"):
        assert api.get(path, headers={"Host": "evil.example.com"}).status_code == 400
    assert api.head(PRODUCTS).content == b""
    assert api.options(PRODUCTS).status_code == 405


def test_lets_others_keep_answers_and_makes_them_ask(api: APIClient) -> None:
    assert api.get(PRODUCTS)["Cache-Control"] == "public, max-age=0, must-revalidate"


@pytest.mark.parametrize("address", [PRODUCTS, "/api/v1/categories/tree/", "/api/v1/brands/"])
def test_shows_an_edit_at_once(api: APIClient, address: str) -> None:
    brand = BrandFactory.create()
    product = ProductFactory.create(brand=brand)
    before = api.get(address).content

    update_product(product_id=product.pk, changes={"name": "Edited", "brand": None})
    update_brand(brand_id=brand.pk, changes={"name": "Renamed"})
    product.category.name = "Renamed"
    product.category.save(update_fields=["name"])

    assert api.get(address).content != before


def test_counts_anew_after_a_change(api: APIClient) -> None:
    products = ProductFactory.create_batch(3)
    assert api.get(PRODUCTS).json()["count"] == 3

    delete_product(product_id=products[0].pk)
    assert api.get(PRODUCTS).json()["count"] == 2
    set_active(product_ids=[products[1].pk], is_active=False)
    assert api.get(PRODUCTS).json()["count"] == 1


def test_gives_each_host_its_own_links(api: APIClient) -> None:
    product = ProductFactory.create()
    ProductImage.objects.create(product=product, image="products/a.png")

    urls = [
        api.get(PRODUCTS, HTTP_HOST=host).json()["results"][0]["images"][0]["url"]
        for host in ("testserver", "localhost")
    ]

    assert urls == [f"http://{host}/media/products/a.png" for host in ("testserver", "localhost")]


def test_remembers_nothing_inside_a_transaction(api: APIClient) -> None:
    product = ProductFactory.create(name="Emma")

    with transaction.atomic():
        Product.objects.filter(pk=product.pk).update(name="Never")
        assert api.get(PRODUCTS).json()["results"][0]["name"] == "Never"
        transaction.set_rollback(True)

    assert api.get(PRODUCTS).json()["results"][0]["name"] == "Emma"


def test_changes_the_version_when_a_transaction_commits() -> None:
    product = ProductFactory.create()
    before = catalog_version()

    with transaction.atomic():
        Product.objects.filter(pk=product.pk).update(name="A")
        assert catalog_version() == before
        Product.objects.filter(pk=product.pk).update(name="B")

    assert catalog_version() != before


def test_late_figures_leave_the_version_alone() -> None:
    product = ProductFactory.create()
    before = catalog_version()

    Product.objects.filter(pk=product.pk).update(stock_quantity=5, units_sold=7)
    refresh_stock_figures(variant_ids=[product.variants.get().pk])

    assert catalog_version() == before


@pytest.mark.parametrize("model", [Category, Brand, Vendor, Product, ProductVariant, ProductImage])
def test_every_other_column_counts_as_a_change(model: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(pg_get_triggerdef(oid), ' ') FROM pg_trigger"
            " WHERE tgrelid = %s::regclass AND tgname LIKE 'version_of_%%'",
            [model._meta.db_table],
        )
        definition = cursor.fetchone()[0].replace('"', "")

    columns = {field.column for field in model._meta.concrete_fields} - IGNORED
    assert {column for column in columns if f"new.{column}" not in definition} == set()


def test_an_edit_that_shows_in_its_time_only_changes_the_version(api: APIClient) -> None:
    product = ProductFactory.create(name="Emma")
    before = api.get(PRODUCTS).json()["results"][0]

    update_product(product_id=product.pk, changes={"name": "Emma"})

    after = api.get(PRODUCTS).json()["results"][0]
    assert after["updated_at"] > before["updated_at"]
    assert after == before | {"updated_at": after["updated_at"]}


def test_a_sale_that_leaves_stock_changes_no_version() -> None:
    variant = ProductFactory.create(variant__price=Decimal(5)).variants.get()
    before = catalog_version()

    ProductVariant.objects.filter(pk=variant.pk).update(stock_quantity=4)
    assert catalog_version() == before
    ProductVariant.objects.filter(pk=variant.pk).update(in_stock=not variant.in_stock)
    assert catalog_version() != before
