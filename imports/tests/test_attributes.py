"""Imported attributes, held to what the categories of their products define."""

from pathlib import Path
from typing import Any

import pytest

from catalog import services
from catalog.models import Category, Product
from catalog.tests.factories import CategoryFactory, ProductFactory
from imports.services.applying import ImportOptions, ImportReport, import_products

pytestmark = pytest.mark.django_db


def define(category: Category, name: str, kind: str, **more: Any) -> None:
    fields: Any = {"name": name, "label": name.title(), "type": kind, **more}
    services.define_attribute(category=category, fields=fields)


@pytest.fixture
def books() -> Category:
    books: Category = CategoryFactory.create(name="Books", slug="books")
    define(books, "pages", "number")
    define(books, "binding", "choice", choices=["paper", "cloth"])
    define(books, "signed", "boolean")
    define(books, "published", "date")
    return books


def run(path: Path, text: str, **options: Any) -> ImportReport:
    path = path / "products.csv"
    path.write_text(text)
    return import_products(
        path=path,
        options=ImportOptions(currency="USD", stock=0, **options),
        actor=None,
    )


def test_give_imported_cells_their_types(tmp_path: Path, books: Category) -> None:
    report = run(
        tmp_path,
        "sku,name,price,category,attr.pages,attr.signed,attr.binding,attr.other\n"
        "A1,Dune,9,Books > New > Newer,320,yes,cloth,7\n"
        "A2,Mug,9,Kitchen,320,yes,cloth,7\n",
    )

    assert report.refused == 0
    dune, mug = Product.objects.order_by("name").values_list("attributes", flat=True)
    assert dune == {"pages": 320, "signed": True, "binding": "cloth", "other": "7"}
    assert mug == {"pages": "320", "signed": "yes", "binding": "cloth", "other": "7"}


def test_refuse_imported_cells_of_another_type(tmp_path: Path, books: Category) -> None:
    ProductFactory.create(category=books, variant__sku="A3", attributes={"pages": 1})
    text = (
        "sku,name,price,category,attr.pages,attr.binding\n"
        "A1,Dune,9,Books,many,cloth\nA2,Emma,9,Books,5,leather\nA3,Persuasion,9,,x,\nA4,Ok,9,,x,\n"
    )

    report = run(tmp_path, text)

    assert [(error.line, error.column, error.value, error.code) for error in report.errors] == [
        (2, "attr.pages", "many", "invalid_attribute"),
        (3, "attr.binding", "leather", "invalid_attribute"),
        (4, "attr.pages", "x", "invalid_attribute"),
    ]
    assert report.created == 1
    assert Product.objects.get(variants__sku="A3").attributes == {"pages": 1}


def test_imported_twice_change_nothing(tmp_path: Path, books: Category) -> None:
    text = "sku,name,price,category,attr.pages,attr.published\nA1,Dune,9,Books,320,1965-08-01\n"
    run(tmp_path, text)

    assert run(tmp_path, text).unchanged == 1
