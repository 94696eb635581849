"""Imports in the backoffice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import StaffFactory
from catalog.models import Product
from imports.models import ImportChunk, ImportJob, ImportMapping
from imports.services import jobs

pytestmark = pytest.mark.django_db

ADD = reverse("admin:imports_importjob_add")
FILE = "Kode;name;price;remarks\nB1;Cangkir;9,90;nice\nB2;Teko;dear;\n"
CHOICES = {"currency": "USD", "mode": "partial", "column_0": "sku"}


@pytest.fixture
def backoffice(client: Client) -> Client:
    client.force_login(StaffFactory.create(role="Catalog manager"))
    return client


def uploaded(backoffice: Client, text: str = FILE) -> str:
    """Upload a file and return the page that shows how it begins."""
    answer = backoffice.post(ADD, {"file": SimpleUploadedFile("toko.csv", text.encode())})
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def test_shows_how_a_file_begins_before_anything_is_queued(backoffice: Client) -> None:
    page = backoffice.get(uploaded(backoffice)).content.decode()

    assert "Cangkir" in page
    assert 'name="column_0"' in page
    assert 'name="column_1"' not in page
    assert ImportJob.objects.get().status == "uploaded"


def test_forgets_what_nobody_confirmed_within_a_day(backoffice: Client) -> None:
    uploaded(backoffice)
    confirmed = uploaded(backoffice)
    backoffice.post(confirmed, CHOICES)
    soon, later = timezone.now() + timedelta(hours=23), timezone.now() + timedelta(hours=25)

    assert jobs.forget_uploads(now=soon) == 0
    assert jobs.forget_uploads(now=later) == 1

    assert ImportJob.objects.get().status == "queued"
    assert ImportChunk.objects.count() == 1


def test_imports_what_was_confirmed_and_shows_what_became_of_it(backoffice: Client) -> None:
    page = uploaded(backoffice)
    backoffice.post(page, {**CHOICES, "save_mapping_as": "Toko"})
    assert 'http-equiv="refresh"' in backoffice.get(page).content.decode()

    jobs.run_import(job_id=ImportJob.objects.get().pk)

    shown = backoffice.get(page).content.decode()
    assert 'http-equiv="refresh"' not in shown
    assert "refused-rows.csv" in shown
    assert Product.objects.get().name == "Cangkir"
    assert ImportMapping.objects.get().columns == {"sku": "kode"}


def test_gives_the_refused_rows_as_a_file(backoffice: Client) -> None:
    page = uploaded(backoffice)
    backoffice.post(page, CHOICES)
    job = ImportJob.objects.get()
    jobs.run_import(job_id=job.pk)

    answer: Any = backoffice.get(reverse("admin:imports_importjob_refused", args=[job.pk]))

    assert b"".join(answer.streaming_content).decode().splitlines()[1].startswith("3,price,dear")


def test_says_what_is_missing_and_keeps_the_file(backoffice: Client) -> None:
    page = uploaded(backoffice)

    answer = backoffice.post(page, {**CHOICES, "column_0": ""})

    assert "Columns that are missing: sku" in answer.content.decode()
    assert ImportJob.objects.get().status == "uploaded"


def test_refuses_what_is_no_table(backoffice: Client) -> None:
    answer = backoffice.post(ADD, {"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04 nothing")})

    assert "not a whole XLSX workbook" in answer.content.decode()
    assert not ImportJob.objects.exists()


def test_lists_imports(backoffice: Client) -> None:
    uploaded(backoffice)

    page = backoffice.get(reverse("admin:imports_importjob_changelist"))
    assert "toko.csv" in page.content.decode()


def test_is_not_for_those_who_only_look(client: Client) -> None:
    client.force_login(StaffFactory.create(role="Support"))

    assert client.get(ADD).status_code == 403
