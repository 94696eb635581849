"""Everything that changes a payment, one idea per module.

A payment is the one use case that is not one transaction: it writes what it asks for
(``payment_requests``), asks the provider outside of any transaction (``paying``,
``provider_calls``), and applies the answer (``results``). What is lost in between is found by
``reconciliation``.
"""

from payments.services.automatic_refunds import refund_cancelled_order, refund_return
from payments.services.paying import PayOrder, pay
from payments.services.provider_calls import execute
from payments.services.reconciliation import reconcile, resolve
from payments.services.refund_lines import AlreadyRefunded
from payments.services.results import apply_result
from payments.services.simulation import play_customer
from payments.services.staff import StaffRequest, capture_payment, refund_payment, void_payment
from payments.services.statements import compare_day, compare_yesterday
from payments.services.webhooks import apply_webhook, receive_webhook, run_again

__all__ = [
    "AlreadyRefunded",
    "PayOrder",
    "StaffRequest",
    "apply_result",
    "apply_webhook",
    "capture_payment",
    "compare_day",
    "compare_yesterday",
    "execute",
    "pay",
    "play_customer",
    "receive_webhook",
    "reconcile",
    "refund_cancelled_order",
    "refund_payment",
    "refund_return",
    "resolve",
    "run_again",
    "void_payment",
]
