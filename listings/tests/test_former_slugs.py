"""Addresses survive renames: the old one leads to the new one, unless something living has it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import StaffFactory
from catalog import services
from catalog.models import Category, FormerSlug, Product
from catalog.services.products import ProductFields
from catalog.services.slugs import unique_slug
from catalog.tests.factories import BrandFactory, CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db

API = "/api/v1"

RENAMED: list[tuple[str, Callable[..., Any]]] = [
    ("products", ProductFactory.create),
    ("categories", CategoryFactory.create),
    ("brands", BrandFactory.create),
]


@pytest.mark.parametrize(("route", "make"), RENAMED)
def test_leads_from_the_old_address_to_the_new_one(
    api: APIClient, manager: APIClient, route: str, make: Callable[..., Any]
) -> None:
    row = make(slug="old")
    for slug in ("newer", "newest"):
        assert manager.patch(f"{API}/{route}/{row.pk}/", {"slug": slug}).status_code == 200

    for old in ("old", "newer"):
        response = api.get(f"{API}/{route}/{old}/?fields=name")
        assert response.status_code == 301
        assert response["Location"] == f"{API}/{route}/newest/?fields=name"
        assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert response.json() == {
            "id": str(row.pk),
            "slug": "newest",
            "location": response["Location"],
        }
    assert api.get(f"{API}/{route}/newest/").status_code == 200


@pytest.mark.parametrize(("route", "make"), RENAMED)
def test_gives_the_address_to_what_lives_there_now(
    api: APIClient, manager: APIClient, route: str, make: Callable[..., Any]
) -> None:
    manager.patch(f"{API}/{route}/{make(slug='old').pk}/", {"slug": "new"})
    heir = make(slug="old")

    assert api.get(f"{API}/{route}/old/").json()["id"] == str(heir.pk)

    manager.patch(f"{API}/{route}/{heir.pk}/", {"slug": "newer"})
    assert api.get(f"{API}/{route}/old/").json()["slug"] == "newer"


@pytest.mark.parametrize("path", ["related/", "variants/"])
def test_keeps_the_rest_of_a_path(api: APIClient, path: str) -> None:
    product = ProductFactory.create(slug="old")
    services.update_product(product_id=product.pk, changes={"slug": "new"})

    response = api.get(f"{API}/products/old/{path}")

    assert (response.status_code, response["Location"]) == (301, f"{API}/products/new/{path}")
    assert api.get(response["Location"]).status_code == 200


def test_leads_to_the_products_of_a_renamed_category(api: APIClient) -> None:
    category = CategoryFactory.create(slug="old")
    services.update_category(category_id=category.pk, changes={"slug": "new"})

    response = api.get(f"{API}/categories/old/products/", {"page": "1"})

    assert (response.status_code, response["Location"]) == (
        301,
        f"{API}/categories/new/products/?page=1",
    )


def test_leads_nowhere_when_the_public_does_not_see_it(api: APIClient) -> None:
    hidden, kept = ProductFields(is_active=False), ProductFields()
    for number, changes in enumerate((hidden, kept)):
        product = ProductFactory.create(slug=f"old-{number}")
        services.update_product(product_id=product.pk, changes={"slug": f"new-{number}"})
        services.update_product(product_id=product.pk, changes=changes)
    services.delete_product(product_id=product.pk)

    for number in range(2):
        assert api.get(f"{API}/products/old-{number}/").status_code == 404


def test_writes_nothing_at_an_old_address(manager: APIClient) -> None:
    product = ProductFactory.create(slug="old")
    services.update_product(product_id=product.pk, changes={"slug": "new"})

    assert manager.patch(f"{API}/products/old/", {"name": "X"}).status_code == 404
    assert manager.delete(f"{API}/products/old/").status_code == 404


def test_keeps_no_address_of_a_rename_that_was_refused(manager: APIClient) -> None:
    ProductFactory.create(slug="taken")
    product = ProductFactory.create(slug="old")

    assert manager.patch(f"{API}/products/{product.pk}/", {"slug": "taken"}).status_code == 409
    assert not FormerSlug.objects.exists()


def test_belongs_to_one_thing_in_the_database() -> None:
    with pytest.raises(IntegrityError, match="former_slug_has_one_owner"):
        FormerSlug.objects.create(slug="x")


def test_of_a_category_is_kept_when_it_moves_as_well() -> None:
    parent, child = CategoryFactory.create(), CategoryFactory.create(slug="old")

    services.update_category(category_id=child.pk, changes={"slug": "new", "parent": parent})

    assert FormerSlug.objects.get(slug="old").category == Category.objects.get(slug="new")


@pytest.mark.parametrize(
    ("page", "make"),
    [
        ("product", ProductFactory.create),
        ("category", CategoryFactory.create),
        ("brand", BrandFactory.create),
    ],
)
def test_are_shown_to_staff(client: Client, page: str, make: Callable[..., Any]) -> None:
    client.force_login(StaffFactory.create(role="Catalog manager"))
    row = make(slug="new")
    FormerSlug.objects.create(slug="once-upon-a-time", **{page: row})

    shown = client.get(reverse(f"admin:catalog_{page}_change", args=[row.pk]))

    assert b"once-upon-a-time" in shown.content


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("Преступление и наказание", "prestuplenie-i-nakazanie"),
        ("上海", "shanghai"),
        ("ภาษาไทย", "phasaaithy"),
        ("العربية", "lrbyh"),
        ("...", "product"),
    ],
)
def test_names_of_any_script_give_addresses(name: str, slug: str) -> None:
    assert unique_slug(Product, name) == slug
