"""Locations and stock for tests."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import factory
from django.db import transaction
from factory.django import DjangoModelFactory

from catalog.models import ProductVariant
from core.models import new_id
from inventory import services
from inventory.models import Location, MovementReason, StockItem
from inventory.services import Adjustment, Demand


class LocationFactory(DjangoModelFactory[Location]):
    """A warehouse; the first one made is the first that goods leave."""

    class Meta:
        model = Location

    name = factory.Sequence(lambda n: f"Warehouse {n}")
    code = factory.Sequence(lambda n: f"warehouse-{n}")
    priority = factory.Sequence(lambda n: min(n, 32_000))


def stock(variant: ProductVariant, quantity: int, location: Location | None = None) -> StockItem:
    """Receive units of a variant at a location: the shop's first when none is given."""
    if location is None:
        location = Location.objects.order_by("priority", "id").first() or LocationFactory.create()
    row = Adjustment(variant.pk, location.pk, MovementReason.RECEIVED, delta=quantity)
    item = services.adjust(rows=[row], actor=None)[0]
    variant.refresh_from_db()
    return item


def promise(*demands: tuple[ProductVariant, int], order_id: UUID | None = None) -> UUID:
    """Reserve units of variants for an order, which need not exist, and return its id."""
    order_id = order_id or new_id()
    with transaction.atomic():
        services.reserve(order_id=order_id, demands=demands_for(demands))
    return order_id


def demands_for(wanted: Sequence[tuple[ProductVariant, int]]) -> list[Demand]:
    """Return a demand, with a line id of its own, for each variant and quantity."""
    return [Demand(new_id(), variant.pk, quantity) for variant, quantity in wanted]
