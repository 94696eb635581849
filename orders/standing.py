"""How far an order is paid and fulfilled: derived, so that no two flags can contradict."""

from __future__ import annotations

from decimal import Decimal

from django.db import models

from orders.models import Order, OrderStatus

_NOTHING = Decimal(0)
_UNDER_WAY = {"pending", "requires_action"}


class PaymentStanding(models.TextChoices):
    """How far the money has come."""

    UNPAID = "unpaid"
    PENDING = "pending"
    AUTHORIZED = "authorized"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class FulfillmentStanding(models.TextChoices):
    """How far the goods have come."""

    UNFULFILLED = "unfulfilled"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"


def payment_status(order: Order) -> PaymentStanding:
    """Return how far an order, loaded with its figures, is paid."""
    captured = order.money_captured or _NOTHING
    refunded = order.money_refunded or _NOTHING
    if captured:
        return _standing_of_captured(captured, refunded)
    if order.money_authorized:
        return PaymentStanding.AUTHORIZED
    return PaymentStanding.PENDING if order.payment_state in _UNDER_WAY else PaymentStanding.UNPAID


def _standing_of_captured(captured: Decimal, refunded: Decimal) -> PaymentStanding:
    if not refunded:
        return PaymentStanding.PAID
    return PaymentStanding.REFUNDED if refunded >= captured else PaymentStanding.PARTIALLY_REFUNDED


def fulfillment_status(order: Order) -> FulfillmentStanding:
    """Return how far an order, loaded with its figures, is shipped."""
    if order.status == OrderStatus.DELIVERED:
        return FulfillmentStanding.DELIVERED
    if order.status == OrderStatus.SHIPPED:
        return FulfillmentStanding.SHIPPED
    if not order.units_shipped:
        return FulfillmentStanding.UNFULFILLED
    if order.units_shipped < order.units_to_ship:
        return FulfillmentStanding.PARTIALLY_SHIPPED
    return FulfillmentStanding.SHIPPED
