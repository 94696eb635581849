from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from catalog.models import Product
from catalog.services.attributes import InvalidAttribute, check_attributes
from core.admin import ModelForm

PRODUCT_FIELDS = (
    "name",
    "slug",
    "category",
    "brand",
    "vendor",
    "description",
    "attributes",
    "tax_class",
    "is_active",
    "is_featured",
    "publish_at",
    "unpublish_at",
)


class ProductForm(ModelForm):
    """A product; what is to be published later is inactive until then."""

    class Meta:
        model = Product
        fields = PRODUCT_FIELDS

    def clean(self) -> dict[str, Any]:
        """Refuse times that have passed, and let a coming one decide what is active."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        now = timezone.now()
        for name in ("publish_at", "unpublish_at"):
            if name in self.changed_data and data.get(name) and data[name] <= now:
                self.add_error(name, "This time has passed.")
        if "publish_at" in self.changed_data and data.get("publish_at"):
            data["is_active"] = False
        elif data.get("is_active"):
            data["publish_at"] = None
        self._check_attributes(data)
        return data

    def _check_attributes(self, data: dict[str, Any]) -> None:
        if not (category := data.get("category")) or not isinstance(data.get("attributes"), dict):
            return
        try:
            check_attributes(category_id=category.pk, attributes=data["attributes"])
        except InvalidAttribute as refusal:
            self.add_error("attributes", refusal.detail)


class NewProductForm(ProductForm):
    first_sku = forms.CharField(
        label="SKU",
        max_length=64,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Made up when left empty.",
    )
    first_price = forms.DecimalField(
        label="Price",
        min_value=0,
        max_digits=16,
        decimal_places=4,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    first_currency = forms.CharField(
        label="Currency", max_length=3, initial=settings.CURRENCY, widget=UnfoldAdminTextInputWidget
    )
