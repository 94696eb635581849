"""Placing an order: one transaction from the cart's lock to the reserved stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg.errors import UniqueViolation

from cart import services as cart_services
from cart.models import CartStatus
from cart.selectors import Owner
from cart.services import RequestedItem
from core import events, rows
from core.errors import DomainError, InvalidInput
from inventory import services as inventory_services
from orders import numbers, selectors
from orders.events import OrderPlaced
from orders.models import Order, OrderEvent, OrderLine
from orders.services.addresses import AddressChoice, snapshot
from orders.services.basket import (
    Basket,
    EmptyCart,
    basket_of_cart,
    basket_of_items,
    choose_shipping,
    price_basket,
    taxed_at,
    with_coupons,
)
from pricing import services as pricing_services
from pricing.coupons import Buyer
from pricing.totals import Totals
from shipping.selectors import ShippingOption

NUMBER_TRIES = 5


class TotalChanged(DomainError):
    """The total is another one than the customer agreed to; nothing was ordered."""

    code = "total_changed"
    title = "The total has changed."


class EmailNeeded(InvalidInput):
    """A guest must say where news of the order goes."""

    code = "required"
    title = "A guest's order needs an e-mail address."


@dataclass(frozen=True)
class PlaceOrder:
    """What someone wants to order; ``items`` is None for what lies in their cart.

    ``shipping_method_id`` and ``shipping_address`` may be missing when nothing travels.
    ``coupons`` are codes beside those in the cart. ``expected_total`` is what the customer saw
    and agreed to.
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


@dataclass(frozen=True)
class _Draft:
    """Everything that has been decided about an order before it is written."""

    command: PlaceOrder
    basket: Basket
    totals: Totals
    option: ShippingOption | None
    shipping_address: dict[str, str] | None
    billing_address: dict[str, str] | None
    buyer: Buyer


def place_order(*, command: PlaceOrder) -> Order:
    """Turn a cart, or the items of the request, into a pending order and reserve its stock.

    All or nothing; announces OrderPlaced. A twin that waited for the cart's lock gets the
    first one's order. The order is returned as ``selectors.order_page`` would load it. Locks
    the cart, then the coupons, then the stock, as late as possible. Raises EmptyCart,
    NotForSale, UnknownItem, CurrencyMismatch, EmailNeeded, ShippingNeeded, CountryNotServed,
    ShippingUnavailable, InvalidAddress, UnknownCoupon, CouponRefused, TotalChanged,
    InsufficientStock.
    """
    for _ in range(NUMBER_TRIES - 1):
        try:
            return _place_at_once(command)
        except IntegrityError as error:
            if not _is_taken_number(error):
                raise
    return _place_at_once(command)


def _is_taken_number(error: IntegrityError) -> bool:
    """Tell whether the number that was drawn belongs to another order."""
    cause = error.__cause__
    return (
        isinstance(cause, UniqueViolation)
        and cause.diag.constraint_name == "order_number_is_unique"
    )


@transaction.atomic
def _place_at_once(command: PlaceOrder) -> Order:
    if not command.owner.customer and not command.email:
        raise EmailNeeded(pointer="#/email")
    if command.items is not None:
        basket = basket_of_items(items=command.items, customer=command.owner.customer)
        return _place(command, basket)
    cart = cart_services.lock_open_cart(owner=command.owner)
    if cart is None:
        raise EmptyCart
    if cart.status == CartStatus.ORDERED:
        return selectors.order_page_of_cart(cart)
    return _place(command, basket_of_cart(cart=cart))


def _place(command: PlaceOrder, basket: Basket) -> Order:
    now = timezone.now()
    draft = _draft(command, basket)
    order = _write_order(draft, now)
    lines = _write_lines(order, draft)
    event = OrderEvent(order=order, to_status=order.status, at=now, by=command.owner.customer)
    rows.insert(event)
    if basket.cart:
        cart_services.close_cart(cart=basket.cart)
    events.emit(OrderPlaced(order_id=order.pk))
    if coupon_ids := [offer.coupon.pk for offer in draft.basket.offers if offer.coupon]:
        pricing_services.redeem(order_id=order.pk, coupon_ids=coupon_ids, buyer=draft.buyer)
    inventory_services.reserve(order_id=order.pk, demands=basket.demands)
    return selectors.as_placed(order, lines, [event])


def _draft(command: PlaceOrder, basket: Basket) -> _Draft:
    """Decide everything about the order: addresses, coupons, delivery, price."""
    customer = command.owner.customer
    buyer = Buyer(customer, command.email)
    basket = with_coupons(basket=basket, codes=command.coupons, buyer=buyer)
    shipping = snapshot(
        choice=command.shipping_address, customer=customer, pointer="#/shipping_address"
    )
    billing = snapshot(
        choice=command.billing_address, customer=customer, pointer="#/billing_address"
    )
    option = choose_shipping(basket=basket, method_id=command.shipping_method_id, address=shipping)
    country, region = taxed_at(addresses=(shipping, billing), option=option)
    totals = price_basket(basket=basket, country=country, region=region, option=option)
    check_agreed_total(totals=totals, expected=command.expected_total)
    return _Draft(command, basket, totals, option, shipping, billing or shipping, buyer)


def check_agreed_total(*, totals: Totals, expected: Decimal | None) -> None:
    """Raise TotalChanged when the customer agreed to another total; None agrees to any."""
    if expected is not None and expected != totals.total:
        raise TotalChanged(
            f"The total is {totals.total} {totals.currency}.",
            total=totals.total,
            currency=totals.currency,
        )


def _write_order(draft: _Draft, now: datetime) -> Order:
    command, totals, owner = draft.command, draft.totals, draft.command.owner
    order = Order(
        number=numbers.new_number(),
        customer=owner.customer,
        email=owner.customer.email if owner.customer else command.email.strip().lower(),
        cart=draft.basket.cart,
        guest_token_digest=owner.token_digest,
        currency=totals.currency,
        prices_include_tax=totals.prices_include_tax,
        subtotal=totals.subtotal,
        discount_total=totals.discount_total,
        shipping_total=totals.shipping_total,
        shipping_tax_rate=totals.shipping_tax_rate,
        shipping_tax_amount=totals.shipping_tax_amount,
        tax_total=totals.tax_total,
        total=totals.total,
        shipping_address=draft.shipping_address,
        billing_address=draft.billing_address,
        shipping_method=draft.option.method if draft.option else None,
        shipping_method_name=draft.option.method.name if draft.option else "",
        coupons=[offer.code for offer in draft.basket.offers],
        customer_note=command.customer_note,
        placed_at=now,
        payment_due_at=now + timedelta(minutes=settings.ORDER_PAYMENT_MINUTES),
    )
    rows.insert(order)
    return order


def _write_lines(order: Order, draft: _Draft) -> list[OrderLine]:
    priced = zip(draft.basket.lines, draft.totals.lines, strict=True)
    lines = [
        OrderLine(
            id=line.id,
            order=order,
            position=position,
            product_id=line.choice.variant.product_id,
            variant_id=line.choice.variant.id,
            product_name=line.choice.variant.product.name,
            sku=line.choice.variant.sku,
            options=line.choice.variant.options,
            is_digital=line.choice.variant.is_digital,
            unit_price=totals.unit_price,
            unit_cost=line.choice.variant.cost_price,
            quantity=line.choice.quantity,
            line_discount=totals.discount,
            tax_rate=totals.tax_rate,
            tax_amount=totals.tax_amount,
            line_total=totals.total,
        )
        for position, (line, totals) in enumerate(priced, start=1)
    ]
    rows.insert_all(lines)
    return lines
