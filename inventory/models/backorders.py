"""What may be sold before it is there: back-orders and pre-orders."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from catalog.models import ProductVariant
from core.models import TimestampedModel


class BackorderRule(TimestampedModel):
    """That up to ``maximum`` units of a variant may be sold before they are there.

    ``awaited`` counts those that were: they are no stock, so that ``on_hand`` and ``reserved``
    stay true. ``expected_on`` is when goods are due, for pre-orders in particular.
    """

    variant = models.OneToOneField(
        ProductVariant, on_delete=models.PROTECT, related_name="backorder_rule"
    )
    maximum = models.PositiveIntegerField()
    awaited = models.PositiveIntegerField(default=0, editable=False)
    expected_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(awaited__lte=F("maximum")), name="backorders_within_maximum"
            )
        ]

    def __str__(self) -> str:
        return str(self.variant)


class Backorder(TimestampedModel):
    """Units that a line of an order waits for, until they are reserved or released.

    ``order_id`` and ``line_id`` are plain ids, since orders are a floor above. Who came first
    is served first, by ``id``.
    """

    rule = models.ForeignKey(BackorderRule, on_delete=models.PROTECT, related_name="backorders")
    order_id = models.UUIDField(db_index=True)
    line_id = models.UUIDField()
    quantity = models.PositiveIntegerField()
    filled = models.PositiveIntegerField(default=0)
    released = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="backorder_quantity_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("filled") + F("released")),
                name="backorder_spent_within_quantity",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["line_id"], name="backorder_by_line"),
            models.Index(
                fields=["rule", "id"],
                condition=Q(quantity__gt=F("filled") + F("released")),
                name="backorder_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} for {self.order_id}"

    @property
    def open(self) -> int:
        """How many units it still waits for."""
        return self.quantity - self.filled - self.released
