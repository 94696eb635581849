"""``?facets=true``: what a list could be narrowed down to further, and what that would leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet
from django.utils.datastructures import MultiValueDict
from rest_framework.request import Request

from catalog.api.filters import ProductFilter, chosen_by
from catalog.api.pages import COUNT_SECONDS, filters_of
from catalog.selectors.facets import ATTRIBUTE, count_facets

_OWN_FILTERS = {
    "category": {"category"},
    "brand": {"brand"},
    "price": {"min_price", "max_price"},
}


def facets_for(
    request: Request, products: QuerySet[Any], chosen: ProductFilter, *, version: str | None
) -> dict[str, Any]:
    """Return the facets of what the filters of ``request``, ``chosen``, leave of ``products``.

    Each is counted with all filters but its own. They are remembered for the other pages of the
    list by filters and catalog ``version``.
    """
    key = f"catalog:{version}:facets:{filters_of(request, chosen.meant or '')}"
    facets: dict[str, Any] | None = cache.get(key) if version else None
    if facets is None:
        facets = _count(request.query_params, products, chosen)
        if version:
            cache.set(key, facets, COUNT_SECONDS)
    return facets


def _count(
    parameters: MultiValueDict[str, str], products: QuerySet[Any], chosen: ProductFilter
) -> dict[str, Any]:
    def passing(wider: MultiValueDict[str, str]) -> QuerySet[Any]:
        filters = chosen_by(wider, products, chosen.known)
        filters.meant = chosen.meant
        rows: QuerySet[Any] = filters.qs
        return rows

    widened = {
        facet: passing(_without(parameters, own)) for facet, own in _own_filters(parameters).items()
    }
    return count_facets(chosen.qs, widened, chosen.known)


def _own_filters(parameters: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return the facets that have filters of their own among ``parameters``, and which."""
    own = {facet: names for facet, names in _OWN_FILTERS.items() if names & parameters.keys()}
    return own | {name: {name} for name in parameters if name.startswith(ATTRIBUTE)}


def _without(parameters: MultiValueDict[str, str], names: set[str]) -> MultiValueDict[str, str]:
    return MultiValueDict({name: each for name, each in parameters.lists() if name not in names})
