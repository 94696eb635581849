"""Promising stock to orders, taking the promise back, and keeping it.

Each use case is one statement. It locks the stock items in the order of their keys before it
decides anything, so that two callers wanting the same items wait for each other, never
deadlock, and never decide on a figure that another is changing. The check constraint
``stock_reserved_within_on_hand`` is the net below.

What is written is reckoned from the figures as they were locked. ``SET reserved = reserved + 1``
would do as well in the end, but PostgreSQL first reckons it from the row as it was when the
statement began, and already checks the constraints of that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from catalog.models import ProductVariant
from core.models import new_id
from inventory import selectors
from inventory.models import MovementReason
from inventory.services import backorders, listings
from inventory.services.demands import Demand, InsufficientStock, NotReserved, Shortage

# Lines and stock items of a variant are laid end to end on two rulers; where a line and an item
# overlap, that many units of the line come from that item. Items that can serve the whole
# demand are laid first, so that a line is split only where no single location has enough.
_RESERVE = """
WITH demand AS (
    SELECT line_id, variant_id, quantity,
           sum(quantity) OVER (PARTITION BY variant_id ORDER BY line_id) AS upto,
           sum(quantity) OVER (PARTITION BY variant_id) AS wanted
    FROM unnest(%(lines)s::uuid[], %(variants)s::uuid[], %(quantities)s::int[])
      AS line (line_id, variant_id, quantity)
), locked AS MATERIALIZED (
    SELECT item.id, item.variant_id, item.on_hand, item.reserved,
           item.on_hand - item.reserved AS units, location.priority
    FROM inventory_stockitem AS item
    JOIN inventory_location AS location ON location.id = item.location_id
    WHERE item.variant_id = ANY(%(variants)s::uuid[])
      AND location.is_active AND location.deleted_at IS NULL
    ORDER BY item.id FOR NO KEY UPDATE OF item
), level AS (
    SELECT variant_id, demanded.wanted, coalesce(sum(locked.units), 0) AS available
    FROM (SELECT DISTINCT variant_id, wanted FROM demand) AS demanded
    LEFT JOIN locked USING (variant_id)
    GROUP BY variant_id, demanded.wanted
), supply AS (
    SELECT id, variant_id, units,
           sum(units) OVER (PARTITION BY variant_id ORDER BY units < wanted, priority, id) AS upto
    FROM locked JOIN level USING (variant_id)
), allocation AS (
    SELECT line_id, supply.id AS stock_item_id,
           least(demand.upto, supply.upto)
           - greatest(demand.upto - demand.quantity, supply.upto - supply.units) AS units
    FROM demand JOIN supply USING (variant_id)
    WHERE least(demand.upto, supply.upto)
          > greatest(demand.upto - demand.quantity, supply.upto - supply.units)
      AND NOT EXISTS (SELECT FROM level WHERE available < wanted)
), promised AS (
    UPDATE inventory_stockitem AS item
    SET on_hand = locked.on_hand, reserved = locked.reserved + taken.units,
        is_listed = false, updated_at = now()
    FROM (
        SELECT stock_item_id, sum(units) AS units FROM allocation GROUP BY stock_item_id
    ) AS taken JOIN locked ON locked.id = taken.stock_item_id
    WHERE item.id = locked.id
), reservation AS (
    INSERT INTO inventory_reservation AS kept (
        id, order_id, line_id, stock_item_id, quantity, fulfilled, released, created_at, updated_at
    )
    SELECT uuid_v7(), %(order)s, line_id, stock_item_id, units, 0, 0, now(), now()
    FROM allocation
    ON CONFLICT (line_id, stock_item_id)
    DO UPDATE SET quantity = kept.quantity + excluded.quantity, updated_at = now()
)
SELECT variant_id, wanted, available FROM level ORDER BY variant_id
"""

_LOCK = """
SELECT id FROM inventory_stockitem
WHERE id IN (
    SELECT id FROM inventory_stockitem WHERE variant_id = ANY(%(variants)s::uuid[])
    UNION
    SELECT stock_item_id FROM inventory_reservation WHERE order_id = %(order)s
)
ORDER BY id FOR NO KEY UPDATE
"""

_RELEASE = """
WITH locked AS MATERIALIZED (
    SELECT id, on_hand, reserved FROM inventory_stockitem
    WHERE id IN (SELECT stock_item_id FROM inventory_reservation WHERE order_id = %(order)s)
    ORDER BY id FOR NO KEY UPDATE
), open AS MATERIALIZED (
    SELECT promise.id, promise.stock_item_id, promise.quantity, promise.fulfilled,
           promise.quantity - promise.fulfilled - promise.released AS units
    FROM inventory_reservation AS promise JOIN locked ON locked.id = promise.stock_item_id
    WHERE promise.order_id = %(order)s
      AND promise.quantity > promise.fulfilled + promise.released
    ORDER BY promise.id FOR UPDATE OF promise
), released AS (
    UPDATE inventory_reservation AS promise
    SET quantity = open.quantity, fulfilled = open.fulfilled,
        released = open.quantity - open.fulfilled, updated_at = now()
    FROM open WHERE promise.id = open.id
)
UPDATE inventory_stockitem AS item
SET on_hand = locked.on_hand, reserved = locked.reserved - back.units,
    is_listed = false, updated_at = now()
FROM (
    SELECT stock_item_id, sum(units) AS units FROM open GROUP BY stock_item_id
) AS back JOIN locked ON locked.id = back.stock_item_id
WHERE item.id = locked.id
RETURNING item.variant_id, locked.on_hand = locked.reserved
"""

_FULFIL = """
WITH leaving AS (
    SELECT * FROM unnest(%(lines)s::uuid[], %(quantities)s::int[]) AS line (line_id, quantity)
), locked AS MATERIALIZED (
    SELECT id, on_hand, reserved FROM inventory_stockitem
    WHERE id IN (
        SELECT stock_item_id FROM inventory_reservation WHERE line_id = ANY(%(lines)s::uuid[])
    )
    ORDER BY id FOR NO KEY UPDATE
), open AS MATERIALIZED (
    SELECT promise.id, promise.line_id, promise.stock_item_id,
           promise.quantity, promise.fulfilled, promise.released,
           promise.quantity - promise.fulfilled - promise.released AS units
    FROM inventory_reservation AS promise JOIN locked ON locked.id = promise.stock_item_id
    WHERE promise.order_id = %(order)s AND promise.line_id = ANY(%(lines)s::uuid[])
    ORDER BY promise.id FOR UPDATE OF promise
), held AS (
    SELECT *, sum(units) OVER (PARTITION BY line_id ORDER BY id) - units AS before FROM open
), taken AS (
    SELECT held.id, held.line_id, held.stock_item_id,
           held.quantity, held.fulfilled, held.released,
           greatest(least(held.units, leaving.quantity - held.before), 0) AS units
    FROM held JOIN leaving USING (line_id)
), kept AS (
    UPDATE inventory_reservation AS promise
    SET quantity = taken.quantity, fulfilled = taken.fulfilled + taken.units,
        released = taken.released, updated_at = now()
    FROM taken WHERE promise.id = taken.id AND taken.units > 0
), gone AS (
    UPDATE inventory_stockitem AS item
    SET on_hand = locked.on_hand - leaving.units, reserved = locked.reserved - leaving.units,
        updated_at = now()
    FROM (
        SELECT stock_item_id, sum(units) AS units FROM taken GROUP BY stock_item_id
    ) AS leaving JOIN locked ON locked.id = leaving.stock_item_id
    WHERE item.id = locked.id AND leaving.units > 0
), movement AS (
    INSERT INTO inventory_stockmovement (
        id, stock_item_id, delta, reason, reference, note, actor_id, created_at
    )
    SELECT uuid_v7(), stock_item_id, -units, %(reason)s, %(order)s::uuid::text, '',
           %(actor)s::uuid, now()
    FROM taken WHERE units > 0
)
SELECT line_id, sum(units) FROM taken GROUP BY line_id
"""


@transaction.atomic
def reserve(*, order_id: UUID, demands: Sequence[Demand]) -> None:
    """Promise the units of ``demands`` to an order: all of them, or none.

    Call it as the last step of the order's transaction, since it locks the stock items until
    that commits. Each line comes from one location where one has enough (the lowest priority
    first) and is split where none has; what is short is awaited where a rule of its variant
    allows that. One query; three more when a variant runs out, whose ``in_stock`` then changes,
    and five where something is awaited. Raises InsufficientStock.
    """
    if emptied := _promise(order_id, demands):
        listings.refresh_availability(variant_ids=emptied)


@transaction.atomic
def release(*, order_id: UUID) -> None:
    """Take back what is still promised to an order; does nothing the second time.

    It goes to who waits for it, if anyone does. Locks the stock items, then the reservations
    and the rules of back-orders.
    """
    awaited = selectors.awaited_variants(order_id=order_id)
    if awaited:
        _run(_LOCK, order=order_id, variants=awaited)
    refilled = _take_back(order_id, may_wait=bool(awaited))
    changed = refilled | _serve(awaited) if awaited else refilled
    if changed:
        listings.refresh_availability(variant_ids=changed)


@transaction.atomic
def serve_backorders(*, variant_ids: Collection[UUID]) -> None:
    """Reserve what has come in for the orders that wait for it, whoever came first first.

    The variants' stock items are locked already, at all locations.
    """
    if awaited := selectors.awaited_among(variant_ids):
        _serve(awaited)
        listings.refresh_availability(variant_ids=set(awaited))


@transaction.atomic
def re_reserve(*, order_id: UUID, demands: Sequence[Demand]) -> None:
    """Promise ``demands`` to an order instead of what is promised to it now.

    All stock items that may be touched are locked first, in the order of their keys, until the
    transaction ends: nobody is promised in between what the order held, and nobody who locks
    the same items deadlocks. Five queries; three more when a variant runs out or is there
    again. Raises InsufficientStock, and then the transaction must be rolled back: the order
    keeps what it had.
    """
    awaited = selectors.awaited_variants(order_id=order_id)
    _run(_LOCK, order=order_id, variants=[*(one.variant_id for one in demands), *awaited])
    refilled = _take_back(order_id, may_wait=bool(awaited))
    changed = refilled | _promise(order_id, demands)
    if changed := changed | _serve(awaited):
        listings.refresh_availability(variant_ids=changed)


@transaction.atomic
def serve_waiting(*, variant_ids: Collection[UUID]) -> None:
    """Serve who waits for variants of which some are there, however they came to be free.

    Locks the variants' stock items, then the rules.
    """
    _run(_LOCK, order=None, variants=list(variant_ids))
    serve_backorders(variant_ids=variant_ids)


def _promise(order_id: UUID, demands: Sequence[Demand], *, may_wait: bool = True) -> set[UUID]:
    """Reserve all demands and return the variants that have run out by it."""
    if not demands:
        return set()
    levels = _run(
        _RESERVE,
        order=order_id,
        lines=[demand.line_id for demand in demands],
        variants=[demand.variant_id for demand in demands],
        quantities=[demand.quantity for demand in demands],
    )
    if shortages := [Shortage(*level) for level in levels if level[2] < level[1]]:
        if not may_wait:
            raise InsufficientStock(shortages)
        return _promise_in_part(order_id, demands, shortages)
    return {variant_id for variant_id, wanted, available in levels if available == wanted}


def _promise_in_part(
    order_id: UUID, demands: Sequence[Demand], shortages: Sequence[Shortage]
) -> set[UUID]:
    """Reserve what is there, and let the order wait for the rest."""
    here, refused = backorders.wait_for(order_id=order_id, demands=demands, shortages=shortages)
    if refused:
        raise InsufficientStock(refused)
    return _promise(order_id, here, may_wait=False)


def _serve(variant_ids: Collection[UUID]) -> set[UUID]:
    """Reserve what is there for who waits for it; return the variants that have run out by it."""
    if not variant_ids:
        return set()
    available = selectors.in_stock(variant_ids)
    served = backorders.next_in_line(variant_ids=variant_ids, available=available)
    by_order: dict[UUID, list[Demand]] = defaultdict(list)
    for backorder, demand in served:
        by_order[backorder.order_id].append(demand)
    emptied: set[UUID] = set()
    for order_id, demands in by_order.items():
        emptied |= _promise(order_id, demands, may_wait=False)
    return emptied


def _take_back(order_id: UUID, *, may_wait: bool) -> set[UUID]:
    """Release what is promised and return the variants of items that were promised in full."""
    if may_wait:
        backorders.release_backorders(order_id=order_id)
    rows = _run(_RELEASE, order=order_id)
    return {variant_id for variant_id, was_empty in rows if was_empty}


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
    passed over. Locks the stock items, then the reservations. Raises NotReserved.
    """
    taken = _run(
        _FULFIL,
        order=order_id,
        lines=list(quantities),
        quantities=list(quantities.values()),
        reason=reason,
        actor=actor.pk if actor else None,
    )
    if any(units < quantities[line_id] for line_id, units in taken):
        raise NotReserved
    others = quantities.keys() - {line_id for line_id, _ in taken}
    if others and selectors.awaited_lines(others):
        raise NotReserved("These units have not come in yet.")


@transaction.atomic
def sell(*, variant: ProductVariant, quantity: int, actor: User | None) -> UUID:
    """Take stock for a sale made elsewhere and return the reference of its movements.

    A promise that is kept at once, so it competes with orders by the same rules; what is
    digital needs no stock. Raises InsufficientStock.
    """
    sale_id, line_id = new_id(), new_id()
    if variant.is_digital:
        return sale_id
    if emptied := _promise(sale_id, [Demand(line_id, variant.pk, quantity)], may_wait=False):
        listings.refresh_availability(variant_ids=emptied)
    fulfil(
        order_id=sale_id, quantities={line_id: quantity}, reason=MovementReason.SOLD, actor=actor
    )
    return sale_id


def _run(sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
