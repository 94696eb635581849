"""Orders that staff enter and the customer pays by a link."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from cart.tokens import digest_of
from core import events
from inventory import services as inventory_services
from inventory.services import RESERVE_ERRORS, Demand
from orders import selectors
from orders.events import PaymentLinkSent
from orders.models import Order, OrderLine, OrderStatus
from orders.services.history import add_note
from orders.transitions import InvalidTransition

LINK_SENT: Final = "The payment link was sent."


@dataclass(frozen=True)
class PaymentLink:
    """Where a customer pays a draft; ``token`` is what the frontend sends as ``X-Cart-Token``."""

    url: str
    token: str
    expires_at: datetime


SEND_PAYMENT_LINK_ERRORS: Final = (InvalidTransition,)
HOLD_STOCK_ERRORS: Final = RESERVE_ERRORS


@transaction.atomic
def send_payment_link(*, order_id: UUID, by: User | None) -> PaymentLink:
    """Let whoever holds the link see, change and pay a draft; announces PaymentLinkSent.

    From now the customer has ``DRAFT_ORDER_DAYS`` to pay. The link of an order is always the
    same. Locks the order.
    """
    order = selectors.lock_order(order_id)
    if not order.is_draft or order.status != OrderStatus.PENDING:
        raise InvalidTransition(
            "Only a draft that is not paid has a payment link.", status_now=order.status
        )
    now, link = (
        timezone.now(),
        payment_link(order=order, expires_at=draft_due_at(now=timezone.now())),
    )
    order.guest_token_digest = digest_of(link.token)
    order.payment_due_at = link.expires_at
    order.save(update_fields=["guest_token_digest", "payment_due_at", "updated_at"])
    add_note(order=order, at=now, by=by, note=LINK_SENT)
    events.emit(PaymentLinkSent(order_id=order.pk))
    return link


def payment_link(*, order: Order, expires_at: datetime) -> PaymentLink:
    """Return an order's link; its token is signed, so that nobody can make one for an order."""
    signature = salted_hmac("orders.payment_link", str(order.pk), algorithm="sha256").digest()
    token = urlsafe_b64encode(signature).decode().rstrip("=")
    query = urlencode({"order": order.pk, "token": token})
    return PaymentLink(f"{settings.PUBLIC_URL}/pay?{query}", token, expires_at)


def draft_due_at(*, now: datetime) -> datetime:
    """Return until when a draft made or sent at ``now`` can be paid."""
    return now + timedelta(days=settings.DRAFT_ORDER_DAYS)


def hold_stock(*, order: Order) -> None:
    """Reserve the stock of a locked order that holds none yet; raises InsufficientStock.

    Call it as the last step before the order is paid. Locks the stock.
    """
    if order.holds_stock:
        return
    order.holds_stock = True
    order.save(update_fields=["holds_stock", "updated_at"])
    lines = OrderLine.objects.filter(order=order, is_digital=False, quantity__gt=0)
    demands = [
        Demand(line.pk, line.variant_id, line.quantity) for line in lines.order_by("position")
    ]
    inventory_services.reserve(order_id=order.pk, demands=demands)
