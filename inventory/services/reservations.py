"""Promising stock to orders, taking the promise back, and keeping it.

Each use case first locks its stock items in the order of their keys, reckons on the figures that
it then sees, and writes. The check constraint ``stock_reserved_within_on_hand`` is the net below.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from catalog.models import ProductVariant
from core.models import new_id
from inventory import selectors
from inventory.models import MovementReason, Reservation, StockItem, StockMovement
from inventory.services import backorders, listings
from inventory.services.allocation import Demand, InsufficientStock, NotReserved, allocate
from inventory.services.locked_stock import LockedStock
from inventory.services.stock_items import write_ledger

RESERVE_ERRORS: Final = (InsufficientStock,)
FULFIL_ERRORS: Final = (NotReserved,)
SELL_ERRORS: Final = (InsufficientStock,)


def reserve(*, order_id: UUID, demands: Sequence[Demand]) -> None:
    """Promise the units of ``demands`` to an order: all of them, or none.

    Call it as the last step of the order's transaction, since it locks the stock items until
    that commits, and for lines to which nothing is promised yet. Each line comes from one
    location where one has enough (the lowest priority first) and is split where none has; what
    is short is awaited where a rule of its variant allows that. Three queries whatever the number
    of lines; a few more where a variant runs out, whose ``in_stock`` then changes, or is awaited.
    """
    if not demands:
        return
    stock = LockedStock.lock_variants({demand.variant_id for demand in demands})
    emptied = _promise(order_id, demands, stock)
    stock.store()
    if emptied:
        listings.refresh_availability(variant_ids=emptied)


def re_reserve(*, order_id: UUID, demands: Sequence[Demand]) -> None:
    """Promise ``demands`` to an order instead of what is promised to it now.

    Call it in the order's transaction, which must be rolled back after InsufficientStock: the
    order keeps what it had. All stock items that may be touched are locked first, in the order of
    their keys, until that ends: nobody is promised in between what the order held, and nobody
    who locks the same items deadlocks. Five queries; a few more when a variant runs out, is
    there again or is awaited.
    """
    awaited = selectors.awaited_variants(order_id=order_id)
    stock = _lock(order_id, [*(demand.variant_id for demand in demands), *awaited])
    changed = _take_back(order_id, stock, awaited)
    changed |= _promise(order_id, demands, stock)
    changed |= _serve(awaited, stock)
    stock.store()
    if changed:
        listings.refresh_availability(variant_ids=changed)


@transaction.atomic
def release(*, order_id: UUID) -> None:
    """Take back what is still promised to an order; does nothing the second time.

    It goes to who waits for it, if anyone does. Locks the stock items, then the reservations and
    the rules of back-orders.
    """
    awaited = selectors.awaited_variants(order_id=order_id)
    stock = _lock(order_id, awaited)
    changed = _take_back(order_id, stock, awaited) | _serve(awaited, stock)
    stock.store()
    if changed:
        listings.refresh_availability(variant_ids=changed)


@transaction.atomic
def withdraw(
    *, order_id: UUID, quantities: Mapping[UUID, int], restock: bool, actor: User | None
) -> None:
    """Let an order do without units that have not left: ``quantities`` by line of the order.

    What is still awaited goes first. The rest is free again and goes to who waits for it; without
    ``restock`` it leaves the stock as damaged. Lines to which nothing is promised are passed
    over. Locks the stock items, then the reservations and the rules of back-orders.
    """
    awaited = selectors.awaited_variants(order_id=order_id)
    stock = _lock(order_id, awaited)
    waited = backorders.release_units(order_id=order_id, quantities=quantities)
    left = {line_id: units - waited[line_id] for line_id, units in quantities.items()}
    changed: set[UUID] = set()
    movements = []
    for reservation in stock.reservations.values():
        units = min(reservation.open, left.get(reservation.line_id, 0))
        if not units:
            continue
        left[reservation.line_id] -= units
        if restock:
            item = stock.items[reservation.stock_item_id]
            changed |= set() if item.available else {item.variant_id}
            stock.take_back(reservation, units)
        else:
            stock.fulfil(reservation, units)
            movements.append(_movement(reservation, units, MovementReason.DAMAGED, actor))
    if restock:
        changed |= _serve(awaited, stock)
    stock.store()
    write_ledger(movements)
    if changed:
        listings.refresh_availability(variant_ids=changed)


@transaction.atomic
def serve_backorders(*, variant_ids: Collection[UUID]) -> None:
    """Reserve what is there for the orders that wait for it, whoever came first first.

    Locks the stock items of those of the variants that are awaited, then their rules.
    """
    if awaited := selectors.awaited_among(variant_ids):
        stock = LockedStock.lock(Q(variant_id__in=awaited))
        _serve(awaited, stock)
        stock.store()
        listings.refresh_availability(variant_ids=set(awaited))


@transaction.atomic
def fulfil(
    *,
    order_id: UUID,
    quantities: Mapping[UUID, int],
    reason: MovementReason,
    actor: User | None,
) -> None:
    """Let promised units leave: ``quantities`` maps a line of the order to units.

    Stock on hand and reserved fall together, so what is available stays the same; the ledger
    says why. Lines without any reservation, such as digital goods, need no stock and are
    passed over. Locks the stock items, then the reservations.
    """
    of_lines = Reservation.objects.filter(order_id=order_id, line_id__in=quantities)
    stock = LockedStock.lock(Q(pk__in=of_lines.values("stock_item_id")))
    stock.load(of_lines)
    unmet = {line_id: quantities[line_id] for line_id, _ in stock.reservations}
    others = quantities.keys() - unmet.keys()
    movements = []
    for reservation in stock.reservations.values():
        if units := min(reservation.open, unmet[reservation.line_id]):
            unmet[reservation.line_id] -= units
            stock.fulfil(reservation, units)
            movements.append(_movement(reservation, units, reason, actor))
    if any(unmet.values()):
        raise NotReserved
    if others and selectors.awaited_lines(others):
        raise NotReserved("These units have not come in yet.")
    stock.store()
    write_ledger(movements)


@transaction.atomic
def sell(*, variant: ProductVariant, quantity: int, actor: User | None) -> UUID:
    """Take stock for a sale made elsewhere and return the reference of its movements.

    A promise that is kept at once, so it competes with orders by the same rules; what is
    digital needs no stock.
    """
    sale_id, line_id = new_id(), new_id()
    if variant.is_digital:
        return sale_id
    stock = LockedStock.lock(Q(variant_id=variant.pk))
    demand = Demand(line_id, variant.pk, quantity)
    emptied = _promise(sale_id, [demand], stock, may_wait=False)
    stock.store()
    if emptied:
        listings.refresh_availability(variant_ids=emptied)
    fulfil(
        order_id=sale_id, quantities={line_id: quantity}, reason=MovementReason.SOLD, actor=actor
    )
    return sale_id


def _movement(
    reservation: Reservation, units: int, reason: MovementReason, actor: User | None
) -> StockMovement:
    return StockMovement(
        stock_item_id=reservation.stock_item_id,
        delta=-units,
        reason=reason,
        reference=str(reservation.order_id),
        actor=actor,
    )


def _lock(order_id: UUID, variant_ids: Collection[UUID]) -> LockedStock:
    """Lock what is promised to an order and all items of the variants, then its reservations."""
    of_order = Reservation.objects.filter(order_id=order_id)
    of_variants = StockItem.objects.filter(variant_id__in=variant_ids).values("pk")
    touched = of_order.values("stock_item_id").union(of_variants)
    stock = LockedStock.lock(Q(pk__in=touched))
    stock.load(of_order)
    return stock


def _take_back(order_id: UUID, stock: LockedStock, awaited: Collection[UUID]) -> set[UUID]:
    """Release what is loaded and awaited; return the variants that may be there again."""
    if awaited:
        backorders.release_backorders(order_id=order_id)
    return stock.release()


def _promise(
    order_id: UUID, demands: Sequence[Demand], stock: LockedStock, *, may_wait: bool = True
) -> set[UUID]:
    """Promise all demands from locked stock and return the variants that have run out by it."""
    allocations, shortages = allocate(demands, stock.supplies())
    if shortages and may_wait:
        demands, shortages = backorders.wait_for(
            order_id=order_id, demands=demands, shortages=shortages
        )
        allocations, _ = allocate(demands, stock.supplies())
    if shortages:
        raise InsufficientStock(shortages)
    stock.promise(order_id, allocations)
    left = stock.free_units()
    return {demand.variant_id for demand in demands if not left[demand.variant_id]}


def _serve(variant_ids: Collection[UUID], stock: LockedStock) -> set[UUID]:
    """Promise what is there to who waits for it; return the variants that have run out by it."""
    if not variant_ids:
        return set()
    served = backorders.next_in_line(variant_ids=variant_ids, available=stock.free_units())
    by_order: dict[UUID, list[Demand]] = defaultdict(list)
    for backorder, demand in served:
        by_order[backorder.order_id].append(demand)
    stock.load(Reservation.objects.filter(line_id__in={demand.line_id for _, demand in served}))
    emptied: set[UUID] = set()
    for order_id, demands in by_order.items():
        emptied |= _promise(order_id, demands, stock, may_wait=False)
    return emptied
