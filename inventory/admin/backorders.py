"""What may be sold before it is there, and who waits for it."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.models import ProductVariant
from core.admin import ModelForm, ServiceAdmin
from inventory import services
from inventory.admin.sku_lines import variant_of_sku
from inventory.models import Backorder, BackorderRule


class BackorderRuleForm(ModelForm):
    """Says of how many units more may be sold than there are, and when they are due."""

    class Meta:
        model = BackorderRule
        fields = ("maximum", "expected_on")


class NewBackorderRuleForm(BackorderRuleForm):
    sku = forms.CharField(label="SKU", max_length=64, widget=UnfoldAdminTextInputWidget)

    def clean_sku(self) -> ProductVariant:
        return variant_of_sku(self.cleaned_data["sku"])


class AwaitedFilter(SimpleListFilter):
    title = "awaited"
    parameter_name = "awaited"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Orders wait")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[BackorderRule]
    ) -> QuerySet[BackorderRule]:
        return queryset.filter(awaited__gt=0) if self.value() else queryset


class BackorderInline(TabularInline):
    model = Backorder
    verbose_name_plural = "Orders that wait, or waited"
    fields: ClassVar = ("order_id", "quantity", "filled", "released", "created_at")
    readonly_fields: ClassVar = fields
    hide_title = True
    extra = 0
    can_delete = False
    per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Backorder]:
        rows: QuerySet[Backorder] = super().get_queryset(request)
        return rows.order_by("id")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Orders add them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Incoming stock fills them."""
        return False


@admin.register(BackorderRule)
class BackorderRuleAdmin(ServiceAdmin):
    list_display: ClassVar = ("sku", "product", "maximum", "awaited", "expected_on")
    list_filter: ClassVar = (AwaitedFilter,)
    list_select_related: ClassVar = ("variant__product",)
    search_fields: ClassVar = ("variant__sku", "variant__product__name", "=backorders__order_id")
    ordering: ClassVar = ("variant__sku", "id")
    inlines: ClassVar = (BackorderInline,)
    readonly_fields: ClassVar = ("sku", "product", "awaited")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        kwargs["form"] = BackorderRuleForm if obj else NewBackorderRuleForm
        return super().get_form(request, obj, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        rule = ("maximum", "expected_on")
        return (("sku", "product"), rule, "awaited") if obj else ("sku", rule)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    @display(description="SKU", ordering="variant__sku")
    def sku(self, rule: BackorderRule) -> str:
        return str(rule.variant.sku)

    @display(description="Product", ordering="variant__product__name")
    def product(self, rule: BackorderRule) -> str:
        return str(rule.variant.product.name)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A maximum of zero ends it."""
        return False

    def create(self, request: HttpRequest, values: Any) -> BackorderRule:
        return services.allow_backorders(
            variant_id=values["sku"].pk,
            maximum=values["maximum"],
            expected_on=values["expected_on"],
        )

    def update(self, request: HttpRequest, obj: BackorderRule, changes: Any) -> None:
        services.allow_backorders(
            variant_id=obj.variant_id, maximum=obj.maximum, expected_on=obj.expected_on
        )
