from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import F, Func, OuterRef, Q, QuerySet, Subquery, Sum, TextField
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from catalog.models import ProductVariant
from core.errors import DomainError
from core.queries import any_of
from inventory.models import (
    Backorder,
    BackorderRule,
    Location,
    Reservation,
    StockItem,
    StockMovement,
)


class StockVersion(NamedTuple):
    """A stock item, and the version of its row: any change gives another."""

    id: UUID
    variant_id: UUID
    version: str


# Of a stock item: the units that can still be promised.
FREE: Final = F("on_hand") - F("reserved")


class NoLocation(DomainError):
    """No active location could hold the goods."""

    code = "no_location"
    title = "There is no active location for stock."


def available_units(*, variant: str) -> CombinedExpression:
    """Return what counts the units of a variant that can be promised now, for ``annotate``.

    ``variant`` is the path from the annotated rows to the variant's key: free units at all
    active locations, and what may be sold before it is there.
    """
    free = (
        StockItem.objects.filter(
            variant=OuterRef(variant), location__is_active=True, location__deleted_at=None
        )
        .order_by()
        .values("variant")
        .annotate(free=Sum(FREE))
    )
    rule = BackorderRule.objects.filter(variant=OuterRef(variant))
    beyond = rule.values(units=F("maximum") - F("awaited"))
    return Coalesce(Subquery(free.values("free")), 0) + Coalesce(Subquery(beyond), 0)


def available(variant_ids: Collection[UUID]) -> dict[UUID, int]:
    """Count the units of each variant that can be promised now: see ``available_units``."""
    variants = ProductVariant.all_objects.filter(pk__in=any_of(variant_ids))
    found = variants.annotate(units=available_units(variant="pk")).values_list("pk", "units")
    return dict.fromkeys(variant_ids, 0) | dict(found)


def in_stock(variant_ids: Collection[UUID]) -> dict[UUID, int]:
    """Count the units of each variant that are free at active locations: without back-orders."""
    items = StockItem.objects.filter(
        variant__in=any_of(variant_ids), location__is_active=True, location__deleted_at=None
    )
    free = items.values_list("variant_id").annotate(free=Sum(FREE))
    return dict.fromkeys(variant_ids, 0) | dict(free)


def awaited_variants(*, order_id: UUID) -> list[UUID]:
    """Return the variants that are promised to an order and that others wait for."""
    rules = BackorderRule.objects.filter(awaited__gt=0)
    held = rules.filter(
        Q(variant__stock_items__reservations__order_id=order_id) | Q(backorders__order_id=order_id)
    )
    return list(held.values_list("variant_id", flat=True).distinct())


def awaited_among(variant_ids: Collection[UUID]) -> list[UUID]:
    """Return those of the variants, of which there may be many, that orders wait for."""
    return [variant_id for variant_id in all_awaited() if variant_id in variant_ids]


def all_awaited() -> list[UUID]:
    rules = BackorderRule.objects.filter(awaited__gt=0).order_by("variant_id")
    return list(rules.values_list("variant_id", flat=True))


def awaited_lines(line_ids: Collection[UUID]) -> bool:
    """Tell whether any of these lines of orders waits for units."""
    waiting = Backorder.objects.filter(line_id__in=line_ids)
    return waiting.filter(quantity__gt=F("filled") + F("released")).exists()


def default_location() -> Location:
    """Return the active location that goods leave first; NoLocation where all are closed."""
    location: Location | None = active_locations().order_by("priority", "id").first()
    if location is None:
        raise NoLocation
    return location


def active_locations() -> QuerySet[Location]:
    return Location.objects.filter(is_active=True)


def locations() -> QuerySet[Location]:
    return Location.objects.all()


def stock_levels() -> QuerySet[StockItem]:
    """Return the stock of living variants at living locations, with what can be ``free``."""
    return (
        StockItem.objects.filter(variant__deleted_at=None, location__deleted_at=None)
        .select_related("variant__product", "location")
        .annotate(free=FREE)
    )


def levels_of(item_ids: Collection[UUID]) -> list[StockItem]:
    """Return stock items by SKU, as ``stock_levels`` shows them."""
    return list(stock_levels().filter(pk__in=item_ids).order_by("variant__sku", "id"))


def movements() -> QuerySet[StockMovement]:
    return StockMovement.objects.select_related(
        "stock_item__variant", "stock_item__location", "actor"
    )


def open_reservations(order_ids: Collection[UUID]) -> QuerySet[Reservation]:
    """Return what is promised to these orders and neither sent nor released: one query."""
    promised = Reservation.objects.filter(order_id__in=order_ids)
    still = promised.filter(quantity__gt=F("fulfilled") + F("released"))
    return still.select_related("stock_item__location").order_by("id")


class RowVersion(Func):
    """PostgreSQL's own version of a stock item's row: the transaction that wrote it."""

    template = f"{StockItem._meta.db_table}.xmin::text"
    output_field = TextField()


def unlisted_stock(*, after: UUID | None, limit: int) -> list[StockVersion]:
    """Return stock items whose figure the catalog has not seen yet, by id from ``after`` on."""
    items = StockItem.objects.filter(is_listed=False)
    if after is not None:
        items = items.filter(pk__gt=after)
    versions = items.annotate(version=RowVersion()).order_by("pk")
    rows = versions.values_list("pk", "variant_id", "version")[:limit]
    return [StockVersion(*row) for row in rows]


def variant_ids_of(product_id: UUID) -> list[UUID]:
    """Return the living variants of a product in their order."""
    variants = ProductVariant.objects.filter(product_id=product_id)
    return list(variants.order_by("position", "id").values_list("pk", flat=True))


def stocked_variant_ids(product_ids: Collection[UUID]) -> list[UUID]:
    variants = ProductVariant.objects.filter(
        product_id__in=any_of(product_ids), product__deleted_at=None, is_digital=False
    )
    return list(variants.order_by("pk").values_list("pk", flat=True))


def variant_to_sell(product_id: UUID, variant_id: UUID | None) -> ProductVariant | None:
    """Return the named living variant of a product, its first when none is named, or None."""
    variants = ProductVariant.objects.filter(product_id=product_id)
    if variant_id is not None:
        variants = variants.filter(pk=variant_id)
    variant: ProductVariant | None = variants.order_by("position", "id").first()
    return variant
