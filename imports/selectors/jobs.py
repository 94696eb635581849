from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from imports.models import ImportJob, ImportMapping, ImportRefusal, ImportStatus

REFUSAL_COLUMNS = ("line", "column", "value", "code", "detail")


def import_jobs() -> QuerySet[ImportJob]:
    """Return the imports that were asked for, those still being looked at left out."""
    return ImportJob.objects.exclude(status=ImportStatus.UPLOADED).select_related("created_by")


def refusals_of(job_id: UUID) -> QuerySet[ImportRefusal]:
    return ImportRefusal.objects.filter(job_id=job_id).order_by("line", "id")


def mappings() -> QuerySet[ImportMapping]:
    return ImportMapping.objects.order_by("name", "id")


def refusal_values(job_id: UUID) -> Iterator[tuple[Any, ...]]:
    yield REFUSAL_COLUMNS
    yield from refusals_of(job_id).values_list(*REFUSAL_COLUMNS).iterator(chunk_size=1000)
