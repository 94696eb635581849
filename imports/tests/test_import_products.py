"""Importing products from a table."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from catalog.models import PriceChange, Product, ProductVariant
from catalog.tests.factories import ProductFactory
from imports.services.applying import ImportOptions, ImportReport, import_products
from imports.services.tables import UnreadableFile

pytestmark = pytest.mark.django_db

HEADER = "sku,name,price,stock_quantity,category,brand,attr.color\n"


def run(path: Path, text: str, **options: Any) -> ImportReport:
    path = path / "products.csv"
    path.write_bytes(text.encode())
    return import_products(
        path=path,
        options=ImportOptions(currency="USD", **{"stock": 0, **options}),
        actor=None,
    )


def test_creates_products_with_category_brand_and_attributes(tmp_path: Path) -> None:
    report = run(tmp_path, HEADER + "A1,Mug,9.90,,Kitchen > Cups,Acme,red\n")

    product = Product.objects.get()
    assert (report.created, report.refused) == (1, 0)
    assert (product.name, product.slug, product.price) == ("Mug", "mug", Decimal("9.90"))
    assert (product.category.name, product.category.parent.name) == ("Cups", "Kitchen")
    assert (product.brand.name, product.attributes) == ("Acme", {"color": "red"})


def test_changes_nothing_the_second_time(tmp_path: Path) -> None:
    text = HEADER + "A1,Mug,9.90,,Kitchen,Acme,red\nA2,Mug,5,,,,\n"
    run(tmp_path, text)
    before = list(Product.objects.order_by("pk").values())

    report = run(tmp_path, text)

    assert (report.created, report.updated, report.unchanged) == (0, 0, 2)
    assert list(Product.objects.order_by("pk").values()) == before


def test_updates_what_has_the_same_sku(tmp_path: Path) -> None:
    product = ProductFactory.create(variant__sku="A1", attributes={"size": "L"})

    report = run(tmp_path, HEADER + "A1,Mug,12.50,,,,red\n")

    product.refresh_from_db()
    assert (report.created, report.updated) == (0, 1)
    assert (product.name, product.price) == ("Mug", Decimal("12.50"))
    assert product.attributes == {"size": "L", "color": "red"}


def test_numbers_the_slugs_of_equal_names(tmp_path: Path) -> None:
    ProductFactory.create(slug="mug")
    run(tmp_path, HEADER + "A1,Mug,1,,,,\nA2,Mug,1,,,,\nA3,Mug 2,1,,,,\n")

    slugs = set(Product.objects.values_list("slug", flat=True))
    assert len(slugs) == 4
    assert slugs > {"mug", "mug-2", "mug-3"}


def test_refuses_a_sku_that_an_earlier_line_has(tmp_path: Path) -> None:
    report = run(tmp_path, HEADER + "A1,Mug,1,,,,\nA1,Cup,2,,,,\n A1 ,Jug,3,,,,\n")

    assert [(error.line, error.code) for error in report.errors] == [
        (3, "repeated_sku"),
        (4, "repeated_sku"),
    ]
    assert Product.objects.get().name == "Mug"


@pytest.mark.parametrize(
    "price", ["", "0", "-1", "1e3", "1,500", "1_000", "NaN", "٣", "9.999", "10000000000000"]
)
def test_refuses_what_is_not_a_price(tmp_path: Path, price: str) -> None:
    report = run(tmp_path, HEADER + f'A1,Mug,"{price}",,,,\n')

    assert [error.column for error in report.errors] == ["price"]
    assert not Product.objects.exists()


def test_writes_nothing_of_a_file_with_a_bad_row_when_atomic(tmp_path: Path) -> None:
    report = run(tmp_path, HEADER + "A1,Mug,1,,,,\nA2,,1,,,,\n", mode="atomic")

    assert (report.created, report.refused) == (0, 1)
    assert not Product.objects.exists()


def test_writes_nothing_in_a_dry_run(tmp_path: Path) -> None:
    report = run(tmp_path, HEADER + "A1,Mug,1,,Kitchen,,\n", is_dry_run=True)

    assert report.created == 1
    assert not ProductVariant.all_objects.exists()


def test_gives_new_products_the_price_of_the_rule_and_leaves_others_theirs(tmp_path: Path) -> None:
    ProductFactory.create(variant__sku="A1", variant__price=Decimal(50))

    run(tmp_path, "sku,name\nA1,Mug\nA2,Cup\n", price_rule="7.99..29.99")

    prices = dict(ProductVariant.objects.values_list("sku", "price"))
    assert prices["A1"] == 50
    assert 7 < prices["A2"] < 30
    assert prices["A2"] % 1 == Decimal("0.99")


@pytest.mark.parametrize("text", ["", "\ufeff", "sku,name\nA1,Mug\n", "sku,name,price,price\n"])
def test_refuses_a_file_without_the_columns_it_needs(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableFile):
        run(tmp_path, text)


def test_writes_down_what_prices_were_before(tmp_path: Path) -> None:
    product = ProductFactory.create(variant__sku="A1", variant__price=Decimal(20))
    text = "sku,name,price\nA1,Mug,12.50\nA2,Cup,5\n"

    for _ in range(2):
        run(tmp_path, text)

    changes = PriceChange.objects.filter(variant__product=product).order_by("id")
    assert list(changes.values_list("price", flat=True)) == [20, Decimal("12.5")]
    assert PriceChange.objects.get(variant__sku="A2").price == 5
