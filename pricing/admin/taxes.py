from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from unfold.decorators import display

from core.admin import BaseAdmin, ModelForm
from pricing.models import TaxRate


class TaxRateForm(ModelForm):
    """Keeps a country's rates alike: all contained in its prices, or none."""

    def clean(self) -> dict[str, Any]:
        """Refuse a rate that is contained in prices where others are not."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        others = TaxRate.objects.filter(country=data.get("country")).exclude(pk=self.instance.pk)
        if others.exclude(is_inclusive=data.get("is_inclusive", False)).exists():
            self.add_error(
                "is_inclusive",
                "The country's other rates say otherwise; prices contain all taxes or none.",
            )
        return data


@admin.register(TaxRate)
class TaxRateAdmin(BaseAdmin):
    form = TaxRateForm
    list_display: ClassVar = (
        "country",
        "region",
        "tax_class",
        "name",
        "percentage",
        "is_inclusive",
        "is_in_force",
    )
    list_filter: ClassVar = ("tax_class", "is_inclusive", "country")
    search_fields: ClassVar = ("country", "region", "name")
    ordering: ClassVar = ("country", "region", "tax_class", "id")
    fields: ClassVar = (("country", "region"), ("tax_class", "name"), ("rate", "is_inclusive"))

    @display(description="Rate", ordering="rate")
    def percentage(self, rate: TaxRate) -> str:
        return f"{(rate.rate * 100).normalize():f} %"

    @display(description="In force", boolean=True)
    def is_in_force(self, rate: TaxRate) -> bool:
        return rate.deleted_at is None
