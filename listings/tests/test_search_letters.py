"""Searches in other scripts, for languages with signs in their names, and for options."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from catalog.models import Product, ProductVariant
from catalog.services import change_variant
from catalog.tests.factories import BrandFactory, ProductFactory, VariantFactory
from core.audit import discrepancies
from listings.services import refresh_vocabulary

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products/"


def found(api: APIClient, text: str) -> list[str]:
    answer = api.get(PRODUCTS, {"search": text})
    assert answer.status_code == 200
    return sorted(product["name"] for product in answer.json()["results"])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("C++", ["C++ Primer"]),
        ("c++ primer", ["C++ Primer"]),
        ("C#", ["Learning C#"]),
        ("C", ["The C Book"]),
        ("F#", ["Expert F# 4"]),
        ("Notepad", ["Notepad++ at work"]),
    ],
)
def test_languages_with_signs_are_words_of_their_own(
    api: APIClient, text: str, names: list[str]
) -> None:
    for name in ("C++ Primer", "Learning C#", "The C Book", "Expert F# 4", "Notepad++ at work"):
        ProductFactory.create(name=name)

    assert found(api, text) == names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("上海", "昨日上海宝贝"),
        ("宝贝", "昨日上海宝贝"),
        ("昨日上海宝贝", "昨日上海宝贝"),
        ("カフカ", "海辺のカフカ"),
        ("преступлене", "Преступление и наказание"),
        ("Преступление", "Преступление и наказание"),
    ],
)
def test_titles_in_other_scripts_are_found(api: APIClient, text: str, name: str) -> None:
    for title in ("昨日上海宝贝", "海辺のカフカ", "Преступление и наказание", "Middlemarch"):
        ProductFactory.create(name=title)
    refresh_vocabulary()

    with CaptureQueriesContext(connection) as captured:
        assert found(api, text) == [name]
    assert len(captured) <= 4


def test_options_are_searched_and_follow_their_variants(api: APIClient) -> None:
    product = ProductFactory.create(name="Emma")
    variant = VariantFactory.create(product=product, options={"format": "Hardcover"})
    ProductFactory.create(name="Persuasion")

    assert found(api, "emma hardcover") == ["Emma"]

    change_variant(variant=variant, changes={"options": {"format": "Leather"}})

    assert found(api, "emma hardcover") == []
    assert found(api, "leather") == ["Emma"]
    assert discrepancies("catalog") == []


def test_words_of_a_new_variants_options_are_those_of_a_product_written_anew() -> None:
    product = ProductFactory.create(
        name="Emma", description="Hardcover, signed", attributes={"a": "b"}
    )
    VariantFactory.create(product=product, options={"format": "Hardcover", "colour": "red"})

    assert discrepancies("catalog") == []


def test_a_product_that_is_written_again_keeps_the_words_of_its_options(api: APIClient) -> None:
    product = ProductFactory.create(name="Emma", variant__options={"format": "Hardcover"})

    Product.objects.filter(pk=product.pk).update(name="Emma again")
    brand = BrandFactory.create(name="Orbit")
    Product.objects.filter(pk=product.pk).update(brand=brand)

    assert found(api, "hardcover orbit") == ["Emma again"]
    assert ProductVariant.objects.get().options == {"format": "Hardcover"}
