"""Placing an order: one transaction from the cart's lock to the reserved stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar, Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg.errors import UniqueViolation

from accounts.models import User
from cart import selectors as cart_selectors
from cart import services as cart_services
from cart.basket import Basket, BasketLine, CurrencyMismatch, basket_of
from cart.models import Cart, CartStatus
from cart.selectors import Owner
from cart.services import CHOOSE_VARIANTS_ERRORS, NotForSale, RequestedItem
from cart.tokens import new_token
from core import events, rows, text
from core.errors import DomainError, InvalidInput
from core.models import new_id
from inventory import services as inventory_services
from inventory.services import Demand, InsufficientStock
from orders import numbers, selectors
from orders.events import OrderPlaced
from orders.models import Order, OrderEvent, OrderLine
from orders.services.addresses import SNAPSHOT_ERRORS, AddressChoice, country_of, snapshot
from orders.services.delivery import CHOOSE_SHIPPING_ERRORS, choose_shipping, taxed_at
from orders.services.drafts import draft_due_at
from orders.services.payment_status import NOTHING_TO_PAY, mark_locked_paid
from pricing import services as pricing_services
from pricing.coupons import COUPON_ERRORS, Buyer, CouponRefused, normalised
from pricing.totals import Totals

NUMBER_TRIES = 5
# What an order stores of its totals, by the same names.
TOTALS: Final = (
    "prices_include_tax",
    "subtotal",
    "discount_total",
    "shipping_total",
    "shipping_tax_rate",
    "shipping_tax_amount",
    "tax_total",
    "total",
)


class EmptyCart(DomainError):
    """There is nothing in the cart to order."""

    code = "empty_cart"
    title = "The cart is empty."


class TotalChanged(DomainError):
    """The total is another one than the customer agreed to; nothing was ordered."""

    code = "total_changed"
    title = "The total has changed."
    example: ClassVar = {"total": "24.90", "currency": "USD"}
    remedy = "Show the customer `total`, and repeat with it when they agree."


class EmailNeeded(InvalidInput):
    """A guest must say where news of the order goes."""

    code = "required"
    title = "A guest's order needs an e-mail address."
    at = "#/email"


class UnknownCustomer(InvalidInput):
    """Nobody who could order has this id."""

    code = "unknown_customer"
    title = "There is no such customer."
    at = "#/customer"


def owner_entered_for(*, customer_id: UUID | None) -> Owner:
    """Return for whom staff enter an order: a customer, or without an id a guest with a token."""
    if customer_id is None:
        return Owner(token=new_token())
    customer = User.objects.filter(pk=customer_id, is_active=True).first()
    if customer is None:
        raise UnknownCustomer(pointer="#/customer")
    return Owner(customer)


@dataclass(frozen=True)
class PlaceOrder:
    """What someone wants to order; ``items`` is None for what lies in their cart.

    ``shipping_method_id`` and ``shipping_address`` may be missing when nothing travels.
    ``coupons`` are codes beside those in the cart. ``expected_total`` is what the customer saw
    and agreed to. ``by`` is who enters the order for someone else. A draft waits to be sent with a
    payment link; it may hold no stock until it is paid.
    """

    owner: Owner
    shipping_address: AddressChoice | None = None
    shipping_method_id: UUID | None = None
    billing_address: AddressChoice | None = None
    email: str = ""
    items: Sequence[RequestedItem] | None = None
    coupons: Sequence[str] = ()
    customer_note: str = ""
    expected_total: Decimal | None = None
    by: User | None = None
    is_draft: bool = False
    holds_stock: bool = True


PLACE_ORDER_ERRORS: Final = (
    UnknownCustomer,
    EmailNeeded,
    EmptyCart,
    NotForSale,
    *CHOOSE_VARIANTS_ERRORS,
    CurrencyMismatch,
    *COUPON_ERRORS,
    *SNAPSHOT_ERRORS,
    *CHOOSE_SHIPPING_ERRORS,
    TotalChanged,
    CouponRefused,
    InsufficientStock,
)


def place_order(*, command: PlaceOrder) -> Order:
    """Turn a cart, or the items of the request, into an order and reserve its stock.

    All or nothing; announces OrderPlaced, unless it is a draft, and OrderPaid when there is nothing
    to pay. A twin that waited for the cart's lock gets the first one's order. It is returned as
    ``selectors.order_page`` would load it. Locks the cart, then the coupons, then the stock, as
    late as possible.
    """
    for _ in range(NUMBER_TRIES - 1):
        try:
            return _place(command)
        except IntegrityError as error:
            cause = error.__cause__
            name = cause.diag.constraint_name if isinstance(cause, UniqueViolation) else ""
            if name != "order_number_is_unique":
                raise
    return _place(command)


@transaction.atomic
def _place(command: PlaceOrder) -> Order:
    customer, now = command.owner.customer, timezone.now()
    if not command.email and (not customer or (command.is_draft and customer == command.by)):
        raise EmailNeeded(pointer="#/email")
    cart = None
    if command.items is None:
        cart = cart_services.lock_open_cart(owner=command.owner)
        if cart and cart.status == CartStatus.ORDERED:
            return selectors.order_page_of_cart(cart)
    buyer = Buyer(customer, command.email)
    basket = _basket(command, cart, buyer, now)
    shipping, billing = _addresses(command)
    option = choose_shipping(basket=basket, method_id=command.shipping_method_id, address=shipping)
    place = taxed_at(addresses=(shipping, billing), option=option)
    totals = basket.totals(place=place, option=option)
    check_agreed_total(totals=totals, expected=command.expected_total)
    order = Order(
        number=numbers.new_number(),
        customer=customer,
        email=customer.email if customer else text.typed_email_address(command.email),
        cart=cart,
        guest_token_digest="" if command.is_draft else command.owner.token_digest,
        currency=basket.currency,
        **{name: getattr(totals, name) for name in TOTALS},
        shipping_address=shipping,
        country=country_of(shipping, billing),
        billing_address=billing or shipping,
        shipping_method=option.method if option else None,
        shipping_method_name=option.method.name if option else "",
        coupons=[offer.code for offer in basket.offers],
        customer_note=command.customer_note,
        placed_at=now,
        payment_due_at=_due_at(command, now),
        is_draft=command.is_draft,
        holds_stock=command.holds_stock or not totals.total,
    )
    rows.insert(order)
    lines = [
        line_of(order, line, position=position)
        for position, line in enumerate(basket.lines, start=1)
    ]
    take_totals(lines, totals)
    rows.insert_all(lines)
    event = OrderEvent(order=order, to_status=order.status, at=now, by=command.by or customer)
    rows.insert(event)
    if cart:
        cart_services.close_cart(cart=cart)
    if not order.is_draft:
        events.emit(OrderPlaced(order_id=order.pk))
    if coupon_ids := [offer.coupon.pk for offer in basket.offers if offer.coupon]:
        pricing_services.redeem(order_id=order.pk, coupon_ids=coupon_ids, buyer=buyer)
    history = [event]
    if not order.total and (paid := mark_locked_paid(order=order, at=now, note=NOTHING_TO_PAY)):
        history.append(paid)
    if order.holds_stock:
        inventory_services.reserve(order_id=order.pk, demands=demands_of(lines))
    return selectors.as_placed(order, lines, history)


def _addresses(command: PlaceOrder) -> tuple[dict[str, str] | None, dict[str, str] | None]:
    """Return where the order is sent and billed, as it keeps them."""
    shipping, billing = (
        snapshot(choice=choice, customer=command.owner.customer, pointer=pointer)
        for choice, pointer in (
            (command.shipping_address, "#/shipping_address"),
            (command.billing_address, "#/billing_address"),
        )
    )
    return shipping, billing


def _due_at(command: PlaceOrder, now: datetime) -> datetime:
    minutes = timedelta(minutes=settings.ORDER_PAYMENT_MINUTES)
    return draft_due_at(now=now) if command.is_draft else now + minutes


def _basket(command: PlaceOrder, cart: Cart | None, buyer: Buyer, now: datetime) -> Basket:
    """Return what is to be ordered, with its coupons: the request's items, or a locked cart's."""
    if command.items is not None:
        lines = cart_services.choose_variants(items=command.items)
        lines = cart_selectors.with_terms(lines, customer=buyer.customer)
    elif cart and cart.status == CartStatus.OPEN:
        lines = cart_selectors.lines_of(cart_id=cart.pk)
    else:
        lines = []
    if not lines:
        raise EmptyCart
    gone = [line.variant for line in lines if not line.is_for_sale]
    if gone:
        names = ", ".join(variant.product.name for variant in gone)
        raise NotForSale(f"No longer for sale: {names}.", variants=[variant.pk for variant in gone])
    typed = [normalised(code) for code in command.coupons]
    codes = list(dict.fromkeys([*(cart.coupons if cart else ()), *typed]))
    basket = basket_of(lines).with_coupons(codes, buyer=buyer, now=now)
    cart_services.refuse_problems(offers=basket.offers, codes=typed)
    return basket


def check_agreed_total(*, totals: Totals, expected: Decimal | None) -> None:
    """Raise TotalChanged when the customer agreed to another total; None agrees to any."""
    if expected is not None and expected != totals.total:
        raise TotalChanged(
            f"The total is {totals.total} {totals.currency}.",
            total=totals.total,
            currency=totals.currency,
        )


def line_of(order: Order, basket_line: BasketLine, *, position: int) -> OrderLine:
    """Return a new line of an order, before ``take_totals`` has written its amounts."""
    variant = basket_line.variant
    return OrderLine(
        id=new_id(),
        order=order,
        position=position,
        product_id=variant.product_id,
        variant=variant,
        product_name=variant.product.name,
        sku=variant.sku,
        options=variant.options,
        is_digital=variant.is_digital,
        unit_price=basket_line.unit_price,
        unit_cost=variant.cost_price,
        quantity=basket_line.quantity,
    )


def take_totals(lines: Sequence[OrderLine], totals: Totals) -> None:
    """Give lines, in the order of ``totals``, their prices, discounts and taxes."""
    for line, line_totals in zip(lines, totals.lines, strict=True):
        line.unit_price = line_totals.unit_price
        line.line_discount, line.line_total = line_totals.discount, line_totals.total
        line.tax_rate, line.tax_amount = line_totals.tax_rate, line_totals.tax_amount


def demands_of(lines: Sequence[OrderLine]) -> list[Demand]:
    """Return the stock that an order's lines need."""
    return [
        Demand(line.pk, line.variant_id, line.quantity) for line in lines if not line.is_digital
    ]
