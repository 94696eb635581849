"""What follows the products by itself: the version of it all, and the words to search."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q


class CatalogVersion(models.Model):
    """One row that changes with every commit that changes what the public sees.

    Triggers write it (``database/version_of_*.sql``); caches put it into their keys, so that an
    edit is visible everywhere once its answer has returned. It is random rather than counted, so
    that a restored backup never meets the cached pages of another past.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.UUIDField()

    class Meta:
        db_table = "catalog_catalogversion"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="catalog_has_one_version")
        ]

    def __str__(self) -> str:
        return str(self.version)


class Word(models.Model):
    """A word that listed products have, for whoever mistypes it; kept by a job, seconds late."""

    word = models.TextField(primary_key=True)
    documents = models.IntegerField()

    class Meta:
        db_table = "catalog_word"
        indexes: ClassVar = [
            GinIndex(
                fields=["word"],
                opclasses=["gin_trgm_ops"],
                fastupdate=False,
                name="word_by_trigrams",
            )
        ]

    def __str__(self) -> str:
        return self.word


class WordChange(models.Model):
    """How many products a word came to or went from: written by triggers."""

    id = models.BigAutoField(primary_key=True)
    word = models.TextField()
    documents = models.IntegerField()

    class Meta:
        db_table = "catalog_wordchange"

    def __str__(self) -> str:
        return f"{self.word} {self.documents:+}"
