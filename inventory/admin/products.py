"""Products in the backoffice, with their stock: the floor below does not know it."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from catalog.admin.bulk import BulkEditForm
from catalog.admin.products import ImageInline, ProductAdmin, VariantInline
from catalog.models import Product, ProductVariant
from inventory import selectors, services
from inventory.admin.documents import actor_of
from inventory.models import MovementReason
from inventory.services.stock import MOST_UNITS


class BulkStockForm(BulkEditForm):
    stock = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_UNITS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Units of each variant that can be bought, over all locations.",
    )


class StockedVariantInline(VariantInline):
    fields: ClassVar[tuple[str, ...]] = (*VariantInline.fields, "units")
    readonly_fields: ClassVar = ("units",)

    @display(description="In stock")
    def units(self, variant: ProductVariant) -> int:
        return selectors.in_stock([variant.pk])[variant.pk]


admin.site.unregister(Product)


@admin.register(Product)
class StockedProductAdmin(ProductAdmin):
    bulk_form: ClassVar[type[BulkEditForm]] = BulkStockForm

    def get_inlines(self, request: HttpRequest, obj: Product | None) -> Any:
        return (StockedVariantInline, ImageInline) if obj else ()

    @transaction.atomic
    def write_together(self, request: HttpRequest, keys: list[UUID], form: Any) -> int:
        """Change the products and their stock, which is locked first, as wherever both are."""
        units = form.cleaned_data["stock"]
        if units is None:
            return super().write_together(request, keys, form)
        variants = selectors.stocked_variant_ids(keys)
        services.lock_stock(variant_ids=variants)
        count = super().write_together(request, keys, form)
        services.set_quantities(
            quantities=dict.fromkeys(variants, units),
            actor=actor_of(request),
            reason=MovementReason.ADJUSTED,
        )
        return count
