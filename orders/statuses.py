"""How far an order is paid and fulfilled: derived, so that no two flags can contradict."""

from __future__ import annotations

from decimal import Decimal

from django.db import models

from orders.models import Order, OrderStatus

_UNDER_WAY = {"pending", "requires_action"}


class PaymentStatus(models.TextChoices):
    """How far the money has come."""

    UNPAID = "unpaid"
    PENDING = "pending"
    AUTHORIZED = "authorized"
    PARTIALLY_CAPTURED = "partially_captured"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class FulfillmentStatus(models.TextChoices):
    """How far the goods have come."""

    UNFULFILLED = "unfulfilled"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"


def payment_status(order: Order) -> PaymentStatus:
    """Return how far an order, loaded with its figures, is paid.

    One that costs nothing is paid without a payment, and has its money back once it is called
    off.
    """
    if not order.total and order.paid_at:
        is_over = order.status in {OrderStatus.CANCELLED, OrderStatus.REFUNDED}
        return PaymentStatus.REFUNDED if is_over else PaymentStatus.PAID
    captured = order.money_captured or Decimal(0)
    refunded = order.money_refunded or Decimal(0)
    if captured and refunded:
        is_all = refunded >= captured >= (order.money_authorized or Decimal(0))
        return PaymentStatus.REFUNDED if is_all else PaymentStatus.PARTIALLY_REFUNDED
    if captured:
        is_whole = captured >= order.total
        return PaymentStatus.PAID if is_whole else PaymentStatus.PARTIALLY_CAPTURED
    if order.money_authorized:
        return PaymentStatus.AUTHORIZED
    return PaymentStatus.PENDING if order.payment_state in _UNDER_WAY else PaymentStatus.UNPAID


def fulfillment_status(order: Order) -> FulfillmentStatus:
    """Return how far an order, loaded with its figures, is shipped."""
    if order.status == OrderStatus.DELIVERED:
        return FulfillmentStatus.DELIVERED
    if order.status == OrderStatus.SHIPPED:
        return FulfillmentStatus.SHIPPED
    if not order.units_shipped:
        return FulfillmentStatus.UNFULFILLED
    if order.units_shipped < order.units_to_ship:
        return FulfillmentStatus.PARTIALLY_SHIPPED
    return FulfillmentStatus.SHIPPED
