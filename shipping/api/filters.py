from __future__ import annotations

from django.db.models import QuerySet
from django_countries import countries
from django_filters import ChoiceFilter, FilterSet

from core.money import MINOR_DIGITS
from shipping.models import ShippingMethod, ZoneCountry


class CountryFilter(ChoiceFilter):
    def __init__(self) -> None:
        both = [form for code, _ in countries for form in (code, code.lower())]
        super().__init__(choices=[(code, code) for code in both], label="ISO 3166-1 alpha-2.")

    def filter(self, qs: QuerySet[ShippingMethod], value: str) -> QuerySet[ShippingMethod]:
        if not value:
            return qs
        zones = ZoneCountry.objects.filter(country=value.upper()).values("zone")
        return qs.filter(zone__in=zones)


class ShippingMethodFilter(FilterSet):
    country = CountryFilter()
    currency = ChoiceFilter(choices=[(code, code) for code in sorted(MINOR_DIGITS)])

    class Meta:
        model = ShippingMethod
        fields: tuple[str, ...] = ()
