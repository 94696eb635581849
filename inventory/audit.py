"""What must hold of stock over the whole database."""

from collections.abc import Iterator

from core.audit import Discrepancy, identity, rows


@identity("stock on hand is the sum of its movements")
def on_hand_is_sum_of_movements() -> Iterator[Discrepancy]:
    return rows(
        """
        SELECT item.id, coalesce(ledger.units, 0), item.on_hand
        FROM inventory_stockitem AS item
        LEFT JOIN (
            SELECT stock_item_id, sum(delta) AS units
            FROM inventory_stockmovement GROUP BY stock_item_id
        ) AS ledger ON ledger.stock_item_id = item.id
        WHERE coalesce(ledger.units, 0) <> item.on_hand
        """
    )


@identity("reserved stock is the sum of open reservations")
def reserved_is_sum_of_open_reservations() -> Iterator[Discrepancy]:
    return rows(
        """
        SELECT item.id, coalesce(promised.units, 0), item.reserved
        FROM inventory_stockitem AS item
        LEFT JOIN (
            SELECT stock_item_id, sum(quantity - fulfilled - released) AS units
            FROM inventory_reservation GROUP BY stock_item_id
        ) AS promised ON promised.stock_item_id = item.id
        WHERE coalesce(promised.units, 0) <> item.reserved
        """
    )


@identity("transferred goods left one location and are at the other, or back, or on their way")
def transfers_are_in_the_ledger() -> Iterator[Discrepancy]:
    return rows(
        """
        SELECT line.transfer_id || ' ' || line.variant_id,
               concat_ws(' / ', -due.left_source, due.arrived), concat_ws(' / ', moved.a, moved.b)
        FROM inventory_transferline AS line
        JOIN inventory_transfer AS transfer ON transfer.id = line.transfer_id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN transfer.status = 'cancelled' THEN 0 ELSE line.quantity END
                     AS left_source,
                   CASE WHEN transfer.status = 'received' THEN line.quantity ELSE 0 END AS arrived
        ) AS due
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(delta) FILTER (WHERE item.location_id = transfer.source_id), 0)
                     AS a,
                   coalesce(sum(delta) FILTER (WHERE item.location_id = transfer.destination_id),
                            0) AS b
            FROM inventory_stockmovement AS movement
            JOIN inventory_stockitem AS item ON item.id = movement.stock_item_id
            WHERE movement.reference = transfer.id::text AND item.variant_id = line.variant_id
        ) AS moved
        WHERE (moved.a, moved.b) IS DISTINCT FROM (-due.left_source, due.arrived)
        """
    )


@identity("awaited units are the sum of open back-orders")
def awaited_is_sum_of_open_backorders() -> Iterator[Discrepancy]:
    return rows(
        """
        SELECT rule.variant_id, coalesce(waiting.units, 0), rule.awaited
        FROM inventory_backorderrule AS rule
        LEFT JOIN (
            SELECT rule_id, sum(quantity - filled - released) AS units
            FROM inventory_backorder GROUP BY rule_id
        ) AS waiting ON waiting.rule_id = rule.id
        WHERE coalesce(waiting.units, 0) <> rule.awaited
        """
    )


@identity("a variant is in stock when it is digital or active locations have units to promise")
def variants_in_stock_have_units() -> Iterator[Discrepancy]:
    return rows("""
        SELECT variant.sku, variant.is_digital OR stock.units > 0, variant.in_stock
        FROM catalog_productvariant AS variant
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(item.on_hand - item.reserved), 0) AS units
            FROM inventory_stockitem AS item
            JOIN inventory_location AS location ON location.id = item.location_id
                 AND location.is_active AND location.deleted_at IS NULL
            WHERE item.variant_id = variant.id) AS stock
        WHERE variant.deleted_at IS NULL
          AND variant.in_stock <> (variant.is_digital OR stock.units > 0)
    """)
