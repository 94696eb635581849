"""What variants cost, and since when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from catalog.models.products import ProductVariant
from core.fields import CurrencyField, MoneyField


class PriceChange(models.Model):
    """What a variant costs from a moment on: the first price, and every change of it.

    Append-only, written by triggers (``database/price_history_of_variant.sql``), so that no way to
    change a price goes round it.
    """

    id = models.BigAutoField(primary_key=True)
    variant = models.ForeignKey(
        ProductVariant, on_delete=models.CASCADE, related_name="price_changes", db_index=False
    )
    price = MoneyField()
    currency = CurrencyField()
    compare_at_price = MoneyField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["variant", "-id"], name="price_change_newest")]

    def __str__(self) -> str:
        return f"{self.price} {self.currency}"
