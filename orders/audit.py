"""What must hold over all orders."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit import Discrepancy, identity, rows


@identity("an order's totals are the sums of its lines")
def totals_are_sums_of_lines() -> Iterator[Discrepancy]:
    yield from rows(
        """
        SELECT placed.number,
               concat_ws(' / ', sums.subtotal, sums.discount, sums.tax),
               concat_ws(' / ', placed.subtotal, placed.discount_total, placed.tax_total)
        FROM orders_order AS placed
        LEFT JOIN LATERAL (
            SELECT coalesce(sum(unit_price * quantity), 0) AS subtotal,
                   coalesce(sum(line_discount), 0) AS discount,
                   coalesce(sum(tax_amount), 0) + placed.shipping_tax_amount AS tax
            FROM orders_orderline WHERE order_id = placed.id
        ) AS sums ON true
        WHERE (placed.subtotal, placed.discount_total, placed.tax_total)
              IS DISTINCT FROM (sums.subtotal, sums.discount, sums.tax)
        """
    )


@identity("an order's total is the sum of its parts")
def total_is_the_sum_of_its_parts() -> Iterator[Discrepancy]:
    """Recompute the total: tax is added unless prices include it."""
    yield from rows(
        """
        SELECT number, expected, total FROM (
            SELECT *, subtotal - discount_total + shipping_total
                      + CASE WHEN prices_include_tax THEN 0 ELSE tax_total END AS expected
            FROM orders_order
        ) AS computed
        WHERE total <> expected
        """
    )


@identity("a line's total is its price less discount, plus tax unless included")
def line_totals_follow() -> Iterator[Discrepancy]:
    yield from rows(
        """
        SELECT number || ' #' || position, expected, line_total FROM (
            SELECT placed.number, line.position, line.line_total,
                   line.unit_price * line.quantity - line.line_discount
                   + CASE WHEN placed.prices_include_tax THEN 0 ELSE line.tax_amount END
                   AS expected
            FROM orders_orderline AS line JOIN orders_order AS placed ON placed.id = line.order_id
        ) AS computed
        WHERE line_total <> expected
        """
    )


@identity("an order has lines, and a history that leads from nothing to its status")
def history_leads_to_status() -> Iterator[Discrepancy]:
    """Check that every event begins where the one before ended, and the last is the status."""
    yield from rows(
        """
        SELECT placed.number, 'lines', 'none' FROM orders_order AS placed
        WHERE NOT EXISTS (SELECT FROM orders_orderline WHERE order_id = placed.id AND quantity > 0)
        UNION ALL
        SELECT placed.number, event.before, event.from_status
        FROM (
            SELECT order_id, from_status,
                   coalesce(lag(to_status) OVER (PARTITION BY order_id ORDER BY id), '') AS before
            FROM orders_orderevent
        ) AS event JOIN orders_order AS placed ON placed.id = event.order_id
        WHERE event.from_status <> event.before
        UNION ALL
        SELECT placed.number, placed.status, coalesce(last.to_status, 'no history')
        FROM orders_order AS placed
        LEFT JOIN (
            SELECT DISTINCT ON (order_id) order_id, to_status
            FROM orders_orderevent ORDER BY order_id, id DESC
        ) AS last ON last.order_id = placed.id
        WHERE placed.status IS DISTINCT FROM last.to_status
        """
    )


@identity("an order's times are those of its status")
def times_suit_the_status() -> Iterator[Discrepancy]:
    """Check that what was paid, cancelled or is awaited has the time that says so."""
    yield from rows(
        """
        SELECT number, 'times that suit ' || status,
               concat_ws(' / ', 'paid ' || paid_at, 'cancelled ' || cancelled_at,
                         'due ' || payment_due_at)
        FROM orders_order
        WHERE (status IN ('paid', 'shipped', 'delivered', 'refunded') AND paid_at IS NULL
               AND NOT (is_paid_on_delivery AND status <> 'paid'))
           OR (status = 'cancelled') <> (cancelled_at IS NOT NULL)
           OR (status <> 'pending' AND payment_due_at IS NOT NULL)
        """
    )


@identity("an order that costs nothing is paid at once")
def free_orders_are_paid() -> Iterator[Discrepancy]:
    yield from rows(
        """
        SELECT number, 'paid', status FROM orders_order WHERE status = 'pending' AND total = 0
        """
    )


@identity("an open order's units are reserved until they are shipped, and no others are")
def open_units_are_reserved() -> Iterator[Discrepancy]:
    """Compare what is still to be shipped of every line with what is reserved and awaited.

    Reservations belong to a floor below that knows orders by their id only.
    """
    yield from rows(
        """
        WITH line AS (
            SELECT line.id, placed.number || ' #' || line.position AS subject,
                   CASE WHEN placed.status IN ('pending', 'paid') AND placed.holds_stock
                             AND NOT line.is_digital
                        THEN line.quantity - line.cancelled_quantity - coalesce((
                            SELECT sum(quantity) FROM orders_shipmentline
                            WHERE order_line_id = line.id), 0)
                        ELSE 0 END AS awaited
            FROM orders_orderline AS line JOIN orders_order AS placed ON placed.id = line.order_id
        ), promise AS (
            SELECT line_id, sum(units) AS units FROM (
                SELECT line_id, quantity - fulfilled - released AS units FROM inventory_reservation
                UNION ALL
                SELECT line_id, quantity - filled - released FROM inventory_backorder
            ) AS held GROUP BY line_id
        )
        SELECT line.subject, line.awaited, coalesce(promise.units, 0)
        FROM line LEFT JOIN promise ON promise.line_id = line.id
        WHERE line.awaited <> coalesce(promise.units, 0)
        """
    )


@identity("no more units of a line are shipped than were kept, and all of a shipped order")
def shipped_units_suit_the_order() -> Iterator[Discrepancy]:
    yield from rows(
        """
        SELECT subject, quantity, shipped FROM (
            SELECT placed.number || ' #' || line.position AS subject,
                   line.quantity - line.cancelled_quantity AS quantity,
                   placed.status, line.is_digital, coalesce(sum(parcel.quantity), 0) AS shipped
            FROM orders_orderline AS line
            JOIN orders_order AS placed ON placed.id = line.order_id
            LEFT JOIN orders_shipmentline AS parcel ON parcel.order_line_id = line.id
            GROUP BY placed.id, line.id
        ) AS sent
        WHERE shipped > quantity
           OR (status IN ('shipped', 'delivered') AND NOT is_digital AND shipped < quantity)
        """
    )


@identity("a cart is ordered exactly when an order was made from it")
def ordered_carts_have_orders() -> Iterator[Discrepancy]:
    yield from rows(
        """
        SELECT cart.id,
               CASE WHEN placed.id IS NULL THEN 'open or merged' ELSE 'ordered' END, cart.status
        FROM cart_cart AS cart LEFT JOIN orders_order AS placed ON placed.cart_id = cart.id
        WHERE (cart.status = 'ordered') <> (placed.id IS NOT NULL)
        """
    )


@identity("no more units of a line come back than were bought")
def returned_units_suit_the_order() -> Iterator[Discrepancy]:
    yield from rows(
        """
        SELECT placed.number || ' #' || line.position, line.quantity, sum(back.quantity)
        FROM orders_returnline AS back
        JOIN orders_return AS parent ON parent.id = back.parent_id
        JOIN orders_orderline AS line ON line.id = back.order_line_id
        JOIN orders_order AS placed ON placed.id = line.order_id
        WHERE parent.status <> 'rejected'
        GROUP BY placed.id, line.id
        HAVING sum(back.quantity) > line.quantity OR bool_or(parent.order_id <> placed.id)
        """
    )


@identity("invoice numbers of a country run from one without a gap")
def invoice_numbers_have_no_gap() -> Iterator[Discrepancy]:
    """Compare the last number given with how many invoices there are and with the highest."""
    yield from rows(
        """
        SELECT coalesce(sequence.country, given.country), sequence.last,
               concat_ws(' / ', given.invoices, given.highest)
        FROM orders_invoicesequence AS sequence
        FULL JOIN (
            SELECT country, count(*) AS invoices, max(sequence) AS highest
            FROM orders_invoice GROUP BY country
        ) AS given ON given.country = sequence.country
        WHERE (sequence.last, sequence.last::bigint)
              IS DISTINCT FROM (given.highest, given.invoices)
        """
    )


@identity("what was invoiced had been paid, or sent to be paid on delivery")
def invoiced_orders_were_paid() -> Iterator[Discrepancy]:
    yield from rows(
        """
        SELECT invoice.number, 'paid', placed.status
        FROM orders_invoice AS invoice JOIN orders_order AS placed ON placed.id = invoice.order_id
        WHERE placed.paid_at IS NULL AND NOT placed.is_paid_on_delivery
        """
    )


@identity("an order's coupons are counted as used unless it was cancelled")
def coupons_are_used() -> Iterator[Discrepancy]:
    """Compare the codes of every order with the uses that pricing counts for it."""
    yield from rows(
        """
        SELECT placed.number,
               (CASE WHEN placed.status = 'cancelled' THEN 0
                     ELSE cardinality(placed.coupons) END)::text,
               count(used.id)::text
        FROM orders_order AS placed
        LEFT JOIN pricing_couponuse AS used
          ON used.order_id = placed.id AND used.released_at IS NULL
        GROUP BY placed.id
        HAVING count(used.id) <> CASE WHEN placed.status = 'cancelled' THEN 0
                                      ELSE cardinality(placed.coupons) END
        UNION ALL
        SELECT used.order_id::text, 'an order', 'none'
        FROM pricing_couponuse AS used
        WHERE NOT EXISTS (SELECT FROM orders_order WHERE id = used.order_id)
        """
    )


@identity("a product has sold the units of paid orders")
def sold_units_are_those_of_paid_orders() -> Iterator[Discrepancy]:
    """Count what was sold anew, but for orders whose sale a job is still about to count."""
    yield from rows(
        """
        SELECT product.slug, coalesce(sold.units, 0), product.units_sold
        FROM catalog_product AS product
        LEFT JOIN (
            SELECT line.product_id, least(sum(line.quantity), 2147483647) AS units
            FROM orders_orderline AS line JOIN orders_order AS placed ON placed.id = line.order_id
            WHERE placed.paid_at IS NOT NULL AND NOT EXISTS (
                SELECT FROM core_domainevent AS event
                WHERE event.name = 'order.paid' AND event.payload ->> 'order_id' = placed.id::text
                      AND NOT EXISTS (
                          SELECT FROM core_eventdelivery AS delivery
                          WHERE delivery.event_id = event.id
                                AND delivery.handler = 'orders.tasks.count_sale'))
            GROUP BY line.product_id
        ) AS sold ON sold.product_id = product.id
        WHERE product.units_sold <> coalesce(sold.units, 0)
        """
    )
