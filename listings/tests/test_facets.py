"""What a list could be narrowed down to: counted with all filters but a facet's own."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Product
from catalog.services import update_product
from catalog.tests.factories import BrandFactory, CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products/"


def facets(api: APIClient, **query: Any) -> dict[str, Any]:
    response = api.get(PRODUCTS, {"facets": "true", **query})
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()["facets"]
    return found


def counts(rows: list[dict[str, Any]]) -> dict[str, int]:
    return {row["slug"]: row["count"] for row in rows}


def values(found: dict[str, Any], name: str) -> dict[Any, int]:
    (attribute,) = (facet for facet in found["attributes"] if facet["name"] == name)
    return {row["value"]: row["count"] for row in attribute["values"]}


@pytest.fixture
def shop() -> None:
    """Make four products of two categories, two brands, two prices and two colours."""
    fiction = CategoryFactory.create(slug="fiction")
    novels = CategoryFactory.create(slug="novels", parent=fiction)
    acme, tor = BrandFactory.create(slug="acme"), BrandFactory.create(slug="tor")
    for name, category, brand, price, colour in (
        ("a", fiction, acme, "4.99", "red"),
        ("b", novels, acme, "5.00", "red"),
        ("c", novels, tor, "9.99", "blue"),
        ("d", CategoryFactory.create(slug="other"), tor, "10.00", "blue"),
    ):
        ProductFactory.create(
            name=name,
            category=category,
            brand=brand,
            attributes={"colour": colour, "tags": [name, "all", "all"]},
            variant__price=Decimal(price),
        )


@pytest.mark.usefixtures("shop")
def test_counts_categories_with_what_is_below_them_brands_prices_and_values(api: APIClient) -> None:
    found = facets(api)

    assert counts(found["category"]) == {"fiction": 3, "novels": 2, "other": 1}
    assert counts(found["brand"]) == {"acme": 2, "tor": 2}
    assert [(band["min"], band["max"], band["count"]) for band in found["price"]] == [
        ("2.00", "4.99", 1),
        ("5.00", "9.99", 2),
        ("10.00", "19.99", 1),
    ]
    assert values(found, "colour") == {"red": 2, "blue": 2}
    assert values(found, "tags") == {"all": 4, "a": 1, "b": 1, "c": 1, "d": 1}
    assert found["approximate"] is False


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("query", "own", "others"),
    [
        ({"category": "novels"}, "category", {"brand": {"acme": 1, "tor": 1}}),
        ({"brand": "acme"}, "brand", {"category": {"fiction": 2, "novels": 1}}),
    ],
)
def test_counts_a_facet_with_all_filters_but_its_own(
    api: APIClient, query: dict[str, str], own: str, others: dict[str, dict[str, int]]
) -> None:
    found = facets(api, **query)

    assert found[own] == facets(api)[own]
    assert {name: counts(found[name]) for name in others} == others


@pytest.mark.usefixtures("shop")
def test_counts_prices_and_attributes_with_all_filters_but_their_own(api: APIClient) -> None:
    found = facets(api, min_price="5", max_price="9.99", **{"attr.colour": "red"})

    assert [band["count"] for band in found["price"]] == [1, 1]
    assert values(found, "colour") == {"red": 1, "blue": 1}
    assert values(found, "tags") == {"all": 1, "b": 1}
    assert counts(found["brand"]) == {"acme": 1}


@pytest.mark.usefixtures("shop")
def test_each_count_is_what_the_list_has_when_it_is_chosen(api: APIClient) -> None:
    def count(**query: str) -> int:
        return int(api.get(PRODUCTS, {"search": "all", **query}).json()["count"])

    found = facets(api, search="all")

    for band in found["price"]:
        limits = {"min_price": band["min"], "max_price": band["max"], "currency": "USD"}
        assert count(**limits) == band["count"]
    for category in found["category"]:
        assert count(category=category["id"]) == category["count"]
    for value, number in values(found, "tags").items():
        assert count(**{"attr.tags": value}) == number


@pytest.mark.usefixtures("shop")
def test_is_given_with_a_cursor_and_within_a_category(api: APIClient) -> None:
    walked = api.get(PRODUCTS, {"facets": "true", "cursor": "", "page_size": "1"}).json()
    within = api.get("/api/v1/categories/novels/products/", {"facets": "true"}).json()

    assert counts(walked["facets"]["brand"]) == {"acme": 2, "tor": 2}
    assert counts(within["facets"]["brand"]) == {"acme": 1, "tor": 1}


@pytest.mark.usefixtures("shop")
def test_is_left_out_unless_asked_for(api: APIClient) -> None:
    assert "facets" not in api.get(PRODUCTS).json()
    assert "facets" not in api.get(PRODUCTS, {"facets": "false"}).json()


@pytest.mark.parametrize("query", [{"facets": "yes"}, {"facets": "1"}, {"facets": "true,false"}])
def test_refuses_another_value(api: APIClient, query: dict[str, str]) -> None:
    response = api.get(PRODUCTS, query)

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "#/facets"


def test_refuses_more_attributes_than_can_be_counted(api: APIClient) -> None:
    many = {f"attr.{number}": "x" for number in range(11)}

    assert api.get(PRODUCTS, {"facets": "true", **many}).status_code == 400


def test_survives_whatever_attributes_hold(api: APIClient) -> None:
    ProductFactory.create(
        attributes={"": "", "deep": {"a": [1]}, "none": None, "mixed": [1, "1", True, [2], None]}
    )

    found = facets(api, **{"attr.": "", "attr.mixed": "1"})

    assert {facet["name"] for facet in found["attributes"]} == {"", "mixed"}
    mixed = next(facet["values"] for facet in found["attributes"] if facet["name"] == "mixed")
    assert [row["count"] for row in mixed] == [1, 1, 1]


def test_leaves_out_what_is_different_for_every_product(api: APIClient) -> None:
    for number in range(21):
        ProductFactory.create(attributes={"isbn": f"978{number}", "colour": "red"})

    assert [facet["name"] for facet in facets(api)["attributes"]] == ["colour"]


def test_names_the_bands_of_each_currency_in_its_own_digits(api: APIClient) -> None:
    ProductFactory.create(variant__price=Decimal(1980), variant__currency="JPY")
    ProductFactory.create(variant__price=Decimal("0.001"), variant__currency="KWD")

    assert facets(api)["price"] == [
        {"min": "1000", "max": "1999", "currency": "JPY", "count": 1},
        {"min": "0.000", "max": "0.009", "currency": "KWD", "count": 1},
    ]


@pytest.mark.parametrize("number", [1, 60])
@pytest.mark.parametrize("query", [{"search": "dune"}, {"search": "dnue"}, {"brand": "x"}])
@pytest.mark.django_db(transaction=True)
def test_costs_at_most_six_queries_whatever_there_is(
    api: APIClient, number: int, query: dict[str, str], django_assert_max_num_queries: Any
) -> None:
    category, brand = CategoryFactory.create(), BrandFactory.create()
    ProductFactory.create_batch(
        number, name="Dune", category=category, brand=brand, attributes={"pages": 400}
    )

    with django_assert_max_num_queries(6):
        facets(api, **query)


@pytest.mark.django_db(transaction=True)
def test_is_counted_once_for_all_pages_until_something_changes(
    api: APIClient, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    product = ProductFactory.create_batch(3, brand=BrandFactory.create(slug="acme"))[0]
    facets(api, page_size=1)

    with django_assert_num_queries(2):  # the version, the page
        assert counts(facets(api, page_size=1, page=2)["brand"]) == {"acme": 3}
    update_product(product_id=product.pk, changes={"brand": None})

    assert counts(facets(api, page_size=1, page=2)["brand"]) == {"acme": 2}


def test_tells_when_only_the_first_products_are_counted(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ProductFactory.create_batch(3, brand=BrandFactory.create())
    monkeypatch.setattr("listings.selectors.facets.COUNTED_HITS", 2)

    assert facets(api)["approximate"] is True


def test_counts_only_what_the_public_sees(api: APIClient) -> None:
    hide: list[Callable[[Product], object]] = [
        lambda product: product.delete(),
        lambda product: Product.objects.filter(pk=product.pk).update(is_active=False),
    ]
    for change in hide:
        change(ProductFactory.create())

    found = facets(api)

    assert (found["category"], found["brand"], found["price"]) == ([], [], [])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("attr.%00=1", 400),
        ("attr.x=%00", 400),
        ("attr.x=%ff%fe", 200),
        ("attr.=..", 200),
        ("attr.%22)%3B--=1..2", 200),
        ("attr.x=" + "9" * 400, 200),
        ("category=%00", 400),
        ("brand=%27%20or%201%3D1", 200),
        ("min_price=5&min_price=7", 400),
        ("facets=true&facets=false", 400),
        ("option.%00=1", 400),
        ("option.x=%00", 400),
        ("option.=,", 200),
        ("option.%22)%3B--=%27", 200),
        ("brand=" + ",".join(map(str, range(60))), 400),
        ("attr.x=" + ",".join(map(str, range(60))), 400),
        ("search=%25%25%20%27%3B", 200),
    ],
)
def test_survives_hostile_filters(api: APIClient, query: str, status: int) -> None:
    ProductFactory.create(attributes={"x": 1})

    assert api.get(f"{PRODUCTS}?facets=true&{query}").status_code == status
