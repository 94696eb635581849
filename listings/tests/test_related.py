"""What goes with a product: bought together first, then popular in its category."""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from catalog.models import Product, ProductAffinity
from catalog.services import note_sales
from catalog.tests.factories import CategoryFactory, ProductFactory
from listings.selectors import catalog_version

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products/"


def related(api: APIClient, product: Product, **query: Any) -> list[str]:
    page = api.get(f"{PRODUCTS}{product.slug}/related/", query).json()
    return [row["name"] for row in page["results"]]


def sell(*products: Product, units: int = 1) -> None:
    sold: dict[UUID, int] = {product.pk: units for product in products}
    note_sales(sales=[sold])


def test_begins_with_what_was_bought_together_most_often(api: APIClient) -> None:
    category = CategoryFactory.create()
    product = ProductFactory.create(name="it", category=category)
    ProductFactory.create(name="alike", category=category)
    seldom, often = ProductFactory.create(name="seldom"), ProductFactory.create(name="often")
    popular = ProductFactory.create(name="popular", category=category)
    sell(product, seldom)
    for _ in range(2):
        sell(product, often)
    sell(popular, units=9)

    assert related(api, product) == ["often", "seldom", "popular", "alike"]


def test_shows_each_product_once_and_never_itself(api: APIClient) -> None:
    product = ProductFactory.create(name="it")
    other = ProductFactory.create(name="other", category=product.category)
    sell(product, other)

    assert related(api, product) == ["other"]


def test_leaves_out_what_the_public_does_not_see(api: APIClient) -> None:
    product, hidden, gone = ProductFactory.create_batch(3)
    sell(product, hidden, gone)
    Product.objects.filter(pk=hidden.pk).update(is_active=False)
    gone.delete()

    assert related(api, product) == []


def test_walks_by_page_and_by_cursor(api: APIClient) -> None:
    product = ProductFactory.create()
    others = ProductFactory.create_batch(3)
    for place, other in enumerate(others):
        for _ in range(3 - place):
            sell(product, other)
    names = [other.name for other in others]

    pages = [related(api, product, page=page, page_size=2) for page in (1, 2)]
    first = api.get(f"{PRODUCTS}{product.slug}/related/?cursor=&page_size=2").json()
    second = api.get(first["next"]).json()

    assert pages == [names[:2], names[2:]]
    walked = [row["name"] for page in (first, second) for row in page["results"]]
    assert walked == names


@pytest.mark.parametrize("number", [1, 30])
def test_costs_the_same_however_many_there_are(
    api: APIClient, number: int, django_assert_num_queries: Any
) -> None:
    product = ProductFactory.create()
    sell(product, *ProductFactory.create_batch(number, category=product.category))

    with django_assert_num_queries(3):  # the product, what goes with it, the page
        assert len(related(api, product, page_size=100)) == number


def test_counts_units_and_pairs_of_a_sale() -> None:
    one, other, third = ProductFactory.create_batch(3)

    sell(one, other, units=2)
    sell(one, other, third)

    units = Product.objects.order_by("pk").values_list("units_sold", flat=True)
    pairs = dict(ProductAffinity.objects.filter(product=one).values_list("other", "orders"))
    assert list(units) == [3, 3, 1]
    assert pairs == {other.pk: 2, third.pk: 1}
    assert ProductAffinity.objects.count() == 6


def test_bounds_the_pairs_of_one_sale() -> None:
    sell(*ProductFactory.create_batch(31))

    assert ProductAffinity.objects.count() == 30 * 29


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_counts_sales_at_once_without_losing_any_or_a_deadlock() -> None:
    keys = [product.pk for product in ProductFactory.create_batch(6)]

    def sell_some(seed: int) -> None:
        chance = random.Random(seed)
        try:
            for _ in range(10):
                note_sales(sales=[dict.fromkeys(chance.sample(keys, 4), 1)])
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(sell_some, range(6)))

    assert sum(Product.objects.values_list("units_sold", flat=True)) == 6 * 10 * 4
    assert sum(ProductAffinity.objects.values_list("orders", flat=True)) == 6 * 10 * 4 * 3


def test_locks_products_in_the_order_of_their_keys() -> None:
    with CaptureQueriesContext(connection) as queries:
        sell(*ProductFactory.create_batch(2))

    locks = [query["sql"] for query in queries if "FOR NO KEY UPDATE" in query["sql"]]
    assert "FROM catalog_product" in locks[-1]
    assert "ORDER BY id FOR NO KEY UPDATE" in locks[-1]


@pytest.mark.django_db(transaction=True)
def test_a_sale_leaves_the_catalog_version_alone() -> None:
    products = ProductFactory.create_batch(2)
    before = catalog_version()

    sell(*products)

    assert catalog_version() == before


def test_pairs_no_product_with_itself_in_the_database() -> None:
    product = ProductFactory.create()

    with pytest.raises(IntegrityError, match="affinity_is_with_another_product"):
        ProductAffinity.objects.create(product=product, other=product)
