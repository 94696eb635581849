"""Everything that changes a payment, one idea per module.

A payment is the one use case that is not one transaction: it writes what it asks for
(``requesting``), asks the provider outside of any transaction (``paying``, ``asking``), and
applies the answer (``results``). Whatever is lost in between is found by ``reconciliation``.
"""

from payments.services.asking import execute
from payments.services.giving_back import give_back_for_cancelled_order, give_back_for_return
from payments.services.parts import AlreadyRefunded
from payments.services.paying import PayOrder, pay
from payments.services.reconciliation import reconcile, resolve
from payments.services.results import apply_result
from payments.services.simulation import play_customer
from payments.services.staff import StaffWish, capture_payment, refund_payment, void_payment
from payments.services.statements import compare_day, compare_yesterday
from payments.services.webhooks import apply_webhook, receive_webhook, run_again

__all__ = [
    "AlreadyRefunded",
    "PayOrder",
    "StaffWish",
    "apply_result",
    "apply_webhook",
    "capture_payment",
    "compare_day",
    "compare_yesterday",
    "execute",
    "give_back_for_cancelled_order",
    "give_back_for_return",
    "pay",
    "play_customer",
    "receive_webhook",
    "reconcile",
    "refund_payment",
    "resolve",
    "run_again",
    "void_payment",
]
