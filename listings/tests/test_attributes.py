"""Attributes of a category: defined, inherited, checked at every write, filtered by as typed."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import StaffFactory
from catalog import services
from catalog.models import AttributeDefinition, Category, Product
from catalog.selectors.attributes import definitions_of
from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db

API = "/api/v1"
PRODUCTS = f"{API}/products/"


def define(category: Category, name: str, kind: str, **more: Any) -> AttributeDefinition:
    fields: Any = {"name": name, "label": name.title(), "type": kind, **more}
    return services.define_attribute(category=category, fields=fields)


@pytest.fixture
def books() -> Category:
    """Make a category with an attribute of each type."""
    books: Category = CategoryFactory.create(name="Books", slug="books")
    define(books, "pages", "number")
    define(books, "binding", "choice", choices=["paper", "cloth"])
    define(books, "signed", "boolean")
    define(books, "published", "date")
    define(books, "authors", "text")
    return books


def test_are_inherited_and_the_nearest_counts(books: Category) -> None:
    novels = CategoryFactory.create(parent=books)
    define(novels, "pages", "text")

    types = {definition.name: definition.type for definition in definitions_of(novels.pk)}

    assert types == {
        "pages": "text",
        "binding": "choice",
        "signed": "boolean",
        "published": "date",
        "authors": "text",
    }
    assert {definition.name: definition.type for definition in definitions_of(books.pk)}[
        "pages"
    ] == "number"
    assert definitions_of(CategoryFactory.create().pk) == []


RIGHT: Final = {
    "pages": 320,
    "binding": "paper",
    "signed": False,
    "published": "1965-08-01",
    "authors": ["Frank Herbert"],
    "anything": {"else": [1]},
}


def test_take_values_of_their_types(manager: APIClient, books: Category) -> None:
    sent = {"name": "Dune", "price": "9.90", "category": "books", "attributes": RIGHT}

    made = manager.post(PRODUCTS, sent)

    assert (made.status_code, made.json()["attributes"]) == (201, RIGHT)


WRONG: Final[list[tuple[str, Any]]] = [
    ("pages", "320"),
    ("pages", True),
    ("pages", [320]),
    ("binding", "leather"),
    ("binding", ["paper", "leather"]),
    ("binding", 1),
    ("signed", "true"),
    ("published", "1965-02-30"),
    ("published", "1965"),
    ("authors", 7),
    ("authors", [["nested"]]),
    ("authors", ["x"] * 101),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_refuse_values_of_other_types(
    manager: APIClient, books: Category, name: str, value: Any
) -> None:
    product = ProductFactory.create(category=CategoryFactory.create(parent=books))

    response = manager.patch(f"{PRODUCTS}{product.pk}/", {"attributes": {name: value}})

    assert (response.status_code, response.json()["code"]) == (400, "invalid_attribute")
    assert response.json()["errors"][0]["pointer"] == f"#/attributes/{name}"
    product.refresh_from_db()
    assert product.attributes == {}


def test_are_checked_where_a_product_is_moved_to(manager: APIClient, books: Category) -> None:
    product = ProductFactory.create(attributes={"pages": "many"})
    address = f"{PRODUCTS}{product.pk}/"

    assert manager.patch(address, {"category": "books"}).json()["code"] == "invalid_attribute"
    moved = manager.patch(address, {"category": "books", "attributes": {"pages": 5}})
    assert moved.status_code == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"attr.pages": "300"}, ["b"]),
        ({"attr.pages": "200..300"}, ["b"]),
        ({"attr.pages": "301.5.."}, ["c"]),
        ({"attr.pages": "..300"}, ["a", "b"]),
        ({"attr.pages": ["100", "400.."]}, ["a", "c"]),
        ({"attr.published": "1965-01-01..1965-12-31"}, ["b"]),
        ({"attr.published": "1965-08-01"}, ["b"]),
        ({"attr.published": "1970-01-01.."}, ["c"]),
        ({"attr.binding": "paper"}, ["a", "c"]),
        ({"attr.signed": "true"}, ["b"]),
        ({"attr.authors": "1984"}, ["c"]),
        ({"attr.authors": "1..9"}, ["a"]),
        ({"attr.size": "1..9"}, []),
    ],
)
def test_are_filtered_by_as_what_they_are(
    api: APIClient, books: Category, query: dict[str, Any], expected: list[str]
) -> None:
    for name, pages, published, binding, signed, author in (
        ("a", 100, "1949-01-01", "paper", False, "1..9"),
        ("b", 300, "1965-08-01", "cloth", True, "B"),
        ("c", 400, "2001-01-01", "paper", False, "1984"),
    ):
        ProductFactory.create(
            name=name,
            category=books,
            attributes={
                "pages": pages,
                "published": published,
                "binding": binding,
                "signed": signed,
                "authors": [author],
                "size": 5,
            },
        )

    page = api.get(PRODUCTS, {"ordering": "name", **query}).json()

    assert [product["name"] for product in page["results"]] == expected


@pytest.mark.parametrize(
    "query",
    [
        {"attr.pages": "many"},
        {"attr.pages": "1..many"},
        {"attr.pages": ".."},
        {"attr.signed": "maybe"},
        {"attr.published": "1965"},
    ],
)
def test_refuse_filters_that_they_cannot_have(
    api: APIClient, books: Category, query: dict[str, str]
) -> None:
    response = api.get(PRODUCTS, query)

    assert response.status_code == 400
    assert response.json()["code"] == "invalid"


def test_are_counted_with_their_labels_unless_they_are_not_to_be_filtered_by(
    api: APIClient, books: Category
) -> None:
    define(books, "shelf", "text", is_filterable=False)
    ProductFactory.create(category=books, attributes={"pages": 300, "shelf": "A", "colour": "red"})

    page = api.get(PRODUCTS, {"facets": "true", "attr.pages": "100..400"}).json()

    assert page["facets"]["attributes"] == [
        {
            "name": "colour",
            "label": "colour",
            "types": [],
            "values": [{"value": "red", "count": 1}],
        },
        {
            "name": "pages",
            "label": "Pages",
            "types": ["number"],
            "values": [{"value": 300, "count": 1}],
        },
    ]


def test_cost_a_filtered_list_no_more_than_four_queries(
    api: APIClient, books: Category, django_assert_max_num_queries: Any
) -> None:
    ProductFactory.create_batch(3, category=books, attributes={"pages": 300})

    with django_assert_max_num_queries(3):  # and the version, outside of a transaction
        api.get(PRODUCTS, {"attr.pages": "1..", "attr.binding": "paper"})


def test_are_maintained_over_http(manager: APIClient, books: Category) -> None:
    address = f"{API}/categories/{CategoryFactory.create(slug='novels', parent=books).slug}"
    made = manager.post(f"{address}/attributes/", {"name": "era", "type": "text"}).json()
    assert (made["label"], made["category"]["slug"]) == ("era", "novels")

    changed = manager.patch(f"{address}/attributes/{made['id']}/", {"label": "Era", "position": 9})
    assert changed.json()["label"] == "Era"
    names = [row["name"] for row in manager.get(f"{address}/attributes/").json()["results"]]
    assert names == ["authors", "binding", "pages", "published", "signed", "era"]

    again = manager.post(f"{address}/attributes/", {"name": "era", "type": "text"})
    assert (again.status_code, again.json()["code"]) == (409, "attribute_defined")
    assert manager.delete(f"{address}/attributes/{made['id']}/").status_code == 204
    assert manager.delete(f"{address}/attributes/{made['id']}/").status_code == 404


def test_of_another_category_are_not_found(manager: APIClient, books: Category) -> None:
    novels = CategoryFactory.create(slug="novels", parent=books)
    inherited = books.attribute_definitions.first()
    assert inherited is not None

    for identifier in (inherited.pk, "nonsense"):
        address = f"{API}/categories/{novels.slug}/attributes/{identifier}/"
        assert manager.patch(address, {"label": "X"}).status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "x", "type": "choice"},
        {"name": "x", "type": "choice", "choices": ["a", "a"]},
        {"name": "x", "type": "text", "choices": ["a"]},
        {"name": "x", "type": "colour"},
        {"name": "", "type": "text"},
        {"name": 5, "type": "text"},
        {"type": "text"},
    ],
)
def test_refuse_definitions_that_make_no_sense(
    manager: APIClient, books: Category, fields: dict[str, Any]
) -> None:
    before = AttributeDefinition.objects.count()

    assert manager.post(f"{API}/categories/books/attributes/", fields).status_code == 400
    assert AttributeDefinition.objects.count() == before


@pytest.mark.parametrize(
    ("client_of", "reads", "writes"),
    [
        (lambda _for: APIClient(), 200, 401),
        (lambda _for: _for(StaffFactory.create(role="Support")), 200, 403),
        (lambda _for: _for(StaffFactory.create(role="Catalog manager")), 200, 201),
        (lambda _for: _for(StaffFactory.create(role="Administrator")), 200, 201),
    ],
)
def test_are_read_by_all_and_written_by_catalog_staff(
    api_for: Any, books: Category, client_of: Callable[[Any], APIClient], reads: int, writes: int
) -> None:
    client = client_of(api_for)
    address = f"{API}/categories/books/attributes/"

    assert client.get(address).status_code == reads
    assert client.post(address, {"name": "era", "type": "text"}).status_code == writes


def test_are_kept_apart_by_the_database(books: Category) -> None:
    with pytest.raises(IntegrityError, match="attribute_has_choices_if_it_is_one"):
        AttributeDefinition.objects.create(category=books, name="x", type="choice")


def test_are_defined_in_the_backoffice(client: Client, books: Category) -> None:
    client.force_login(StaffFactory.create(role="Catalog manager"))
    data = {
        "category": books.pk,
        "name": "era",
        "label": "Era",
        "type": "choice",
        "choices": "old\nnew\n\n",
        "is_filterable": "on",
        "position": "1",
    }

    client.post(reverse("admin:catalog_attributedefinition_add"), data)
    made = AttributeDefinition.objects.get(name="era")
    assert made.choices == ["old", "new"]

    change = reverse("admin:catalog_attributedefinition_change", args=[made.pk])
    assert b"old\nnew" in client.get(change).content
    client.post(change, {**data, "choices": "old"})
    made.refresh_from_db()
    assert made.choices == ["old"]
    found = client.get(reverse("admin:catalog_attributedefinition_changelist"), {"q": "era"})
    assert b"Era" in found.content


def test_are_checked_on_the_page_of_a_product(client: Client, books: Category) -> None:
    client.force_login(StaffFactory.create(role="Catalog manager"))
    data = {
        "name": "Dune",
        "slug": "dune",
        "category": str(books.pk),
        "attributes": '{"pages": "many"}',
        "tax_class": "standard",
        "first_price": "5",
        "first_currency": "USD",
    }

    page = client.post(reverse("admin:catalog_product_add"), data)

    assert b"pages: A number." in page.content
    assert not Product.objects.exists()
