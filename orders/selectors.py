"""Reads over orders. Who may see an order is a query set, so that a stranger finds nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from cart.models import Cart
from cart.tokens import digest_of
from core.compiled import CompiledQuery
from core.errors import NotFound
from core.money import quantize
from core.text import typed_email_address
from orders import numbers
from orders.models import (
    Invoice,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
    Return,
    ReturnLine,
    ReturnStatus,
    Shipment,
    ShipmentLine,
)

REQUESTED = "requested"
REQUIRES_ACTION = "requires_action"
# The customer's money is held, or a part of it was captured: staff decide what becomes of it.
HELD_BY_PAYMENT: Final = ("authorized", "partially_captured", "partially_refunded")


@dataclass(frozen=True)
class Reader:
    """Who asks: a customer, a guest who holds a cart's token, or one who may see every order."""

    customer: User | None = None
    token: str = ""
    sees_all: bool = False

    def owns(self, order: Order) -> bool:
        """Tell whether the order is the reader's own."""
        is_customers = self.customer is not None and order.customer_id == self.customer.pk
        return is_customers or (
            bool(self.token) and order.guest_token_digest == digest_of(self.token)
        )


@dataclass(frozen=True, slots=True)
class PaymentStep:
    """One request to the payment provider and its outcome."""

    at: datetime
    kind: str
    amount: Decimal
    status: str
    reference: str
    error_code: str


@dataclass(frozen=True)
class PaymentSummary:
    """An order's payment, as the order's page tells it; amounts in the order's currency."""

    id: UUID
    provider: str
    status: str
    captured: Decimal
    refunded: Decimal
    steps: Sequence[PaymentStep]


def orders_visible_to(reader: Reader) -> QuerySet[Order]:
    """Return the orders that ``reader`` may see."""
    if reader.sees_all:
        return Order.objects.all()
    mine = Q(pk__in=[])
    if reader.customer:
        mine |= Q(customer=reader.customer)
    if reader.token:
        mine |= Q(guest_token_digest=digest_of(reader.token))
    return Order.objects.filter(mine)


_ORDER_OF_CUSTOMER = CompiledQuery(
    lambda order_id, customer_id: Order.objects.filter(pk=order_id, customer=customer_id).only(
        "pk"
    ),
    UUID,
    UUID,
)


def is_own_order(*, order_id: UUID, customer: User | None, token: str) -> bool:
    """Tell whether the order is the customer's, or the guest's who holds the cart's token."""
    if customer:
        return _ORDER_OF_CUSTOMER.first(order_id, customer.pk) is not None
    orders = Order.objects.filter(pk=order_id)
    return bool(token) and orders.filter(guest_token_digest=digest_of(token)).exists()


def orders_of_guest(token: str) -> QuerySet[Order]:
    """Return the orders that the holder of a cart's token placed as a guest."""
    return orders_visible_to(Reader(token=token))


_LOCKED_ORDER = CompiledQuery(lambda key: Order.objects.select_for_update().filter(pk=key), UUID)


def lock_order(order_id: UUID) -> Order:
    """Return the order with its row locked until the transaction ends.

    Comes after the cart's lock and before the payment's.
    """
    return _LOCKED_ORDER.get(order_id)


def with_figures(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Add what the derived statuses need: units ordered and shipped, money moved.

    The payment belongs to a floor above: only its relation is followed here.
    """
    to_ship = OrderLine.objects.filter(order=OuterRef("pk"), is_digital=False).values("order")
    kept = Sum(F("quantity") - F("cancelled_quantity"))
    shipped = ShipmentLine.objects.filter(shipment__order=OuterRef("pk")).values("shipment__order")
    figures = {
        "units_to_ship": _units(to_ship, kept),
        "units_shipped": _units(shipped, Sum("quantity")),
        "payment_state": F("payment__status"),
        "money_authorized": F("payment__authorized"),
        "money_captured": F("payment__captured"),
        "money_refunded": F("payment__refunded"),
    }
    return orders.annotate(**figures)


def _units(rows: QuerySet[Any, Any], units: Sum) -> Coalesce:
    return Coalesce(Subquery(rows.annotate(units=units).values("units")), Value(0))


def order_list(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Load orders as lists show them: two queries."""
    return with_figures(orders).prefetch_related(_lines())


def order_pages(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Load orders with lines, history and shipments: five queries, whatever their number."""
    contents = _loaded("lines", ShipmentLine.objects.order_by("id"))
    shipments = Shipment.objects.order_by("shipped_at", "id").prefetch_related(contents)
    events = OrderEvent.objects.select_related("by").order_by("id")
    return (
        with_figures(orders)
        .select_related("shipping_method")
        .prefetch_related(_lines(), _loaded("events", events), _loaded("shipments", shipments))
    )


def _lines() -> Prefetch[str]:
    """Load the lines but for those that were taken out of the order."""
    return _loaded("lines", OrderLine.objects.filter(quantity__gt=0).order_by("position"))


def _loaded(relation: str, rows: QuerySet[Any]) -> Prefetch[str]:
    """Load a relation into the attribute that the model declares for it."""
    return Prefetch(relation, rows, to_attr=f"loaded_{relation}")


def order_page(order_id: UUID) -> Order:
    """Return one order as its page shows it."""
    return order_pages(Order.objects.filter(pk=order_id)).get()


def pages_of(order_ids: Collection[UUID]) -> list[Order]:
    """Return orders as their pages show them, by number; five queries, whatever their number."""
    return list(order_pages(Order.objects.filter(pk__in=order_ids)).order_by("number"))


def counts_by_status() -> dict[str, int]:
    """Return how many orders stand at each status: one query."""
    counts = Order.objects.order_by().values_list("status").annotate(orders=Count("pk"))
    return dict(counts)


def visible_order(reader: Reader, key: str) -> Order:
    """Return the order with this id or number as its page shows it, if ``reader`` may see it.

    Raises NotFound, alike for what does not exist and what is someone else's.
    """
    order = order_pages(_visible(reader, key)).first()
    if order is None:
        raise NotFound("There is no such order.")
    return order


def visible_order_alone(reader: Reader, key: str) -> Order:
    """Return the order with this id or number without its parts, as ``visible_order`` does."""
    order = _visible(reader, key).first()
    if order is None:
        raise NotFound("There is no such order.")
    return order


def _visible(reader: Reader, key: str) -> QuerySet[Order]:
    try:
        named = Q(pk=UUID(key))
    except ValueError:
        named = Q(number=numbers.normalise(key))
    return orders_visible_to(reader).filter(named)


def order_page_of_cart(cart: Cart) -> Order:
    """Return the order that was made from a cart."""
    return order_pages(Order.objects.filter(cart=cart)).get()


def as_placed(order: Order, lines: Sequence[OrderLine], events: Sequence[OrderEvent]) -> Order:
    """Load an order that has just been written with what ``order_page`` would find."""
    order.loaded_lines, order.loaded_events, order.loaded_shipments = list(lines), list(events), []
    order.units_to_ship = sum(line.quantity for line in lines if not line.is_digital)
    order.units_shipped = 0
    order.payment_state = None
    order.money_authorized = order.money_captured = order.money_refunded = None
    return order


def lines_with_variants(order: Order) -> list[OrderLine]:
    """Return all of an order's lines with their variants and products: one query."""
    lines = OrderLine.objects.filter(order=order).select_related("variant__product")
    return list(lines.order_by("position"))


def invoice_of(order_id: UUID) -> Invoice | None:
    """Return an order's invoice, or None before it has one."""
    return Invoice.objects.filter(order=order_id).first()


def has_payment_in_progress(order: Order) -> bool:
    """Tell whether money may be moving for a locked order: asked for, awaited or authorized.

    The payment belongs to a floor above: only its relation is followed here.
    """
    moving = Q(payment__status__in=HELD_BY_PAYMENT) | Q(
        payment__transactions__status__in=[REQUESTED, REQUIRES_ACTION]
    )
    return Order.objects.filter(moving, pk=order.pk).exists()


def returns_of(order: Order) -> QuerySet[Return]:
    """Return an order's returns as lists show them: two queries."""
    lines = _loaded("lines", ReturnLine.objects.order_by("id"))
    return Return.objects.filter(order=order).select_related("order").prefetch_related(lines)


def return_of(order: Order, return_id: str) -> Return:
    """Return one of an order's returns, or refuse as not found."""
    try:
        found = returns_of(order).filter(pk=UUID(return_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound("The order has no such return.")
    return found


def units_returned(order: Order, statuses: Collection[ReturnStatus]) -> dict[UUID, int]:
    """Return how many units of each line are in returns of one of these statuses."""
    lines = ReturnLine.objects.filter(parent__order=order, parent__status__in=statuses)
    return dict(lines.values_list("order_line").annotate(units=Sum("quantity")))


def orders_matching(orders: QuerySet[Order], text: str) -> QuerySet[Order]:
    """Return those of ``orders`` with ``text`` in number, e-mail, SKU, name or tracking number."""
    lines = OrderLine.objects.filter(
        Q(sku__iexact=text) | Q(product_name__icontains=text), order=OuterRef("pk")
    )
    parcels = Shipment.objects.filter(tracking_number__iexact=text, order=OuterRef("pk"))
    return orders.filter(
        Q(number__icontains=text) | Q(email__icontains=text) | Exists(lines) | Exists(parcels)
    )


def unpaid_orders_due(*, now: datetime) -> QuerySet[Order]:
    """Return pending orders whose time to pay is up and whose payment is not under way.

    A payment that waits for its customer counts as under way for as long as there was to pay;
    one that the provider has not answered, always. The payment belongs to a floor above: only
    its relation is followed here.
    """
    patience = timedelta(minutes=settings.ORDER_PAYMENT_MINUTES)
    under_way = Order.objects.filter(
        Q(payment__transactions__status=REQUESTED)
        | Q(
            payment__transactions__status=REQUIRES_ACTION,
            payment__transactions__at__gt=now - patience,
        ),
        pk=OuterRef("pk"),
    )
    due = Order.objects.filter(status=OrderStatus.PENDING, payment_due_at__lte=now)
    due = due.exclude(payment__status__in=HELD_BY_PAYMENT).exclude(Exists(under_way))
    return due.exclude(Exists(Shipment.objects.filter(order=OuterRef("pk"))))


def order_by_number_and_email(*, number: str, email: str) -> Order:
    """Return the order with this number that was placed with this e-mail address.

    Raises NotFound, alike whichever of the two is wrong.
    """
    emails = {typed_email_address(email), email.strip().lower()}  # the latter as stored before
    orders = Order.objects.filter(number=numbers.normalise(number), email__in=emails)
    order = order_pages(orders).first()
    if order is None:
        raise NotFound("There is no order with this number and e-mail address.")
    return order


def order_by_id(order_id: str | UUID) -> Order | None:
    """Return an order, or None."""
    return Order.objects.filter(pk=order_id).first()


def payment_summary(order: Order) -> PaymentSummary | None:
    """Return what the order's page tells about its payment: two queries, or None without one.

    The payment belongs to a floor above: only its relation is followed here.
    """
    columns = ("id", "provider", "status", "captured", "refunded")
    found = Order.objects.filter(pk=order.pk, payment__isnull=False)
    row = found.values_list(*(f"payment__{column}" for column in columns)).first()
    if row is None:
        return None
    steps = (
        Order.objects.filter(pk=order.pk, payment__transactions__isnull=False)
        .order_by("payment__transactions__at", "payment__transactions__id")
        .values_list(*(f"payment__transactions__{column}" for column in PaymentStep.__slots__))
    )
    payment_id, provider, status, captured, refunded = row
    return PaymentSummary(
        id=payment_id,
        provider=provider,
        status=status,
        captured=quantize(captured, order.currency),
        refunded=quantize(refunded, order.currency),
        steps=[
            replace(step, amount=quantize(step.amount, order.currency))
            for step in (PaymentStep(*columns) for columns in steps)
        ],
    )


def units_by_product(order_id: UUID) -> dict[UUID, int]:
    """Return how many units of each product an order has."""
    lines = OrderLine.objects.filter(order_id=order_id, quantity__gt=0).order_by("product_id")
    return dict(lines.values_list("product_id").annotate(units=Sum("quantity")))
