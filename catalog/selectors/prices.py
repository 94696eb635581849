"""What variants cost before."""

from __future__ import annotations

from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

from catalog.models import PriceChange, ProductVariant


def lowest_price_before(variant: ProductVariant) -> str | None:
    """Return the lowest price of the 30 days before the present one began, as a decimal string.

    None unless the present price is a reduction: below the price before it, or beside a
    compare-at price. That is the prior price of Directive 98/6/EC, article 6a. One query.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT money_text(catalog_lowest_price(%s, %s::numeric), %s)",
            [variant.pk, variant.compare_at_price, variant.currency],
        )
        found: str | None = cursor.fetchone()[0]
    return found


def price_changes_of(product_id: UUID) -> QuerySet[PriceChange]:
    """Return what the living variants of a product have cost, the latest first."""
    changes = PriceChange.objects.filter(
        variant__product_id=product_id, variant__deleted_at=None
    ).select_related("variant")
    return changes.order_by("-id")
