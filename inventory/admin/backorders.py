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
from core.admin import ServiceAdmin
from inventory import services
from inventory.models import Backorder, BackorderRule


class BackorderRuleForm(forms.ModelForm):  # type: ignore[type-arg]  # generic to the checker only
    """Says of how many units more may be sold than there are, and when they are due."""

    class Meta:
        model = BackorderRule
        fields = ("maximum", "expected_on")


class NewBackorderRuleForm(BackorderRuleForm):
    """Names the variant by its SKU."""

    sku = forms.CharField(label="SKU", max_length=64, widget=UnfoldAdminTextInputWidget)

    def clean_sku(self) -> str:
        """Find the variant."""
        sku: str = self.cleaned_data["sku"]
        variant = ProductVariant.objects.filter(sku__iexact=sku).first()
        if variant is None:
            raise forms.ValidationError("No variant has this SKU.")
        self.instance.variant = variant
        return sku


class AwaitedFilter(SimpleListFilter):
    """What orders wait for."""

    title = "awaited"
    parameter_name = "awaited"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choice."""
        return [("yes", "Orders wait")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[BackorderRule]
    ) -> QuerySet[BackorderRule]:
        """Return what orders wait for."""
        return queryset.filter(awaited__gt=0) if self.value() else queryset


class BackorderInline(TabularInline):
    """Who waits, who came first first."""

    model = Backorder
    verbose_name_plural = "Orders that wait, or waited"
    fields: ClassVar = ("order_id", "quantity", "filled", "released", "created_at")
    readonly_fields: ClassVar = fields
    hide_title = True
    extra = 0
    can_delete = False
    per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Backorder]:
        """Return the back-orders in their order."""
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
    """Back-orders and pre-orders, by variant."""

    list_display: ClassVar = ("sku", "product", "maximum", "awaited", "expected_on")
    list_filter: ClassVar = (AwaitedFilter,)
    list_select_related: ClassVar = ("variant__product",)
    search_fields: ClassVar = ("variant__sku", "variant__product__name", "=backorders__order_id")
    ordering: ClassVar = ("variant__sku", "id")
    inlines: ClassVar = (BackorderInline,)
    readonly_fields: ClassVar = ("sku", "product", "awaited")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Return the form to change a rule, or to make one."""
        kwargs["form"] = BackorderRuleForm if obj else NewBackorderRuleForm
        return super().get_form(request, obj, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show what it is about."""
        rule = ("maximum", "expected_on")
        return (("sku", "product"), rule, "awaited") if obj else ("sku", rule)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the variant of a rule."""
        return self.readonly_fields if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Show who waits for what exists."""
        return self.inlines if obj else ()

    @display(description="SKU", ordering="variant__sku")
    def sku(self, rule: BackorderRule) -> str:
        """Return the variant's SKU."""
        return str(rule.variant.sku)

    @display(description="Product", ordering="variant__product__name")
    def product(self, rule: BackorderRule) -> str:
        """Return the product's name."""
        return str(rule.variant.product.name)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A maximum of zero ends it."""
        return False

    def save_model(self, request: HttpRequest, obj: BackorderRule, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Let so many be sold before they are there."""
        rule = services.allow_backorders(
            variant_id=obj.variant_id,
            maximum=form.cleaned_data["maximum"],
            expected_on=form.cleaned_data["expected_on"],
        )
        obj.pk = rule.pk
