"""``?facets=true``: what a list could be narrowed down to further, and what that would leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet

from listings.api.filters import ProductFilter
from listings.api.pages import COUNT_SECONDS, CatalogPagination, Listing, filters_of
from listings.selectors.facets import ATTRIBUTE, count_facets, counted

_OWN_FILTERS = {
    "category": {"category"},
    "brand": {"brand"},
    "price": {"min_price", "max_price"},
}


def facets_for(
    paginator: CatalogPagination,
    chosen: ProductFilter,
    listing: Listing,
    products: QuerySet[Any],
) -> dict[str, Any]:
    """Return the facets of ``listing``: what the ``chosen`` filters leave of ``products``.

    Each is counted with all filters but its own. They are remembered for the other pages of the
    list by filters and catalog version.
    """
    version, request = paginator.version, paginator.request
    key = f"catalog:{version}:facets:{filters_of(request, chosen.meant or '')}"
    facets: dict[str, Any] | None = cache.get(key) if version else None
    if facets is None:
        own = _own_filters(request.query_params)
        widened = {facet: chosen.passing(products, without=names) for facet, names in own.items()}
        found = listing.hits if listing.is_best_first else counted(listing.found)
        facets = count_facets(found, widened, chosen.known)
        if version:
            cache.set(key, facets, COUNT_SECONDS)
    return facets


def _own_filters(parameters: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return the facets that have filters of their own among ``parameters``, and which."""
    own = {facet: names for facet, names in _OWN_FILTERS.items() if names & parameters.keys()}
    return own | {name: {name} for name in parameters if name.startswith(ATTRIBUTE)}
