from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from catalog.models import ProductVariant
from core.models import TimestampedModel
from inventory.models.stock import Location


class TransferStatus(models.TextChoices):
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class Transfer(TimestampedModel):
    """Goods that go from one location to another; on their way they are at neither."""

    source = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    destination = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(
        max_length=20, choices=TransferStatus.choices, default=TransferStatus.IN_TRANSIT
    )
    note = models.CharField(max_length=255, blank=True, default="")
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(source=F("destination")), name="transfer_goes_elsewhere"
            ),
            models.CheckConstraint(
                condition=Q(status=TransferStatus.IN_TRANSIT, finished_at__isnull=True)
                | Q(
                    status__in=[TransferStatus.RECEIVED, TransferStatus.CANCELLED],
                    finished_at__isnull=False,
                ),
                name="transfer_is_finished_when_it_ended",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="transfer_newest_first")
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.destination}"


class TransferLine(models.Model):
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="lines")
    variant = models.ForeignKey(ProductVariant, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["transfer", "variant"], name="one_line_per_transferred_variant"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="transfer_line_quantity_is_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"
