"""Locked stock items with what is promised of them: reckoned with in memory, written once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from django.db.models import Q, QuerySet

from core import rows
from inventory.models import Reservation, StockItem
from inventory.services.allocation import Allocation, Supply
from inventory.services.stock_items import lock_items_of_variants, lock_stock_items, store


@dataclass
class LockedStock:
    """Stock items by key, and reservations by line and stock item."""

    items: dict[UUID, StockItem]
    reservations: dict[tuple[UUID, UUID], Reservation] = field(default_factory=dict)
    _changed_items: set[UUID] = field(default_factory=set)
    _changed_reservations: set[tuple[UUID, UUID]] = field(default_factory=set)

    @classmethod
    def lock(cls, condition: Q) -> Self:
        """Lock stock items in the order of their keys; without reservations yet."""
        return cls(lock_stock_items(condition, with_locations=True))

    @classmethod
    def lock_variants(cls, variant_ids: Collection[UUID]) -> Self:
        """Lock all stock items of variants in the order of their keys."""
        return cls(lock_items_of_variants(variant_ids))

    def load(self, reservations: QuerySet[Reservation]) -> None:
        """Lock and read those of the reservations that are on these items."""
        on_items = reservations.filter(stock_item__in=list(self.items)).order_by("pk")
        for reservation in on_items.select_for_update():
            key = (reservation.line_id, reservation.stock_item_id)
            self.reservations.setdefault(key, reservation)

    def supplies(self) -> list[Supply]:
        return [
            Supply(item.pk, item.variant_id, item.available, item.location.priority)
            for item in self._at_open_locations()
        ]

    def free_units(self) -> dict[UUID, int]:
        """Count the units of each variant that can still be promised."""
        free: dict[UUID, int] = defaultdict(int)
        for item in self._at_open_locations():
            free[item.variant_id] += item.available
        return free

    def _at_open_locations(self) -> Iterator[StockItem]:
        for item in self.items.values():
            if item.location.is_active and item.location.deleted_at is None:
                yield item

    def promise(self, order_id: UUID, allocations: Sequence[Allocation]) -> None:
        """Add to what a line already has of the same stock item, if that was loaded."""
        for allocation in allocations:
            key = (allocation.line_id, allocation.stock_item_id)
            if key not in self.reservations:
                self.reservations[key] = Reservation(
                    order_id=order_id,
                    line_id=allocation.line_id,
                    stock_item_id=allocation.stock_item_id,
                    quantity=0,
                )
            self.reservations[key].quantity += allocation.units
            self._change(key, reserved=allocation.units)

    def release(self) -> set[UUID]:
        """Release all that is loaded; return the variants of items that were promised in full."""
        still_open = {key: row.open for key, row in self.reservations.items() if row.open}
        refilled = {
            self.items[item_id].variant_id
            for _, item_id in still_open
            if not self.items[item_id].available
        }
        for key, units in still_open.items():
            self.take_back(self.reservations[key], units)
        return refilled

    def take_back(self, reservation: Reservation, units: int) -> None:
        """Let units be free again that were promised."""
        reservation.released += units
        self._change((reservation.line_id, reservation.stock_item_id), reserved=-units)

    def fulfil(self, reservation: Reservation, units: int) -> None:
        """Let promised units leave; what is available stays the same."""
        key = (reservation.line_id, reservation.stock_item_id)
        reservation.fulfilled += units
        self.items[reservation.stock_item_id].on_hand -= units
        self._change(key, reserved=-units, is_available_changed=False)

    def _change(
        self, key: tuple[UUID, UUID], *, reserved: int, is_available_changed: bool = True
    ) -> None:
        item = self.items[key[1]]
        item.reserved += reserved
        item.is_listed = item.is_listed and not is_available_changed
        self._changed_items.add(item.pk)
        self._changed_reservations.add(key)

    def store(self) -> None:
        """Write what has changed: one query for the stock items, one for the reservations.

        Reservations that are new are inserted; all others have their keys and are updated.
        """
        store([self.items[key] for key in self._changed_items])
        changed = [self.reservations[key] for key in self._changed_reservations]
        if changed and all(reservation._state.adding for reservation in changed):
            rows.insert_all(changed)
            return
        Reservation.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["quantity", "fulfilled", "released", "updated_at"],
        )
