"""Stock levels: searched, filtered, adjusted with a reason."""

from __future__ import annotations

import re
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.admin import TabularInline
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from catalog.models import ProductVariant
from core.admin import ModelForm, ServiceAdmin, back_to, dialog
from core.errors import DomainError
from inventory import selectors, services
from inventory.admin.documents import actor_of
from inventory.admin.sku_lines import AdjustmentsField, variant_of_sku
from inventory.models import MovementReason, StockItem, StockMovement
from inventory.services import Adjustment
from inventory.services.stock import MOST_UNITS

# The fields of a list that is edited in place that name its rows.
GRID_KEY = re.compile(
    r"^form-[0-9]+-id=([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$", re.MULTILINE
)
BY_HAND = (
    MovementReason.RECEIVED,
    MovementReason.COUNTED,
    MovementReason.ADJUSTED,
    MovementReason.DAMAGED,
    MovementReason.RETURNED,
)


class AdjustmentForm(ModelForm):
    delta = forms.IntegerField(
        label="Add or take",
        required=False,
        min_value=-MOST_UNITS,
        max_value=MOST_UNITS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Units that came (12) or went (-3).",
    )
    set_to = forms.IntegerField(
        label="Or set to",
        required=False,
        min_value=0,
        max_value=MOST_UNITS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Units that were counted.",
    )
    reason = forms.ChoiceField(
        choices=[(reason.value, reason.label) for reason in BY_HAND],
        widget=UnfoldAdminSelectWidget,
    )
    note = forms.CharField(max_length=255, required=False, widget=UnfoldAdminTextInputWidget)

    class Meta:
        model = StockItem
        fields = ("location", "reorder_point")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("delta") is not None and data.get("set_to") is not None:
            self.add_error("set_to", "Give one of the two.")
        return data


class NewStockForm(AdjustmentForm):
    sku = forms.CharField(label="SKU", max_length=64, widget=UnfoldAdminTextInputWidget)

    def clean_sku(self) -> ProductVariant:
        variant = variant_of_sku(self.cleaned_data["sku"])
        self.instance.variant = variant
        return variant


class GridForm(ModelForm):
    """A row of the list, edited in place.

    What was shown comes back with the form, so that a level changes by what staff changed: what
    was sold since the page was opened stays sold.
    """

    on_hand = forms.IntegerField(
        min_value=0,
        max_value=MOST_UNITS,
        widget=UnfoldAdminIntegerFieldWidget,
        show_hidden_initial=True,
    )
    reorder_point = forms.IntegerField(
        min_value=0,
        max_value=MOST_UNITS,
        widget=UnfoldAdminIntegerFieldWidget,
        show_hidden_initial=True,
    )

    class Meta:
        model = StockItem
        fields = ("on_hand", "reorder_point")

    @property
    def delta(self) -> int:
        """How many units more or fewer staff say there are than they were shown."""
        shown = self.data.get(self.add_initial_prefix("on_hand"), "")
        before = int(shown) if shown.isdecimal() else self.initial["on_hand"]
        return int(self.cleaned_data["on_hand"]) - before


class AdjustFromCsvForm(BaseDialogForm):
    rows = AdjustmentsField(
        label="CSV",
        help_text="First line: sku,location,delta,set_to,reason,note. A location by its code; "
        "delta or set_to; the reason may be left out.",
    )


class LowFilter(SimpleListFilter):
    title = "level"
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("low", "Low"), ("none", "None available")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StockItem]) -> QuerySet[StockItem]:
        if self.value() == "low":
            return queryset.filter(on_hand__lte=F("reserved") + F("reorder_point"))
        return queryset.filter(on_hand=F("reserved")) if self.value() == "none" else queryset


class MovementInline(TabularInline):
    model = StockMovement
    fields: ClassVar = ("created_at", "delta", "reason", "note", "reference", "actor")
    readonly_fields: ClassVar = fields
    extra = 0
    can_delete = False
    per_page = 20

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockMovement]:
        rows: QuerySet[StockMovement] = super().get_queryset(request)
        return rows.select_related("actor").order_by("-created_at", "-id")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Entries are written by adjustments."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Entries stay."""
        return False


@admin.register(StockItem)
class StockItemAdmin(ServiceAdmin):
    list_display: ClassVar = (
        "sku",
        "product",
        "location",
        "on_hand",
        "reserved",
        "available",
        "reorder_point",
        "level",
    )
    list_editable: ClassVar = ("on_hand", "reorder_point")
    list_filter: ClassVar = (LowFilter, "location")
    actions_list: ClassVar = ("adjust_from_csv",)
    search_fields: ClassVar = ("variant__sku", "variant__barcode", "variant__product__name")
    ordering: ClassVar = ("variant__sku", "id")
    inlines: ClassVar = (MovementInline,)
    readonly_fields: ClassVar = ("sku", "product", "on_hand", "reserved", "available")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockItem]:
        return selectors.stock_levels().order_by(*self.get_ordering(request))

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        kwargs["form"] = AdjustmentForm if obj else NewStockForm
        return super().get_form(request, obj, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the list, or save what was edited in it, with its rows locked in one order."""
        shown = GRID_KEY.findall("\n".join(f"{k}={v}" for k, v in request.POST.items()))
        with transaction.atomic():
            services.lock_items(item_ids=[UUID(key) for key in shown])
            return super().changelist_view(request, *args, **kwargs)

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return GridForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        change = ("Adjust", {"fields": (("delta", "set_to"), ("reason", "note"))})
        if obj is None:
            return ((None, {"fields": (("sku", "location"), "reorder_point")}), change)
        level = (("sku", "product"), "location", ("on_hand", "reserved", "available"))
        head = (None, {"fields": (*level, "reorder_point")})
        return (head, change) if self.has_change_permission(request, obj) else (head,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.readonly_fields, "location") if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    @display(description="SKU", ordering="variant__sku")
    def sku(self, item: StockItem) -> str:
        return str(item.variant.sku)

    @display(description="Product", ordering="variant__product__name")
    def product(self, item: StockItem) -> str:
        return str(item.variant.product.name)

    @display(description="Available", ordering="free")
    def available(self, item: StockItem) -> int:
        return item.available

    @display(description="Level", label={"low": "warning", "none": "danger", "good": "success"})
    def level(self, item: StockItem) -> str:
        if item.available == 0:
            return "none"
        return "low" if item.available <= item.reorder_point else "good"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Stock is written off, not deleted."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        values = form.cleaned_data
        if isinstance(form, GridForm):
            row = Adjustment(
                obj.variant_id, obj.location_id, MovementReason.COUNTED, delta=form.delta
            )
        else:
            row = Adjustment(
                variant_id=obj.variant_id,
                location_id=obj.location_id,
                reason=MovementReason(values["reason"]),
                delta=values["delta"],
                set_to=values["set_to"],
                note=values["note"],
            )
        obj.pk = services.adjust(rows=[row], actor=actor_of(request))[0].pk
        services.set_reorder_point(item_id=obj.pk, reorder_point=values["reorder_point"])

    @action(
        description="Adjust from CSV",
        permissions=["adjust"],
        icon="upload_file",
        dialog=dialog(
            "Adjust many levels at once", "All lines or none.", "Adjust", AdjustFromCsvForm
        ),
    )
    def adjust_from_csv(self, request: HttpRequest, form: AdjustFromCsvForm) -> HttpResponse:
        rows = form.cleaned_data["rows"]
        try:
            services.adjust(rows=rows, actor=actor_of(request))
        except DomainError as refusal:
            messages.error(request, f"Nothing was adjusted: {refusal.detail}")
        else:
            messages.success(request, f"{len(rows)} lines adjusted.")
        return back_to(request, reverse("admin:inventory_stockitem_changelist"))

    def has_adjust_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_change_permission(request))
