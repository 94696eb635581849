"""Importing products with their stock, as a job that a killed worker does not lose.

All that an import writes, its outcome included, is one transaction: a worker that is killed
leaves nothing behind, and the job begins again. Only the progress is told from outside of it.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, Final, Self
from uuid import UUID

from django.db import connections, transaction
from django.utils import timezone

from accounts.models import User
from core import jobs
from core.errors import DomainError, InvalidInput
from imports.models import ImportChunk, ImportJob, ImportRefusal, ImportStatus
from imports.services import applying, staging
from imports.services.applying import PREVIEW_ERRORS, ImportOptions
from imports.services.columns import recognised
from imports.services.files import open_table
from imports.services.numbers import Style
from imports.services.refusals import RowError

LARGEST_UPLOAD = 100 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024
PREVIEW_ROWS = 20
UNCONFIRMED_FOR = timedelta(days=1)
TASK = "imports.tasks.import_products"

_TELL_PROGRESS: Final = """
    UPDATE {table} SET rows_read = %s, rows_total = %s, updated_at = now() WHERE id = %s
"""


class ImportTooLarge(InvalidInput):
    code = "too_large"
    status = 413
    title = f"A file may have at most {LARGEST_UPLOAD // 1024 // 1024} MB."


@dataclass(frozen=True)
class NewImport:
    """A file as it was sent, and how to read it."""

    file: IO[bytes]
    file_name: str
    options: ImportOptions
    created_by: User | None = None
    status: ImportStatus = ImportStatus.QUEUED


@dataclass(frozen=True)
class Beginning:
    """How a file begins: its columns, what those with our names are read as, its first rows."""

    headers: list[str]
    targets: dict[int, str]
    rows: list[list[str]]


START_IMPORT_ERRORS: Final = (*PREVIEW_ERRORS, ImportTooLarge)
CONFIRM_IMPORT_ERRORS: Final = PREVIEW_ERRORS


def start_import(*, new: NewImport) -> ImportJob:
    """Keep a file and queue its import, after a look at how it begins.

    A mapping that does not fit the file is let through while staff still look at it.
    """
    with tempfile.NamedTemporaryFile() as copy:
        size = 0
        while chunk := new.file.read(CHUNK_BYTES):
            size += len(chunk)
            if size > LARGEST_UPLOAD:
                raise ImportTooLarge
            copy.write(chunk)
        copy.flush()
        if new.status == ImportStatus.QUEUED:
            applying.preview(path=Path(copy.name), options=new.options, rows=1)
        else:
            peek(path=Path(copy.name))
        copy.seek(0)
        return _keep(new, copy, size)


def peek(*, path: Path) -> Beginning:
    """Return the beginning of a file, whatever columns it lacks yet."""
    with open_table(path, sample_only=True) as table:
        return Beginning(
            table.columns,
            recognised(table.columns),
            [line.cells for line in itertools.islice(table, PREVIEW_ROWS)],
        )


@transaction.atomic
def _keep(new: NewImport, file: Any, size: int) -> ImportJob:
    options = new.options
    job = ImportJob.objects.create(
        status=new.status,
        file_name=new.file_name[-255:] or "products",
        file_size=size,
        mode=options.mode,
        is_dry_run=options.is_dry_run,
        mapping=dict(options.mapping),
        currency=options.currency,
        decimal_sign=options.style.value,
        price_rule=options.price_rule,
        default_stock=options.stock,
        created_by=new.created_by,
    )
    number = 0
    while content := file.read(CHUNK_BYTES):
        ImportChunk.objects.create(job=job, number=number, content=content)
        number += 1
    if job.status == ImportStatus.QUEUED:
        _queue(job)
    return job


def _queue(job: ImportJob) -> None:
    jobs.configure_task(TASK).defer(job_id=str(job.pk))


@transaction.atomic
def confirm_import(*, job_id: UUID, options: ImportOptions) -> ImportJob:
    """Queue an import that was only uploaded; another time changes nothing.

    Locks the job.
    """
    job = ImportJob.objects.select_for_update().get(pk=job_id)
    if job.status != ImportStatus.UPLOADED:
        return job
    with file_of(job_id=job.pk) as path:
        applying.preview(path=path, options=options, rows=1)
    job.status = ImportStatus.QUEUED
    job.mapping, job.mode = dict(options.mapping), options.mode
    job.is_dry_run, job.currency = options.is_dry_run, options.currency
    job.decimal_sign, job.price_rule = options.style.value, options.price_rule
    job.default_stock = options.stock
    job.save(
        update_fields=[
            *("status", "mapping", "mode", "is_dry_run", "currency", "decimal_sign"),
            *("price_rule", "default_stock", "updated_at"),
        ]
    )
    _queue(job)
    return job


@contextmanager
def file_of(*, job_id: UUID) -> Iterator[Path]:
    """Write an uploaded file to the disk for as long as it is needed."""
    with tempfile.NamedTemporaryFile() as file:
        chunks = ImportChunk.objects.filter(job_id=job_id).order_by("number")
        for number in chunks.values_list("number", flat=True):
            file.write(chunks.values_list("content", flat=True).get(number=number))
        file.flush()
        yield Path(file.name)


def options_of(*, job: ImportJob) -> ImportOptions:
    return ImportOptions(
        currency=job.currency,
        mapping=job.mapping,
        price_rule=job.price_rule,
        stock=job.default_stock,
        style=Style(job.decimal_sign),
        mode="atomic" if job.mode == "atomic" else "partial",
        is_dry_run=job.is_dry_run,
    )


def run_import(*, job_id: UUID) -> None:
    """Import a job's file, or write down why it cannot be; a finished job is left alone.

    One import runs at a time, the next waits. What is refused as a whole fails with its reason.
    """
    started = ImportJob.objects.filter(pk=job_id, finished_at=None)
    if not started.update(status=ImportStatus.RUNNING, started_at=timezone.now()):
        return
    try:
        _run(job_id)
    except DomainError as refusal:
        fail_import(job_id=job_id, code=refusal.code, detail=refusal.detail)


@transaction.atomic
def _run(job_id: UUID) -> None:
    staging.wait_for_turn()
    job = ImportJob.objects.get(pk=job_id)
    if job.is_finished:
        return
    with file_of(job_id=job_id) as path, _Progress(job_id) as progress:
        with open_table(path) as table:
            progress.total = sum(1 for _line in table)
        report = applying.import_products(
            path=path,
            options=options_of(job=job),
            actor=job.created_by,
            on_progress=lambda rows, _bytes: progress.tell(rows),
            on_refused=lambda errors: _write_refusals(job_id, errors),
        )
    was_refused = job.mode == "atomic" and report.refused > 0
    job.status = ImportStatus.FAILED if was_refused else ImportStatus.SUCCEEDED
    job.rows_total = job.rows_read = report.rows_read
    job.created, job.updated, job.unchanged = report.created, report.updated, report.unchanged
    job.refused, job.ignored_columns = report.refused, report.ignored_columns
    if was_refused:
        job.error_code = "rows_refused"
        job.error_detail = "Nothing was written, since rows were refused."
    _finish(job)


def _finish(job: ImportJob) -> None:
    """Write what became of a job, and let its file go."""
    job.finished_at = timezone.now()
    job.save(
        update_fields=[
            *("status", "rows_total", "rows_read", "created", "updated", "unchanged", "refused"),
            *("ignored_columns", "error_code", "error_detail", "finished_at", "updated_at"),
        ]
    )
    ImportChunk.objects.filter(job=job).delete()


@transaction.atomic
def fail_import(*, job_id: UUID, code: str, detail: str) -> None:
    """Write down why an import cannot be done, unless it is done."""
    job = ImportJob.objects.select_for_update().get(pk=job_id)
    if not job.is_finished:
        job.status = ImportStatus.FAILED
        job.error_code, job.error_detail = code, detail[:500]
        _finish(job)


@transaction.atomic
def forget_uploads(*, now: datetime) -> int:
    """Drop files that staff uploaded, and did not confirm within a day; return how many.

    One that is being confirmed is locked and stays.
    """
    old = ImportJob.objects.filter(
        status=ImportStatus.UPLOADED, created_at__lt=now - UNCONFIRMED_FOR
    )
    keys = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True))
    ImportJob.objects.filter(pk__in=keys).delete()
    return len(keys)


def _write_refusals(job_id: UUID, errors: Sequence[RowError]) -> None:
    ImportRefusal.objects.bulk_create(
        [
            ImportRefusal(
                job_id=job_id,
                line=error.line,
                column=error.column[:255],
                value=error.value[:200].replace("\x00", "\ufffd"),
                code=error.code,
                detail=error.detail,
            )
            for error in errors
        ],
        batch_size=2000,
    )


class _Progress:
    """Tells how far an import is by a connection of its own: its transaction is not seen yet."""

    total: int = 0

    def __init__(self, job_id: UUID) -> None:
        self._job_id = job_id
        self._connection = connections.create_connection("default")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._connection.close()

    def tell(self, rows: int) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(
                _TELL_PROGRESS.format(table=ImportJob._meta.db_table),
                [rows, self.total, self._job_id],
            )
