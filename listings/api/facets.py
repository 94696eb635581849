"""``?facets=true``: what a list could be narrowed down to further, and what that would leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from rest_framework.request import Request

from catalog.selectors.attributes import KnownAttribute
from listings.api.filters import ProductFilter, is_free
from listings.api.pages import COUNT_SECONDS, ProductQuery, filters_of, is_best_first
from listings.selectors import search
from listings.selectors.facets import COLUMNS, count_facets, counted

_OWN_FILTERS = {
    "category": {"category"},
    "brand": {"brand"},
    "price": {"min_price", "max_price"},
}


def facets_of(
    query: ProductQuery,
    filters: ProductFilter,
    request: Request,
    attributes: Mapping[str, KnownAttribute],
    version: str | None,
) -> dict[str, Any]:
    """Return the facets of a list, each counted with all ``filters`` but its own.

    They are cached for the other pages of the list by filters and catalog version.
    """
    key = f"catalog:{version}:facets:{filters_of(request, query.correction or '')}"
    facets: dict[str, Any] | None = cache.get(key) if version else None
    if facets is None:
        widened = {
            facet: filters.passing(query.products, query.text, without=names)
            for facet, names in _own_filters(request.query_params).items()
        }
        is_ranked = is_best_first(query)
        found = search.hits_of(query.found, *COLUMNS) if is_ranked else counted(query.found)
        facets = count_facets(found, widened, attributes)
        if version:
            cache.set(key, facets, COUNT_SECONDS)
    return facets


def _own_filters(parameters: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return the facets that have filters of their own among ``parameters``, and which."""
    own = {facet: names for facet, names in _OWN_FILTERS.items() if names & parameters.keys()}
    return own | {name: {name} for name in parameters if is_free(name)}
