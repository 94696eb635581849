"""Finding products over HTTP."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Brand, Product
from catalog.tests.factories import (
    BrandFactory,
    CategoryFactory,
    ProductFactory,
    VariantFactory,
)
from listings.selectors import suggestions

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products/"


def names(api: APIClient, **query: Any) -> list[str]:
    response = api.get(PRODUCTS, query)
    assert response.status_code == 200, response.content
    return [product["name"] for product in response.json()["results"]]


@pytest.mark.parametrize("count", [1, 100])
def test_costs_at_most_four_queries_whatever_its_length(
    api: APIClient, count: int, django_assert_max_num_queries: Any
) -> None:
    category, brand = CategoryFactory.create(), BrandFactory.create()
    ProductFactory.create_batch(count, category=category, brand=brand)

    with django_assert_max_num_queries(4):
        page = api.get(PRODUCTS, {"page_size": "100", "category": str(category.slug)}).json()

    assert (page["count"], len(page["results"])) == (count, count)


def test_shows_living_active_products_newest_first(api: APIClient) -> None:
    ProductFactory.create(name="first")
    ProductFactory.create(name="hidden", is_active=False)
    ProductFactory.create(name="gone").delete()
    ProductFactory.create(name="last")

    assert names(api) == ["last", "first"]


def test_filters_by_category_with_its_descendants(api: APIClient) -> None:
    fiction = CategoryFactory.create(slug="fiction")
    novels = CategoryFactory.create(parent=fiction)
    ProductFactory.create(name="novel", category=novels)
    ProductFactory.create(name="manual")

    assert names(api, category="fiction") == ["novel"]
    assert names(api, category=str(novels.pk)) == ["novel"]
    assert names(api, category="unknown") == []


def test_filters_by_brand_price_currency_rating_and_time(api: APIClient) -> None:
    product = ProductFactory.create(
        name="wanted", brand__slug="acme", variant__price=Decimal(20), is_featured=True
    )
    ProductFactory.create(name="other", variant__price=Decimal(5), variant__currency="EUR")
    Product.objects.filter(pk=product.pk).update(rating_average=Decimal("4.5"))
    hour_ago = (timezone.now() - timedelta(hours=1)).isoformat()

    queries: list[dict[str, str]] = [
        {"brand": "acme"},
        {"brand": str(product.brand_id)},
        {"min_price": "19.99"},
        {"min_price": "20", "max_price": "20"},
        {"currency": "USD"},
        {"min_rating": "4.5"},
        {"is_featured": "true"},
    ]
    for query in queries:
        assert names(api, **query) == ["wanted"], query
    assert len(names(api, created_after=hour_ago)) == 2


def test_filters_by_attribute_in_each_of_its_types(api: APIClient) -> None:
    ProductFactory.create(
        name="it", attributes={"year": 1969, "authors": ["A", "B"], "signed": True}
    )
    ProductFactory.create(name="other", attributes={"year": 1970, "authors": ["C"]})

    assert names(api, **{"attr.year": "1969"}) == ["it"]
    assert names(api, **{"attr.authors": "B"}) == ["it"]
    assert names(api, **{"attr.signed": "true"}) == ["it"]
    assert len(names(api, **{"attr.year": ["1969", "1970"]})) == 2
    assert names(api, **{"attr.year": "1e999999999"}) == []


@pytest.mark.parametrize(
    "query",
    [
        {"colour": "red"},
        {"ordering": "taste"},
        {"in_stock": "maybe"},
        {"min_price": "NaN"},
        {"min_price": "1e400"},
        {"created_after": "yesterday"},
        {"page": "0"},
        {"page_size": "101"},
        {"cursor": "nonsense"},
        {"fields": "id,secret"},
        {"expand": "cost"},
        {"search": "a\x00b"},
        {"search": "x" * 201},
    ],
)
def test_refuses_what_it_does_not_know(api: APIClient, query: dict[str, str]) -> None:
    response = api.get(PRODUCTS, query)

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_orders_by_several_keys(api: APIClient) -> None:
    for name, price in (("b", 5), ("a", 5), ("c", 9)):
        ProductFactory.create(name=name, variant__price=Decimal(price))

    assert names(api, ordering="-price,name") == ["c", "a", "b"]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"ordering": "price"},
        {"ordering": "-price,name"},
        {"ordering": "rating_average,-price"},
        {"ordering": "relevance"},
        {"search": "book"},
        {"max_price": "99", "ordering": "-price"},
    ],
)
def test_cursor_walks_to_the_end_and_back_through_what_pages_show(
    api: APIClient, query: dict[str, str]
) -> None:
    for number in range(7):
        ProductFactory.create(name=f"Book {number}", variant__price=Decimal(1 + number % 2))
    paged = [name for page in (1, 2, 3, 4) for name in names(api, page=page, page_size=2, **query)]

    page = api.get(PRODUCTS, {"cursor": "", "page_size": "2", **query}).json()
    there = [page]
    while page["next"]:
        there.append(page := api.get(page["next"]).json())
    back = [page]
    while page["previous"]:
        back.append(page := api.get(page["previous"]).json())

    walked = [product["name"] for page in there for product in page["results"]]
    assert walked == paged
    assert [page["results"] for page in reversed(back)] == [page["results"] for page in there]


def test_returns_only_the_fields_that_are_asked_for(api: APIClient) -> None:
    ProductFactory.create(name="Emma", variant__sku="E1")

    page = api.get(PRODUCTS, {"fields": "name,variants", "expand": "variants"}).json()

    assert page["results"][0]["name"] == "Emma"
    assert page["results"][0].keys() == {"name", "variants"}
    assert page["results"][0]["variants"][0]["sku"] == "E1"


def test_expands_category_and_brand(api: APIClient) -> None:
    child = CategoryFactory.create(name="Novels", parent=CategoryFactory.create(name="Books"))
    ProductFactory.create(category=child, brand__description="Since 1927.")

    product = api.get(PRODUCTS, {"expand": "category,brand"}).json()["results"][0]

    assert [step["name"] for step in product["category"]["path"]] == ["Books", "Novels"]
    assert product["brand"]["description"] == "Since 1927."


@pytest.mark.parametrize(
    "search",
    [
        "Sorcerer's Stone",
        "sorcerers sto",
        "j k rowling",
        "rowling harry",
        "HP-1",
        "hp1",
        "978-0439554930",
        "hárry",
        "Tor Books",
        "wizards",
        "1997",
    ],
)
def test_search_finds_by_name_author_code_brand_and_text(api: APIClient, search: str) -> None:
    ProductFactory.create(
        name="Harry Potter and the Sorcerer's Stone",
        brand__name="Tor Books",
        description="A school for wizards.",
        attributes={"authors": ["J.K. Rowling"], "year": 1997},
        variant__sku="HP-1",
        variant__barcode="9780439554930",
    )
    ProductFactory.create(name="A manual", attributes={"link": "https://rowling.example/"})

    assert names(api, search=search) == ["Harry Potter and the Sorcerer's Stone"]


def test_search_ranks_codes_and_names_before_the_rest(api: APIClient) -> None:
    ProductFactory.create(name="A companion", description="To Emma, by Emma, for Emma.")
    ProductFactory.create(name="Emma and the others")
    ProductFactory.create(name="Emma")

    assert names(api, search="emma") == ["Emma", "Emma and the others", "A companion"]


def test_search_follows_renamed_brands_and_changed_codes(api: APIClient) -> None:
    brand = BrandFactory.create()
    product = ProductFactory.create(name="Emma", brand=brand)
    variant = product.variants.get()
    variant.sku = "NEW-7"
    variant.save(update_fields=["sku"])
    brand.name = "Penguin"
    brand.save(update_fields=["name"])
    VariantFactory.create(product=product, sku="SECOND")

    for search in ("NEW-7", "penguin", "second"):
        assert names(api, search=search) == ["Emma"], search


def test_suggests_by_the_beginning_of_any_word(api: APIClient) -> None:
    ProductFactory.create(
        name="The Time Machine", category__name="Time travel", brand__name="Timely"
    )
    ProductFactory.create(name="Emma")

    found = api.get(f"{PRODUCTS}suggest/", {"q": "tim"}).json()

    assert [row["name"] for row in found["products"]] == ["The Time Machine"]
    assert [row["name"] for row in found["categories"]] == ["Time travel"]
    assert [row["name"] for row in found["brands"]] == ["Timely"]


def test_suggests_from_any_number_of_brands_by_an_index() -> None:
    Brand.objects.bulk_create(Brand(name=f"Name {n}", slug=f"name-{n}") for n in range(3000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE catalog_brand")
        cursor.execute(f"EXPLAIN {suggestions.STATEMENT}", ("tim", "tim"))
        plan = "\n".join(row for (row,) in cursor.fetchall())

    assert "Index Scan on brand_by_word" in plan


def test_suggests_nothing_for_nothing(api: APIClient) -> None:
    ProductFactory.create()

    found = api.get(f"{PRODUCTS}suggest/", {"q": " %_' "}).json()

    assert found == {"products": [], "categories": [], "brands": []}


def test_relates_products_of_the_same_category(api: APIClient) -> None:
    product = ProductFactory.create()
    ProductFactory.create(name="alike", category=product.category)
    ProductFactory.create(name="other")

    related = api.get(f"{PRODUCTS}{product.slug}/related/").json()["results"]

    assert [row["name"] for row in related] == ["alike"]
