"""The demo customers' past orders: bought, paid and sent by the services, then dated back."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import selectors as accounts_selectors
from accounts.models import User
from cart.selectors import Owner
from cart.services import RequestedItem
from catalog.models import ProductVariant
from demo.chance import Chance
from demo.history import DemoOrder, demo_orders
from demo.library import CURRENCY
from demo.seeding.coupons import WELCOME
from demo.seeding.step import Step
from orders import services as orders_services
from orders.models import Invoice, Order, OrderEvent, OrderStatus, Shipment
from orders.services import Parcel, PlaceOrder
from payments.models import Payment, PaymentTransaction, SimulatedOperation
from payments.services import paying
from payments.services.paying import PayOrder
from pricing.models import CouponUse
from shipping import selectors as shipping_selectors

DISPATCHER = "orders@example.com"
CARRIERS = {"US": "USPS", "GB": "Royal Mail", "DE": "DHL", "FR": "La Poste"}
# How long after it was placed an order reached each status.
PACE = {
    OrderStatus.PENDING: timedelta(0),
    OrderStatus.PAID: timedelta(minutes=2),
    OrderStatus.CANCELLED: timedelta(minutes=20),
    OrderStatus.SHIPPED: timedelta(hours=26),
    OrderStatus.DELIVERED: timedelta(days=5, hours=3),
}


def missing_orders() -> Sequence[DemoOrder]:
    """Return what a customer who has fewer orders than planned has not bought yet."""
    placed = Counter(Order.objects.values_list("customer__email", flat=True))
    return [order for order in demo_orders() if order.ordinal > placed[order.customer.email]]


def make_order(demo: DemoOrder) -> None:
    order = _place(demo)
    if demo.status == OrderStatus.CANCELLED:
        orders_services.cancel_order(order_id=order.pk, by=order.customer)
    else:
        paying.pay(
            command=PayOrder(order_id=order.pk, provider="test", payment_method="tok_success")
        )
        _send(order, demo)
    _move_into_past(order, timezone.now() - timedelta(days=demo.days_ago))


def _place(demo: DemoOrder) -> Order:
    customer = User.objects.get(email=demo.customer.email)
    address = accounts_selectors.addresses_of(customer).get(is_default_shipping=True)
    method = shipping_selectors.methods_to(country=address.country, currency=CURRENCY)[0]
    variants = ProductVariant.objects.filter(sku__in=demo.units).order_by("sku")
    items = [RequestedItem(demo.units[variant.sku], variant_id=variant.pk) for variant in variants]
    return orders_services.place_order(
        command=PlaceOrder(
            owner=Owner(customer=customer),
            shipping_address=address.pk,
            shipping_method_id=method.pk,
            items=items,
            coupons=[WELCOME] if demo.ordinal == 1 else [],
        )
    )


def _send(order: Order, demo: DemoOrder) -> None:
    if demo.status == OrderStatus.PAID:
        return
    dispatcher = User.objects.get(email=DISPATCHER)
    digits = Chance("tracking", demo.customer.email, demo.ordinal).whole(10**11, 10**12 - 1)
    carrier = CARRIERS.get(demo.customer.country, "DHL")
    parcel = Parcel(carrier=carrier, tracking_number=str(digits))
    orders_services.ship_order(order_id=order.pk, by=dispatcher, parcel=parcel)
    orders_services.issue_invoice(order_id=order.pk)
    if demo.status == OrderStatus.DELIVERED:
        orders_services.deliver_order(order_id=order.pk, by=dispatcher)


@transaction.atomic
def _move_into_past(order: Order, placed_at: datetime) -> None:
    """Give the order the dates of a time when there was no shop yet to place it in."""
    for event in OrderEvent.objects.filter(order=order).order_by("pk"):
        event.at = placed_at + PACE[OrderStatus(event.to_status)]
        event.save(update_fields=["at"])
    paid_at = placed_at + PACE[OrderStatus.PAID]
    Order.objects.filter(pk=order.pk).update(placed_at=placed_at, created_at=placed_at)
    Order.objects.filter(pk=order.pk, paid_at__isnull=False).update(paid_at=paid_at)
    Order.objects.filter(pk=order.pk, cancelled_at__isnull=False).update(
        cancelled_at=placed_at + PACE[OrderStatus.CANCELLED]
    )
    CouponUse.objects.filter(order_id=order.pk).update(created_at=placed_at)
    Invoice.objects.filter(order=order).update(issued_at=placed_at + PACE[OrderStatus.SHIPPED])
    Payment.objects.filter(order=order).update(created_at=paid_at)
    transactions = PaymentTransaction.objects.filter(payment__order=order)
    transactions.update(at=paid_at, finished_at=paid_at)
    SimulatedOperation.objects.filter(pk__in=transactions.values("pk")).update(at=paid_at)
    shipments = Shipment.objects.filter(order=order)
    shipped_at = placed_at + PACE[OrderStatus.SHIPPED]
    shipments.update(shipped_at=shipped_at, created_at=shipped_at)
    shipments.filter(delivered_at__isnull=False).update(
        delivered_at=placed_at + PACE[OrderStatus.DELIVERED]
    )


STEPS = (Step("Past orders", missing_orders, make_order),)
