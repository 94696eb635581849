"""Files that a stranger made, imported."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from catalog.models import Category, Product, ProductVariant
from core.audit import discrepancies
from imports.services.applying import ImportOptions, ImportReport, import_products
from imports.services.tables import UnreadableFile
from inventory.models import StockItem

HOSTILE = Path(settings.BASE_DIR).parent / "shared" / "data" / "hostile" / "csv"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not HOSTILE.exists(), reason="the shared data is absent"),
]


def run(name: str) -> tuple[ImportReport, dict[str, int]]:
    """Import a file and return the report and the stock that was written, by SKU."""
    report = import_products(path=HOSTILE / name, options=ImportOptions(currency="USD"), actor=None)
    stocked = StockItem.objects.filter(on_hand__gt=0)
    return report, dict(stocked.values_list("variant__sku", "on_hand"))


@pytest.mark.parametrize(
    "name", ["good_utf8.csv", "bom_utf8.csv", "utf16le_bom.csv", "formulas.csv"]
)
def test_takes_whole_files(name: str) -> None:
    report, _ = run(name)

    assert (report.refused, report.rows_read) == (0, report.created)
    assert report.created >= 5


def test_stores_texts_byte_for_byte() -> None:
    run("good_utf8.csv")

    product = Product.objects.get(variants__sku="HX-4")
    assert product.name == 'Quote "inside", comma'
    assert product.description == "line one\nline two"


@pytest.mark.parametrize(("name", "created"), [("cr_only.csv", 2), ("header_case_space.csv", 1)])
def test_reads_other_ways_of_writing_a_table(name: str, created: int) -> None:
    assert run(name)[0].created == created


def test_reads_decimal_commas() -> None:
    run("semicolon_decimal_comma.csv")

    prices = set(ProductVariant.objects.values_list("price", flat=True))
    assert prices == {Decimal("9.99"), Decimal("1234.50")}


def test_refuses_stock_that_no_column_holds() -> None:
    _, stock = run("stock_extreme.csv")

    assert stock["HX-T2"] == 2_147_483_647
    assert set(stock.values()) <= {2_147_483_647, 3}


def test_refuses_what_is_no_currency_or_too_exact_for_it() -> None:
    report, _ = run("currency_bad.csv")

    prices = dict(ProductVariant.objects.values_list("sku", "price"))
    assert prices == {"HX-C5": Decimal("1.234")}
    assert report.refused == report.rows_read - 1


def test_refuses_a_sku_the_second_time() -> None:
    report, _ = run("dup_sku.csv")

    assert [error.line for error in report.errors] == [3, 4, 5, 7]
    assert sorted(ProductVariant.objects.values_list("price", flat=True)) == [1, 5]


def test_leaves_out_columns_that_are_none_of_its_business() -> None:
    report, _ = run("extra_column.csv")

    assert {"id", "is_staff", "created_at"} <= set(report.ignored_columns)
    assert Product.objects.get().created_at.year > 2000


def test_makes_no_cycle_and_no_endless_path() -> None:
    report, _ = run("category_path.csv")

    assert [error.line for error in report.errors] == [3, 4]
    assert Category.objects.filter(name="A", level=2).exists()
    assert not discrepancies("catalog")


@pytest.mark.parametrize(
    "name",
    [
        "missing_column.csv",
        "dup_header.csv",
        "empty.csv",
        "only_bom.csv",
        "gzip_bomb.csv.gz",
        "huge_cell.csv.gz",
    ],
)
def test_refuses_whole_files(name: str) -> None:
    with pytest.raises(UnreadableFile):
        run(name)

    assert not Product.objects.exists()


def test_says_which_column_is_missing() -> None:
    with pytest.raises(UnreadableFile, match="price"):
        run("missing_column.csv")


def test_fetches_nothing() -> None:
    report, _ = run("ssrf_image_url.csv")

    assert {error.code for error in report.errors} == {"invalid_image_url"}
    assert not Product.objects.exists()
