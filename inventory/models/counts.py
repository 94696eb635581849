"""Stock counts: what was counted, beside what the books had."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import User
from catalog.models import ProductVariant
from core.models import TimestampedModel
from inventory.models.stock import Location


class CountStatus(models.TextChoices):
    """Whether a count has become stock."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"


class StockCount(TimestampedModel):
    """A stock-taking at a location: what was counted, until it is confirmed or discarded."""

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=20, choices=CountStatus.choices, default=CountStatus.OPEN)
    note = models.CharField(max_length=255, blank=True, default="")
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status=CountStatus.OPEN, finished_at__isnull=True)
                | Q(
                    status__in=[CountStatus.CONFIRMED, CountStatus.DISCARDED],
                    finished_at__isnull=False,
                ),
                name="count_is_finished_when_it_ended",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="stock_count_newest_first")
        ]

    def __str__(self) -> str:
        return f"Count at {self.location}"


class CountLine(TimestampedModel):
    """How many units of a variant were counted, and how many the books had at that moment.

    The difference is what confirming adds or takes, so that what came and went since the
    counting stays as it was.
    """

    count = models.ForeignKey(StockCount, on_delete=models.PROTECT, related_name="lines")
    variant = models.ForeignKey(ProductVariant, on_delete=models.PROTECT, related_name="+")
    counted = models.PositiveIntegerField()
    expected = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["count", "variant"], name="one_line_per_counted_variant"
            )
        ]

    def __str__(self) -> str:
        return f"{self.counted} × {self.variant_id}"

    @property
    def difference(self) -> int:
        """How many units more were there than in the books."""
        return self.counted - self.expected
