"""What must hold over all payments."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit import Discrepancy, identity, rows

# The succeeded charges, and the acts on them; what was charged twice by mistake is in neither.
_SUMS_DIFFER = """
    WITH sums AS (
        SELECT payment.id,
               coalesce(sum(own.amount) FILTER (
                   WHERE own.kind = 'authorize' AND NOT EXISTS (
                       SELECT FROM payments_paymenttransaction AS void
                       WHERE void.payment_id = payment.id AND void.kind = 'void'
                         AND void.status = 'succeeded' AND void.charge_reference = own.reference)
               ), 0) AS authorized,
               coalesce(sum(own.amount) FILTER (WHERE own.kind = 'capture'), 0) AS captured,
               coalesce(sum(own.amount) FILTER (
                   WHERE own.kind = 'refund' AND EXISTS (
                       SELECT FROM payments_paymenttransaction AS charge
                       WHERE charge.payment_id = payment.id AND charge.charge_reference = ''
                         AND charge.status = 'succeeded'
                         AND charge.reference = own.charge_reference)
               ), 0) AS refunded
        FROM payments_payment AS payment
        LEFT JOIN payments_paymenttransaction AS own
               ON own.payment_id = payment.id AND own.status = 'succeeded'
        GROUP BY payment.id)
    SELECT payment.id,
           concat_ws(' / ', sums.authorized, sums.captured, sums.refunded),
           concat_ws(' / ', payment.authorized, payment.captured, payment.refunded)
    FROM payments_payment AS payment JOIN sums USING (id)
    WHERE (payment.authorized, payment.captured, payment.refunded)
       <> (sums.authorized, sums.captured, sums.refunded)
"""

_PAID_DIFFERS = """
    SELECT "order".number, "order".total || ' captured', coalesce(payment.captured, 0)
    FROM orders_order AS "order" LEFT JOIN payments_payment AS payment
      ON payment.order_id = "order".id
    WHERE ("order".status IN ('paid', 'shipped', 'delivered') AND "order".channel = 'online'
           AND ("order".paid_at IS NOT NULL OR NOT "order".is_paid_on_delivery)
           AND "order".total > 0
           AND coalesce(payment.captured, 0) <> "order".total)
       OR ("order".paid_at IS NULL AND "order".status IN ('pending', 'shipped', 'delivered')
           AND payment.captured >= "order".total AND "order".total > 0)
"""

_CURRENCY_DIFFERS = """
    SELECT "order".number, "order".currency, payment.currency
    FROM payments_payment AS payment JOIN orders_order AS "order" ON "order".id = payment.order_id
    WHERE payment.currency <> "order".currency
"""

_MONEY_KEPT = """
    SELECT "order".number, 'all refunded or being refunded', payment.captured
    FROM payments_payment AS payment JOIN orders_order AS "order" ON "order".id = payment.order_id
    WHERE ("order".status = 'cancelled' OR "order".total = 0) AND payment.captured > (
        SELECT coalesce(sum(refund.amount), 0) FROM payments_paymenttransaction AS refund
        WHERE refund.payment_id = payment.id AND refund.kind = 'refund'
          AND refund.charge_reference = payment.reference
          AND refund.status IN ('requested', 'requires_action', 'succeeded'))
      AND NOT EXISTS (
        SELECT FROM procrastinate_jobs AS job
        WHERE job.status IN ('todo', 'doing') AND job.task_name = 'core.tasks.deliver'
          AND job.args ->> 'handler' = 'payments.tasks.refund_cancelled_order')
"""

_NETWORK_DIFFERS = """
    SELECT coalesce(own.id, operation.key), coalesce(operation.status, 'absent'),
           coalesce(own.status, 'absent')
    FROM payments_simulatedoperation AS operation
    FULL JOIN (SELECT * FROM payments_paymenttransaction WHERE provider = 'test') AS own
           ON own.id = operation.key
    WHERE coalesce(own.error_code, '') <> 'charged_twice'
      AND coalesce(own.status, '') NOT IN ('requested', 'requires_action')
      AND (operation.status = 'succeeded') IS DISTINCT FROM (own.status = 'succeeded')
      AND (operation.status = 'succeeded' OR own.status = 'succeeded')
"""


_PARTS_DIFFER = """
    SELECT refund.id, refund.amount, sum(part.amount)
    FROM payments_refundline AS part
    JOIN payments_paymenttransaction AS refund ON refund.id = part.transaction_id
    GROUP BY refund.id HAVING sum(part.amount) <> refund.amount OR refund.kind <> 'refund'
"""

_TOO_MUCH_OF_A_LINE = """
    SELECT "order".number || ' #' || line.position,
           concat_ws(' / ', line.quantity, line.line_total),
           concat_ws(' / ', sum(part.quantity), sum(part.amount))
    FROM payments_refundline AS part
    JOIN payments_paymenttransaction AS refund ON refund.id = part.transaction_id
    JOIN orders_orderline AS line ON line.id = part.order_line_id
    JOIN orders_order AS "order" ON "order".id = line.order_id
    WHERE refund.status IN ('requested', 'requires_action', 'succeeded')
    GROUP BY "order".id, line.id
    HAVING sum(part.quantity) > line.quantity OR sum(part.amount) > line.line_total
"""


_REFUNDED_BUT_SENT = """
    SELECT "order".number || ' #' || line.position, refunded.units,
           line.cancelled_quantity + coalesce(shipped.units, 0)
    FROM (SELECT part.order_line_id, sum(part.quantity) AS units
          FROM payments_refundline AS part
          JOIN payments_paymenttransaction AS refund ON refund.id = part.transaction_id
          WHERE refund.status = 'succeeded' GROUP BY part.order_line_id) AS refunded
    JOIN orders_orderline AS line ON line.id = refunded.order_line_id AND NOT line.is_digital
    JOIN orders_order AS "order" ON "order".id = line.order_id
    LEFT JOIN (SELECT order_line_id, sum(quantity) AS units
               FROM orders_shipmentline GROUP BY order_line_id) AS shipped
      ON shipped.order_line_id = line.id
    WHERE "order".status NOT IN ('cancelled', 'refunded')
      AND refunded.units > line.cancelled_quantity + coalesce(shipped.units, 0)
"""


@identity("units that were refunded have left or are not sent any more")
def refunded_units_are_not_sent() -> Iterator[Discrepancy]:
    return rows(_REFUNDED_BUT_SENT)


@identity("a refund of parts is the sum of its parts")
def refunds_are_sums_of_their_parts() -> Iterator[Discrepancy]:
    return rows(_PARTS_DIFFER)


@identity("no more of a line is refunded than was bought, in units and in money")
def refunded_parts_suit_the_lines() -> Iterator[Discrepancy]:
    return rows(_TOO_MUCH_OF_A_LINE)


@identity("authorized, captured and refunded are the sums of the transactions")
def payments_are_sums_of_their_transactions() -> Iterator[Discrepancy]:
    return rows(_SUMS_DIFFER)


@identity("an online order is paid exactly when its total is captured")
def paid_orders_are_captured() -> Iterator[Discrepancy]:
    return rows(_PAID_DIFFERS)


@identity("a payment is in the currency of its order")
def payments_are_in_the_currency_of_their_orders() -> Iterator[Discrepancy]:
    return rows(_CURRENCY_DIFFERS)


@identity("an order that is cancelled or costs nothing keeps no money")
def cancelled_orders_keep_no_money() -> Iterator[Discrepancy]:
    """Look for captured money of such orders that nothing is about to return."""
    return rows(_MONEY_KEPT)


@identity("what the test gateway did is what we think it did")
def pretended_network_agrees() -> Iterator[Discrepancy]:
    """Compare our transactions with the pretended network's memory, where both have an answer."""
    return rows(_NETWORK_DIFFERS)
