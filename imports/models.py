"""Imports of products. The tables keep the names that they had in ``inventory``."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models import User
from core.models import TimestampedModel


class ImportStatus(models.TextChoices):
    """How far an import is; ``uploaded``: looked at in the backoffice, not yet confirmed."""

    UPLOADED = "uploaded"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class ImportMode(models.TextChoices):
    """Whether good rows are taken from a file with bad ones."""

    PARTIAL = "partial"
    ATOMIC = "atomic"


class ImportMapping(TimestampedModel):
    """Which column of a supplier's files means what, kept under a name."""

    name = models.CharField(max_length=80, unique=True)
    columns = models.JSONField()

    class Meta:
        db_table = "inventory_importmapping"

    def __str__(self) -> str:
        return self.name


class ImportJob(TimestampedModel):
    """A file of products and their stock, how to read it, and what became of it."""

    status = models.CharField(
        max_length=20, choices=ImportStatus.choices, default=ImportStatus.QUEUED
    )
    file_name = models.CharField(max_length=255)
    file_size = models.PositiveIntegerField()
    mode = models.CharField(max_length=20, choices=ImportMode.choices, default=ImportMode.PARTIAL)
    is_dry_run = models.BooleanField(default=False)
    mapping = models.JSONField(default=dict)
    currency = models.CharField(max_length=3)
    decimal_sign = models.CharField(max_length=1, blank=True, default="")
    price_rule = models.CharField(max_length=40, blank=True, default="")
    default_stock = models.PositiveIntegerField(null=True)
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    rows_total = models.PositiveIntegerField(null=True)
    rows_read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    ignored_columns = models.JSONField(default=list)
    error_code = models.CharField(max_length=60, blank=True, default="")
    error_detail = models.CharField(max_length=500, blank=True, default="")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "inventory_importjob"
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="import_job_newest_first")
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_finished(self) -> bool:
        return self.status in {ImportStatus.SUCCEEDED, ImportStatus.FAILED}


class ImportChunk(models.Model):
    """A piece of an uploaded file, kept until it has been imported.

    In the database rather than on a disk: a worker on another machine reads it, and it is
    there exactly if the job is.
    """

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        db_table = "inventory_importchunk"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "number"], name="one_chunk_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.job_id} {self.number}"


class ImportRefusal(models.Model):
    """A row that an import did not take, and why."""

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="refusals")
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=255)
    value = models.CharField(max_length=200)
    code = models.CharField(max_length=60)
    detail = models.TextField()

    class Meta:
        db_table = "inventory_importrefusal"
        indexes: ClassVar = [models.Index(fields=["job", "line", "id"], name="import_refusal_line")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.detail}"
