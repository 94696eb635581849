"""A filter that is given several values finds what has any of them; options filter as well."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from catalog import services
from catalog.models import AttributeDefinition, Product
from catalog.tests.factories import (
    BrandFactory,
    CategoryFactory,
    ProductFactory,
    VariantFactory,
    VendorFactory,
)

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products/"


def names(api: APIClient, query: str) -> set[str]:
    answer = api.get(f"{PRODUCTS}?{query}")
    assert answer.status_code == 200, answer.content
    return {product["name"] for product in answer.json()["results"]}


def facet(api: APIClient, query: str, name: str) -> dict[str, int]:
    found = api.get(f"{PRODUCTS}?facets=true&{query}").json()["facets"]
    (option,) = (option for option in found["options"] if option["name"] == name)
    return {value["value"]: value["count"] for value in option["values"]}


@pytest.fixture
def shelf() -> None:
    """Three products, each with another value of everything."""
    books = CategoryFactory.create(slug="books")
    for letter in "abc":
        ProductFactory.create(
            name=letter,
            category=CategoryFactory.create(slug=f"category-{letter}", parent=books),
            brand=BrandFactory.create(slug=f"brand-{letter}"),
            vendor=VendorFactory.create(slug=f"vendor-{letter}"),
            attributes={"colour": f"colour-{letter}", "pages": ord(letter)},
        )


@pytest.mark.parametrize("kind", ["category", "brand", "vendor", "attr.colour"])
@pytest.mark.parametrize("form", ["{0}={1}-a&{0}={1}-b", "{0}={1}-a,{1}-b", "{0}={1}-a, ,{1}-b,"])
@pytest.mark.usefixtures("shelf")
def test_any_of_several_values_will_do(api: APIClient, kind: str, form: str) -> None:
    assert names(api, form.format(kind, kind.removeprefix("attr."))) == {"a", "b"}


@pytest.mark.usefixtures("shelf")
def test_a_value_that_nothing_has_adds_nothing(api: APIClient) -> None:
    brand = str(Product.objects.get(name="c").brand_id)

    assert names(api, f"brand=nobody,{brand}") == {"c"}
    assert names(api, "brand=nobody") == set()
    assert names(api, "category=category-a&category=books") == {"a", "b", "c"}


@pytest.mark.usefixtures("shelf")
def test_numbers_and_ranges_are_joined_by_commas(api: APIClient) -> None:
    pages = AttributeDefinition(
        category=Product.objects.get(name="a").category.parent, name="pages", type="number"
    )
    pages.save(force_insert=True)

    assert names(api, "attr.pages=97,99") == {"a", "c"}
    assert names(api, "attr.pages=98..,97") == {"a", "b", "c"}
    assert api.get(f"{PRODUCTS}?attr.pages=97,many").status_code == 400
    assert api.get(f"{PRODUCTS}?attr.pages=,").status_code == 400


def test_a_value_with_a_comma_of_its_own_is_found(api: APIClient) -> None:
    ProductFactory.create(name="wanted", attributes={"author": "Tolkien, J. R. R."})
    ProductFactory.create(attributes={"author": "J. R. Ewing"})

    assert names(api, "attr.author=Tolkien, J. R. R.") == {"wanted"}


def test_several_currencies(api: APIClient) -> None:
    for currency in ("USD", "EUR", "GBP"):
        ProductFactory.create(name=currency, variant__currency=currency)

    assert names(api, "currency=USD,GBP") == {"USD", "GBP"}
    assert api.get(f"{PRODUCTS}?currency=USD,dollars").status_code == 400


@pytest.mark.parametrize("query", ["min_price=1&min_price=2", "search=a&search=b", "page=1&page=2"])
def test_what_has_one_value_is_given_once(api: APIClient, query: str) -> None:
    answer = api.get(f"{PRODUCTS}?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["code"] == "repeated_parameter"


@pytest.fixture
def shirts() -> None:
    shirts: dict[str, list[dict[str, str]]] = {
        "red or large": [{"colour": "red", "size": "S"}, {"colour": "blue", "size": "L"}],
        "red and large": [{"colour": "red", "size": "L"}],
        "plain": [{}],
    }
    for name, variants in shirts.items():
        product = ProductFactory.create(name=name)
        for number, options in enumerate(variants):
            VariantFactory.create(product=product, sku=f"{name}-{number}", options=options)


@pytest.mark.usefixtures("shirts")
def test_options_filter_and_several_are_those_of_one_variant(api: APIClient) -> None:
    assert names(api, "option.colour=red") == {"red or large", "red and large"}
    assert names(api, "option.colour=red&option.size=L") == {"red and large"}
    assert names(api, "option.size=S,L") == {"red or large", "red and large"}
    assert names(api, "option.size=XL") == set()


@pytest.mark.usefixtures("shirts")
def test_options_have_facets_counted_with_all_filters_but_their_own(api: APIClient) -> None:
    assert facet(api, "", "colour") == {"red": 2, "blue": 1}
    assert facet(api, "option.colour=blue", "colour") == {"red": 2, "blue": 1}
    assert facet(api, "option.colour=blue", "size") == {"S": 1, "L": 1}


@pytest.mark.usefixtures("shirts")
def test_an_option_that_is_gone_is_neither_found_nor_counted(api: APIClient) -> None:
    product = Product.objects.get(name="red or large")
    services.delete_variant(variant=product.variants.get(options__colour="blue"))

    assert names(api, "option.colour=blue") == set()
    assert facet(api, "", "colour") == {"red": 2}


@pytest.mark.usefixtures("shirts")
def test_filters_by_options_cost_four_queries_at_most(api: APIClient) -> None:
    with CaptureQueriesContext(connection) as captured:
        api.get(f"{PRODUCTS}?option.colour=red,blue&option.size=L&brand=a,b&attr.x=1,2")

    assert len(captured) <= 4


def test_names_are_ordered_as_people_expect(api: APIClient) -> None:
    for name in ("Zoo", "apple", "Banana", "Äpfel", "École", "eclair"):
        ProductFactory.create(name=name)
    order = ["Äpfel", "apple", "Banana", "eclair", "École", "Zoo"]

    def listed(query: str) -> list[str]:
        found: list[dict[str, Any]] = api.get(f"{PRODUCTS}?{query}").json()["results"]
        return [product["name"] for product in found]

    assert listed("ordering=name") == order
    assert listed("ordering=-name") == order[::-1]
    assert listed("ordering=name&page=2&page_size=2") == order[2:4]


def test_names_are_ordered_by_cursor_too(api: APIClient) -> None:
    for name in ("Zoo", "apple", "Banana", "Äpfel"):
        ProductFactory.create(name=name)

    seen, path = [], f"{PRODUCTS}?ordering=name&cursor=&page_size=1"
    while path:
        page = api.get(path).json()
        seen += [product["name"] for product in page["results"]]
        path = page["next"]

    assert seen == ["Äpfel", "apple", "Banana", "Zoo"]
