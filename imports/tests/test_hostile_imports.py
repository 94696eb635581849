"""Every file of the hostile collection, uploaded: the manifest there says what is correct."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory
from catalog.models import Category, ImageDownload, Product, ProductVariant
from core.audit import discrepancies
from imports.services import jobs
from imports.tests.importing import exported, send
from inventory.models import StockItem

HOSTILE: Final = Path(settings.BASE_DIR).parent / "shared" / "data" / "hostile"
LARGE: Final = (
    "csv/rows_100k.csv.gz"  # takes two minutes; its twin, read whole below, is bad in one row
)
LARGE_AND_BAD: Final = "csv/rows_100k_last_bad.csv.gz"
ABSENT: Final = not (HOSTILE / "manifest.json").exists()

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(ABSENT, reason="the shared data is absent"),
]


def files(verdict: str) -> list[str]:
    if ABSENT:
        return ["absent"]
    manifest = json.loads((HOSTILE / "manifest.json").read_text("utf-8"))
    return [
        entry["file"]
        for entry in manifest
        if entry["file"].startswith(("csv/", "xlsx/")) and entry["verdict"] == verdict
    ]


@pytest.fixture
def client(api_for: Callable[[User], APIClient]) -> APIClient:
    client = api_for(StaffFactory.create(role="Catalog manager"))
    client.raise_request_exception = False
    return client


def upload(client: APIClient, name: str, **options: str) -> tuple[int, dict[str, Any]]:
    """Upload a file and import it; return the answer's status and the job or the problem."""
    answer = send(client, (HOSTILE / name).read_bytes(), name=Path(name).name, **options)
    if answer.status_code != 202:
        return answer.status_code, answer.json()
    jobs.run_import(job_id=answer.json()["id"])
    return 202, client.get(answer["Location"]).json()


def rows(client: APIClient, name: str) -> tuple[set[str], dict[int, str]]:
    """Return the SKUs that came in, and the codes of refused rows by line."""
    status, job = upload(client, name)
    assert (status, job["status"]) == (202, "succeeded")
    skus = set(ProductVariant.objects.values_list("sku", flat=True))
    assert job["created"] == len(skus)
    return skus, {error["line"]: error["code"] for error in job["errors"]}


@pytest.mark.parametrize("name", [name for name in files("accept") if name != LARGE])
def test_takes_what_is_to_be_accepted(client: APIClient, name: str) -> None:
    status, job = upload(client, name)

    assert (status, job["status"], job["refused"]) == (202, "succeeded", 0)
    assert job["created"] == Product.objects.count() == job["rows_total"]
    assert not discrepancies()


@pytest.mark.parametrize("name", files("reject"))
def test_refuses_at_once_what_is_to_be_rejected(client: APIClient, name: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    status, problem = upload(client, name)

    assert status in {400, 413, 415}, problem
    assert "/etc" not in str(problem)
    assert not Product.objects.exists()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


@pytest.mark.parametrize("name", [name for name in files("rows") if name != LARGE_AND_BAD])
def test_never_fails_for_what_has_rows(client: APIClient, name: str) -> None:
    status, job = upload(client, name)

    assert status in {202, 400, 413}
    assert status != 202 or job["created"] == Product.objects.count()
    assert job.get("error") is None or job["error"]["code"] != "server_error"


def test_names_the_column_that_is_missing(client: APIClient) -> None:
    assert "price" in upload(client, "csv/missing_column.csv")[1]["detail"]


@pytest.mark.parametrize("name", ["csv/good_utf8.csv", "csv/utf16le_bom.csv", "xlsx/good.xlsx"])
def test_stores_texts_as_they_are(client: APIClient, name: str) -> None:
    skus, _ = rows(client, name)

    names = set(Product.objects.values_list("name", flat=True))
    assert len(skus) == 5
    assert {'Quote "inside", comma', "Emoji 🧸 bear", "Café crème – 250 g"} <= names


def test_reads_decimal_commas_for_what_they_are(client: APIClient) -> None:
    rows(client, "csv/semicolon_decimal_comma.csv")

    prices = set(ProductVariant.objects.values_list("price", flat=True))
    assert prices == {Decimal("9.99"), Decimal("1234.50")}


def test_tells_one_sku_from_another_by_one_rule(client: APIClient) -> None:
    skus, refused = rows(client, "csv/dup_sku.csv")

    assert skus == {"HX-D1", "HX-É"}
    assert refused == dict.fromkeys((3, 4, 5, 7), "repeated_sku")


def test_takes_only_stock_that_can_be(client: APIClient) -> None:
    skus, refused = rows(client, "csv/stock_extreme.csv")

    units = dict(StockItem.objects.values_list("variant__sku", "on_hand"))
    assert (skus, units) == ({"HX-T2", "HX-T8"}, {"HX-T2": 2_147_483_647})
    assert len(refused) == 8


def test_refuses_what_is_no_currency_or_too_exact_for_it(client: APIClient) -> None:
    rows(client, "csv/currency_bad.csv")

    prices = dict(ProductVariant.objects.values_list("sku", "price"))
    assert prices == {"HX-C5": Decimal("1.234")}


def test_never_writes_what_a_file_may_not_say(client: APIClient) -> None:
    _, job = upload(client, "csv/extra_column.csv")

    variant = ProductVariant.objects.get()
    assert set(job["ignored_columns"]) == {"id", "is_staff", "cost_price", "created_at"}
    assert (variant.cost_price, variant.created_at.year > 2000) == (None, True)


def test_refuses_addresses_of_pictures_that_point_inside(client: APIClient) -> None:
    skus, refused = rows(client, "csv/ssrf_image_url.csv")

    assert (skus, set(refused.values()), len(refused)) == (set(), {"invalid_image_url"}, 10)
    assert not ImageDownload.objects.exists()


def test_makes_no_cycle_and_no_abyss_of_categories(client: APIClient) -> None:
    skus, refused = rows(client, "csv/category_path.csv")

    assert (skus, set(refused)) == ({"HX-G1", "HX-G4"}, {3, 4})
    assert Category.objects.filter(name="A", level=2).exists()
    assert not discrepancies()


def test_reads_typed_cells_as_a_person_would_type_them(client: APIClient) -> None:
    skus, refused = rows(client, "xlsx/types.xlsx")

    assert {"123", "00123"} <= skus
    assert ProductVariant.objects.get(sku="00123").price == Decimal("0.30")
    assert refused[4] == refused[5] == "invalid_price"
    assert StockItem.objects.get(variant__sku="123").on_hand == 10


def test_reads_the_first_sheet_that_is_visible(client: APIClient) -> None:
    skus, refused = rows(client, "xlsx/multi_hidden_merged.xlsx")

    assert skus == {"HXY-1", "HXY-3", "HXY-4", "HXY-5"}
    assert refused == {3: "required"}


def test_keeps_all_or_nothing_of_a_file_whose_last_row_is_bad(client: APIClient) -> None:
    _, job = upload(client, LARGE_AND_BAD, mode="atomic")

    assert (job["status"], job["refused"], job["errors"][0]["line"]) == ("failed", 1, 100_001)
    assert not Product.objects.exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_exports_formulas_as_texts_which_come_back_unchanged(client: APIClient, kind: str) -> None:
    rows(client, "csv/formulas.csv")
    before = list(Product.objects.order_by("pk").values())

    content = exported(client, kind)
    answer = send(client, content, name=f"products.{kind}")
    jobs.run_import(job_id=answer.json()["id"])

    job: Any = client.get(answer["Location"]).json()
    assert (job["unchanged"], job["refused"]) == (8, 0), job
    assert list(Product.objects.order_by("pk").values()) == before
