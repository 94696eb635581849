"""The category tree and brands over HTTP."""

from io import BytesIO

import pytest
from PIL import Image
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from catalog.models import Category
from catalog.tests.factories import BrandFactory, CategoryFactory, ProductFactory
from core.audit import discrepancies

pytestmark = pytest.mark.django_db

CATEGORIES = "/api/v1/categories/"


def test_shows_the_whole_tree_in_one_query(
    api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    books = CategoryFactory.create(name="Books", slug="books")
    novels = CategoryFactory.create(name="Novels", parent=books)
    ProductFactory.create(category=novels)
    ProductFactory.create(category=novels, is_active=False)

    with django_assert_num_queries(1):
        (root,) = api.get(f"{CATEGORIES}tree/").json()

    (child,) = root["children"]
    assert (root["name"], root["product_count"]) == ("Books", 1)
    assert (child["name"], child["parent"], child["level"]) == ("Novels", str(books.pk), 1)
    assert [step["slug"] for step in child["path"]] == ["books", child["slug"]]


def test_lists_the_children_of_a_category_and_the_upper_levels(api: APIClient) -> None:
    books = CategoryFactory.create(slug="books")
    novels = CategoryFactory.create(slug="novels", parent=books)
    CategoryFactory.create(slug="thrillers", parent=novels)

    def slugs(**query: str) -> list[str]:
        return [row["slug"] for row in api.get(CATEGORIES, query).json()["results"]]

    assert slugs() == ["books", "novels", "thrillers"]
    assert slugs(parent="books") == ["novels"]
    assert slugs(depth="1") == ["books", "novels"]
    assert slugs(ordering="-name") == ["thrillers", "novels", "books"]


def test_lists_products_of_a_category_with_the_filters_of_products(api: APIClient) -> None:
    books = CategoryFactory.create(slug="books")
    ProductFactory.create(name="Emma", category=CategoryFactory.create(parent=books))
    ProductFactory.create(name="Persuasion", category=books)
    ProductFactory.create(name="Emma, a film")

    found = api.get(f"{CATEGORIES}books/products/", {"search": "emma"}).json()

    assert [product["name"] for product in found["results"]] == ["Emma"]
    assert api.get(f"{CATEGORIES}films/products/").status_code == 404
    assert api.get(f"{CATEGORIES}books/products/", {"colour": "red"}).status_code == 400


def test_moves_a_category(manager: APIClient) -> None:
    first, second = CategoryFactory.create(slug="first"), CategoryFactory.create(slug="second")
    CategoryFactory.create(slug="child", parent=first)

    moved = manager.post(f"{CATEGORIES}child/move/", {"parent": "second"}).json()
    assert (moved["parent"], moved["level"]) == (str(second.pk), 1)
    moved = manager.post(f"{CATEGORIES}child/move/", {"left_of": "first"}).json()
    assert (moved["parent"], moved["level"]) == (None, 0)

    order = Category.objects.order_by("tree_id", "lft").values_list("slug", flat=True)
    assert list(order) == ["child", "first", "second"]
    assert discrepancies("catalog") == []


def test_refuses_to_move_a_category_below_itself(manager: APIClient) -> None:
    CategoryFactory.create(slug="child", parent=CategoryFactory.create(slug="root"))

    for key in ("root", "child"):
        response = manager.post(f"{CATEGORIES}root/move/", {"parent": key})
        assert (response.status_code, response.json()["code"]) == (400, "invalid_move")
    assert discrepancies("catalog") == []


def test_bounds_the_depth_of_the_tree(manager: APIClient) -> None:
    parent = CategoryFactory.create()
    for _ in range(9):
        parent = CategoryFactory.create(parent=parent)

    response = manager.post(CATEGORIES, {"name": "deeper", "parent": str(parent.pk)})

    assert (response.status_code, response.json()["code"]) == (400, "invalid_move")


def test_deletes_a_category_once_it_is_told_where_its_contents_go(manager: APIClient) -> None:
    books = CategoryFactory.create(slug="books")
    child = CategoryFactory.create(parent=books)
    product = ProductFactory.create(category=books)
    other = CategoryFactory.create(slug="other")

    assert manager.delete(f"{CATEGORIES}books/").json()["code"] == "category_not_empty"
    assert manager.delete(f"{CATEGORIES}books/?reassign_to=nowhere").status_code == 400
    assert manager.delete(f"{CATEGORIES}books/?reassign_to=books").status_code == 400
    assert manager.delete(f"{CATEGORIES}books/?reassign_to=other").status_code == 204

    product.refresh_from_db()
    assert product.category == other
    assert Category.objects.get(pk=child.pk).parent == other
    assert discrepancies("catalog") == []


def test_frees_the_slug_of_a_deleted_category(manager: APIClient) -> None:
    CategoryFactory.create(name="Books", slug="books")
    manager.delete(f"{CATEGORIES}books/")

    assert manager.post(CATEGORIES, {"name": "Books"}).json()["slug"] == "books"


def test_replaces_and_changes_a_category(manager: APIClient) -> None:
    parent = CategoryFactory.create()
    CategoryFactory.create(slug="books", description="old")

    changed = manager.patch(f"{CATEGORIES}books/", {"parent": str(parent.pk)}).json()
    replaced = manager.put(f"{CATEGORIES}books/", {"name": "New"}).json()

    assert (changed["parent"], changed["description"]) == (str(parent.pk), "old")
    assert (replaced["parent"], replaced["name"], replaced["description"]) == (None, "New", "")


def test_brands_are_made_changed_listed_and_deleted(manager: APIClient) -> None:
    made = manager.post("/api/v1/brands/", {"name": "Acme"}).json()
    address = f"/api/v1/brands/{made['slug']}/"

    assert manager.patch(address, {"description": "Since 1949."}).json()["name"] == "Acme"
    assert manager.put(address, {"name": "Acme Inc"}).json()["description"] == ""
    assert manager.post("/api/v1/brands/", {"name": "Acme Inc"}).json()["code"] == "name_taken"
    assert manager.get("/api/v1/brands/", {"search": "acme"}).json()["count"] == 1
    assert manager.delete(address).status_code == 204
    assert manager.get(address).status_code == 404


def test_keeps_a_brand_that_products_carry(manager: APIClient) -> None:
    brand = BrandFactory.create(slug="acme")
    ProductFactory.create(brand=brand)

    response = manager.delete("/api/v1/brands/acme/")

    assert (response.status_code, response.json()["code"]) == (409, "brand_in_use")
    brand.refresh_from_db()
    assert brand.deleted_at is None


def test_sets_and_removes_the_image_of_a_category(manager: APIClient, api: APIClient) -> None:
    CategoryFactory.create(slug="books")
    address = f"{CATEGORIES}books/image/"

    answer = manager.put(address, {"image": picture()}, format="multipart")
    assert answer.status_code == 200
    assert answer.json()["image"].endswith(".png")
    refused = manager.put(address, {"image": BytesIO(b"<html>")}, format="multipart")
    assert (refused.status_code, refused.json()["code"]) == (400, "unreadable_image")
    assert api.put(address, {"image": picture()}, format="multipart").status_code == 401

    assert manager.delete(address).status_code == 204
    assert manager.get(f"{CATEGORIES}books/").json()["image"] is None


def picture() -> BytesIO:
    file = BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "PNG")
    file.seek(0)
    file.name = "a.png"
    return file
