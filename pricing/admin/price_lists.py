from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from catalog.models import ProductVariant
from core.admin import BaseAdmin, ModelForm
from core.money import quantize
from pricing.models import CustomerGroup, ListPrice, PriceList


@admin.register(CustomerGroup)
class CustomerGroupAdmin(BaseAdmin):
    """Customers who share price lists."""

    list_display: ClassVar = ("name", "member_count", "list_count")
    search_fields: ClassVar = ("name", "members__email")
    ordering: ClassVar = ("name", "id")
    fields: ClassVar = ("name", "members")
    autocomplete_fields: ClassVar = ("members",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomerGroup]:
        rows: QuerySet[CustomerGroup] = super().get_queryset(request)
        return rows.annotate(
            people=Count("members", distinct=True), lists=Count("price_lists", distinct=True)
        )

    @display(description="Members", ordering="people")
    def member_count(self, group: Any) -> int:
        return int(group.people)

    @display(description="Price lists", ordering="lists")
    def list_count(self, group: Any) -> int:
        return int(group.lists)


class ListPriceForm(ModelForm):
    """A price, whose variant is named by its SKU."""

    sku = forms.CharField(label="SKU", max_length=64, widget=UnfoldAdminTextInputWidget)

    class Meta:
        model = ListPrice
        fields = ("minimum_quantity", "price")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.variant_id:
            self.fields["sku"].initial = self.instance.variant.sku

    def clean_sku(self) -> str:
        sku: str = self.cleaned_data["sku"]
        variant = ProductVariant.objects.filter(sku__iexact=sku).first()
        if variant is None:
            raise forms.ValidationError("No variant has this SKU.")
        self.instance.variant = variant
        return sku

    def validate_unique(self) -> None:
        """Tell a quantity that is priced twice, though list and variant are not in the form."""
        super().validate_unique()
        try:
            self.instance.validate_constraints()
        except forms.ValidationError as error:
            self.add_error(None, error)


class PriceInline(TabularInline):
    model = ListPrice
    form = ListPriceForm
    verbose_name_plural = "Prices"
    fields: ClassVar = ("sku", "catalog_price", "minimum_quantity", "price")
    readonly_fields: ClassVar = ("catalog_price",)
    hide_title = True
    extra = 1
    per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[ListPrice]:
        rows: QuerySet[ListPrice] = super().get_queryset(request)
        return rows.select_related("variant").order_by("variant__sku", "minimum_quantity", "id")

    @display(description="In the catalog")
    def catalog_price(self, listed: ListPrice) -> str:
        if listed._state.adding:
            return ""
        return (
            f"{quantize(listed.variant.price, listed.variant.currency)} {listed.variant.currency}"
        )


@admin.register(PriceList)
class PriceListAdmin(BaseAdmin):
    """Prices for a group, or quantity price breaks for everybody."""

    list_display: ClassVar = ("name", "whose", "price_count", "is_active")
    list_filter: ClassVar = ("is_active", "group")
    list_select_related: ClassVar = ("group",)
    search_fields: ClassVar = ("name", "group__name", "prices__variant__sku")
    ordering: ClassVar = ("name", "id")
    fields: ClassVar = ("name", "group", "is_active")
    autocomplete_fields: ClassVar = ("group",)
    inlines: ClassVar = (PriceInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PriceList]:
        rows: QuerySet[PriceList] = super().get_queryset(request)
        return rows.annotate(listed=Count("prices", distinct=True))

    @display(description="For", ordering="group__name")
    def whose(self, prices: PriceList) -> str:
        return prices.group.name if prices.group else "everybody"

    @display(description="Prices", ordering="listed")
    def price_count(self, prices: Any) -> int:
        return int(prices.listed)
