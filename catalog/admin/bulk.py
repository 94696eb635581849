"""Editing many products at once in the backoffice."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
)

from catalog import services
from catalog.models import Category, Product
from catalog.services.bulk import MOST_PRODUCTS, BulkEdit
from core.admin import ServiceAdmin
from core.errors import DomainError

_UNCHANGED = ("", "Leave as it is")
_ACTIVE = {"yes": True, "no": False}


class BulkEditForm(forms.Form):
    """What to change; what is left empty stays."""

    price = forms.DecimalField(
        required=False,
        min_value=0,
        max_digits=16,
        decimal_places=4,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text="Of all variants.",
    )
    percent = forms.DecimalField(
        label="Change prices by %",
        required=False,
        min_value=-99,
        max_value=1000,
        max_digits=7,
        decimal_places=3,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text="-10 makes them a tenth cheaper.",
    )
    category = forms.ModelChoiceField(
        Category.objects.order_by("tree_id", "lft"),
        required=False,
        empty_label=_UNCHANGED[1],
        widget=UnfoldAdminSelectWidget,
    )
    is_active = forms.ChoiceField(
        label="Active",
        required=False,
        choices=[_UNCHANGED, ("yes", "Show in the shop"), ("no", "Hide from the shop")],
        widget=UnfoldAdminSelectWidget,
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("price") is not None and data.get("percent") is not None:
            self.add_error("percent", "Set prices or change them, not both.")
        return data

    def edit(self) -> BulkEdit:
        data = self.cleaned_data
        return BulkEdit(
            price=data["price"],
            percent=data["percent"],
            category=data["category"],
            is_active=_ACTIVE.get(data["is_active"]),
        )


class BulkEditAdmin(ServiceAdmin):
    """Adds the action; a higher floor that knows more of products extends form and writing."""

    bulk_form: ClassVar[type[BulkEditForm]] = BulkEditForm

    @admin.action(description="Edit together", permissions=["change"])
    def edit_together(
        self, request: HttpRequest, queryset: QuerySet[Product]
    ) -> TemplateResponse | None:
        """Ask what to change of the chosen products, or change it: all or none."""
        keys = list(
            queryset.filter(deleted_at=None)
            .order_by("pk")
            .values_list("pk", flat=True)[: MOST_PRODUCTS + 1]
        )
        form = self.bulk_form(request.POST if "apply" in request.POST else None)
        if form.is_valid():
            try:
                count = self.write_together(request, keys, form)
            except DomainError as refusal:
                form.add_error(None, refusal.detail)
            else:
                self.message_user(request, f"{count} products changed.", messages.SUCCESS)
                return None
        context = {
            **self.admin_site.each_context(request),
            "title": f"Edit {len(keys)} products",
            "opts": self.opts,
            "form": form,
            "keys": keys,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "catalog/admin/bulk_edit.html", context)

    def write_together(self, request: HttpRequest, keys: list[UUID], form: Any) -> int:
        return services.edit_products(product_ids=keys, edit=form.edit())
