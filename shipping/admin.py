"""Zones, their countries and methods in the backoffice."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from unfold.admin import StackedInline, TabularInline
from unfold.decorators import display

from core.admin import BaseAdmin, ModelForm
from core.money import UnknownCurrency, minor_unit
from shipping.models import RateKind, ShippingMethod, ShippingZone, ZoneCountry
from shipping.rates import InvalidTiers, check_tiers
from shipping.selectors import normalised_postal_code


class ShippingMethodForm(ModelForm):
    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).strip().upper()
        try:
            minor_unit(code)
        except UnknownCurrency:
            raise forms.ValidationError(f"{code} is not a currency.") from None
        return code

    def clean(self) -> dict[str, Any]:
        """Refuse tiers that no price can be read from."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data["tiers"] = data.get("tiers") or []
        try:
            check_tiers(data.get("kind", RateKind.FLAT), data["tiers"])
        except InvalidTiers as error:
            self.add_error("tiers", str(error))
        return data


class ZoneCountryForm(ModelForm):
    """Keeps postal codes as they are compared."""

    def clean_postal_from(self) -> str:
        return normalised_postal_code(str(self.cleaned_data["postal_from"]))

    def clean_postal_to(self) -> str:
        return normalised_postal_code(str(self.cleaned_data["postal_to"]))


class CountryInline(TabularInline):
    model = ZoneCountry
    form = ZoneCountryForm
    fields: ClassVar = ("country", "postal_from", "postal_to")
    verbose_name_plural = "Countries"
    extra = 1
    tab = True


class MethodInline(StackedInline):
    model = ShippingMethod
    form = ShippingMethodForm
    verbose_name_plural = "Methods"
    extra = 0
    tab = True
    fields: ClassVar = (
        ("name", "is_active", "position"),
        ("kind", "price", "currency"),
        ("free_above", "maximum_weight_grams", "tax_class"),
        ("minimum_days", "maximum_days"),
        "pickup_location",
        "tiers",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingMethod]:
        rows: QuerySet[ShippingMethod] = super().get_queryset(request)
        return rows.filter(deleted_at=None).order_by("position", "id")


@admin.register(ShippingZone)
class ShippingZoneAdmin(BaseAdmin):
    """Where the shop delivers to, how and for how much."""

    list_display: ClassVar = ("name", "country_count", "method_count", "is_in_use")
    search_fields: ClassVar = ("name", "zone_countries__country", "methods__name")
    ordering: ClassVar = ("name", "id")
    fields: ClassVar = ("name",)
    inlines: ClassVar = (CountryInline, MethodInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingZone]:
        rows: QuerySet[ShippingZone] = super().get_queryset(request)
        return rows.annotate(
            countries=Count("zone_countries__country", distinct=True),
            offered=Count("methods", filter=Q(methods__deleted_at=None), distinct=True),
        )

    @display(description="Countries")
    def country_count(self, zone: Any) -> int:
        return int(zone.countries)

    @display(description="Methods")
    def method_count(self, zone: Any) -> int:
        return int(zone.offered)

    @display(description="In use", boolean=True)
    def is_in_use(self, zone: ShippingZone) -> bool:
        return zone.deleted_at is None


@admin.register(ShippingMethod)
class ShippingMethodAdmin(BaseAdmin):
    form = ShippingMethodForm
    list_display: ClassVar = (
        "name",
        "zone",
        "kind",
        "price",
        "currency",
        "free_above",
        "minimum_days",
        "maximum_days",
        "is_active",
    )
    list_filter: ClassVar = ("zone", "kind", "is_active")
    list_select_related: ClassVar = ("zone",)
    search_fields: ClassVar = ("name", "zone__name")
    ordering: ClassVar = ("zone__name", "position", "id")
    fields: ClassVar = ("zone", *MethodInline.fields)
