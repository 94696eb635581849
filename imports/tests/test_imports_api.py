"""Importing products with their stock over HTTP."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory
from catalog.models import Product, ProductVariant
from imports.models import ImportChunk, ImportJob
from imports.services import jobs
from imports.tests.importing import run, send
from inventory import selectors
from inventory.models import StockMovement

pytestmark = pytest.mark.django_db

HEADER = "sku,name,price,stock_quantity,category\n"
GOOD = HEADER + "A1,Mug,9.90,5,Kitchen > Cups\nA2,Jug,19.90,0,Kitchen\n"
ONE_BAD = GOOD + "A3,Jar,dear,1,Kitchen\n"


@pytest.fixture
def client(api_for: Callable[[User], APIClient]) -> APIClient:
    return api_for(StaffFactory.create(role="Catalog manager"))


def stock_of(sku: str) -> int:
    variant = ProductVariant.objects.get(sku=sku)
    return selectors.available([variant.pk])[variant.pk]


def test_answers_with_a_job_before_anything_is_written(client: APIClient) -> None:
    answer = send(client, GOOD)

    job = answer.json()
    assert (answer.status_code, job["status"]) == (202, "queued")
    assert answer["Location"] == f"/api/v1/imports/{job['id']}/"
    assert not Product.objects.exists()


def test_creates_products_with_their_stock(client: APIClient) -> None:
    job = run(client, GOOD)

    assert (job["status"], job["created"], job["rows_total"], job["refused"]) == (
        "succeeded",
        2,
        2,
        0,
    )
    assert (stock_of("A1"), stock_of("A2")) == (5, 0)
    assert StockMovement.objects.get().reason == "imported"


def test_changes_nothing_the_second_time(client: APIClient) -> None:
    run(client, GOOD)
    job = run(client, gzip.compress(GOOD.encode()), name="again.csv.gz")

    assert (job["created"], job["updated"], job["unchanged"]) == (0, 0, 2)
    assert StockMovement.objects.count() == 1


def test_tells_the_line_column_value_and_reason_of_every_refused_row(client: APIClient) -> None:
    job = run(client, ONE_BAD)

    errors: Any = client.get(f"/api/v1/imports/{job['id']}/errors/").json()
    assert (job["status"], job["created"], job["refused"]) == ("succeeded", 2, 1)
    assert errors["results"] == job["errors"]
    assert {**job["errors"][0], "detail": ""} == {
        "line": 4,
        "column": "price",
        "value": "dear",
        "code": "invalid_price",
        "detail": "",
    }


def test_gives_the_refused_rows_as_a_file_without_formulas(client: APIClient) -> None:
    job = run(client, HEADER + '=1+1,Mug,"=2+2",1,\n')

    answer: Any = client.get(f"/api/v1/imports/{job['id']}/errors/?format=csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0] == "line,column,value,code,detail"
    assert lines[1].startswith("2,price,'=2+2,invalid_price,")


def test_writes_nothing_of_a_file_with_a_bad_row_when_atomic(client: APIClient) -> None:
    job = run(client, ONE_BAD, mode="atomic")

    assert (job["status"], job["error"]["code"], job["created"]) == ("failed", "rows_refused", 0)
    assert len(job["errors"]) == 1
    assert not Product.objects.exists()


def test_only_reports_in_a_dry_run(client: APIClient) -> None:
    job = run(client, ONE_BAD, dry_run="true")

    assert (job["dry_run"], job["created"], job["refused"]) == (True, 2, 1)
    assert not Product.all_objects.exists()
    assert not StockMovement.objects.exists()


def test_reads_a_suppliers_columns_and_numbers_by_a_mapping(client: APIClient) -> None:
    text = "Kode;Nama;Harga;Stok;Warna\nB1;Cangkir;Rp 1.234,56;1.000;merah\n"
    mapping = {
        "sku": "Kode",
        "name": "nama",
        "price": "Harga",
        "stock_quantity": "Stok",
        "attr.color": "Warna",
    }

    job = run(client, text, mapping=json.dumps(mapping), save_mapping_as="Toko")

    variant = ProductVariant.objects.get()
    assert job["refused"] == 0, job["errors"]
    assert (variant.price, variant.currency, stock_of("B1")) == (Decimal("1234.56"), "IDR", 1000)
    assert variant.product.attributes == {"color": "merah"}
    assert run(client, text, mapping="Toko")["unchanged"] == 1


def test_takes_a_mapping_written_the_other_way_round(client: APIClient) -> None:
    mapping = json.dumps({"Kode": "sku", "Nama": "name", "Harga": "price"})

    assert run(client, "Kode,Nama,Harga\nB1,Cangkir,5.00\n", mapping=mapping)["created"] == 1


@pytest.mark.parametrize(
    ("options", "pointer_or_code"),
    [
        ({"mapping": "unheard of"}, "unknown_mapping"),
        ({"mapping": "{"}, "invalid"),
        ({"mapping": '{"sku": 1}'}, "invalid"),
        ({"mapping": '{"sku": "no such column"}'}, "invalid_mapping"),
        ({"mode": "whatever"}, "invalid"),
        ({"price_rule": "free"}, "invalid_price_rule"),
    ],
)
def test_refuses_options_that_make_no_sense(
    client: APIClient, options: dict[str, str], pointer_or_code: str
) -> None:
    answer = send(client, GOOD, **options)

    assert answer.status_code == 400
    assert pointer_or_code in answer.json()["code"]
    assert not ImportJob.objects.exists()


def test_refuses_a_request_that_is_packed_itself(client: APIClient) -> None:
    answer = client.post(
        "/api/v1/products/import/", {}, format="multipart", HTTP_CONTENT_ENCODING="gzip"
    )

    assert answer.status_code == 415


def test_lets_the_file_go_once_it_is_imported(client: APIClient) -> None:
    run(client, GOOD)

    assert not ImportChunk.objects.exists()


def test_leaves_a_finished_job_alone(client: APIClient) -> None:
    job = run(client, GOOD)
    Product.objects.update(name="Renamed")

    jobs.run_import(job_id=job["id"])

    assert set(Product.objects.values_list("name", flat=True)) == {"Renamed"}
    assert client.get(f"/api/v1/imports/{job['id']}/").json() == job


def test_fails_with_the_reason_when_the_rest_of_the_file_is_broken(client: APIClient) -> None:
    job = run(client, gzip.compress(GOOD.encode() * 50_000)[:-100], name="cut.csv.gz")

    assert (job["status"], job["error"]["code"]) == ("failed", "unreadable_file")
    assert not Product.objects.exists()


def test_lists_imports_newest_first(client: APIClient) -> None:
    first, second = run(client, GOOD), run(client, GOOD)

    listed: Any = client.get("/api/v1/imports/").json()
    assert [found["id"] for found in listed["results"]] == [second["id"], first["id"]]
    assert "errors" not in listed["results"][0]


def test_keeps_lists_and_forgets_mappings(client: APIClient) -> None:
    url = "/api/v1/imports/mappings/"
    client.post(url, {"name": "Toko", "columns": {"sku": "Kode"}})
    kept: Any = client.post(url, {"name": "Toko", "columns": {"sku": "Nomor"}}).json()

    listed: Any = client.get(url).json()
    assert [found["columns"] for found in listed["results"]] == [{"sku": "Nomor"}]
    assert client.delete(f"{url}{kept['id']}/").status_code == 204
    assert client.get(url).json()["count"] == 0


def test_is_not_for_those_who_only_look(api_for: Callable[[User], APIClient]) -> None:
    support = api_for(StaffFactory.create(role="Support"))

    assert send(support, GOOD).status_code == 403
    assert support.get("/api/v1/products/export/").status_code == 403
    assert send(APIClient(), GOOD).status_code == 401
