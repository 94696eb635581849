"""Tax rates of a place."""

from __future__ import annotations

from django.db.models import Q

from core.compiled import CompiledQuery
from pricing.models import TaxRate
from pricing.totals import TaxTable

_RATES = CompiledQuery(
    lambda country, region: TaxRate.objects.filter(
        Q(region="") | Q(region__iexact=region), country=country
    ).order_by("region", "id"),
    str,
    str,
)


def tax_table(*, country: str, region: str = "") -> TaxTable:
    """Return the tax rates for goods sent to ``country`` (ISO 3166-1 alpha-2), in one query.

    For each tax class the region's own rate is preferred to the country's. Where there is
    no rate nothing is taxed and prices are as if tax came on top.
    """
    rates = _RATES.all(country, region)
    return TaxTable(
        rates={rate.tax_class: rate.rate for rate in rates},  # the region's own come last
        is_inclusive=bool(rates) and all(rate.is_inclusive for rate in rates),
    )
