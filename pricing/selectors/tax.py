"""Tax rates of a place."""

from __future__ import annotations

from django.db.models import Q

from accounts.regions import region_of
from core.compiled import CompiledQuery
from pricing.models import TaxRate
from pricing.totals import TaxTable

_RATES = CompiledQuery(
    lambda country, typed, code, full_code, name: TaxRate.objects.filter(
        Q(region="")
        | Q(region__iexact=typed)
        | Q(region__iexact=code)
        | Q(region__iexact=full_code)
        | Q(region__iexact=name),
        country=country,
    ).order_by("region", "id"),
    *[str] * 5,
)


def tax_table(*, country: str, region: str = "", postal_code: str = "") -> TaxTable:
    """Return the tax rates for goods sent to ``country`` (ISO 3166-1 alpha-2), in one query.

    The region may be written in any way; where none is meant, the postal code decides. For each
    tax class the region's own rate is preferred to the country's. Where there is no rate nothing
    is taxed and prices are as if tax came on top.
    """
    known = region_of(country=country, region=region, postal_code=postal_code)
    code, name = (known.code, known.name) if known else (region, region)
    rates = _RATES.all(country, region, code, f"{country}-{code}", name)
    return TaxTable(
        rates={rate.tax_class: rate.rate for rate in rates},  # the region's own come last
        is_inclusive=bool(rates) and all(rate.is_inclusive for rate in rates),
    )
