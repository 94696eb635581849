"""Changing an order that waits for payment: its stock and totals follow in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cart import selectors as cart_selectors
from cart.services import Choice, NotForSale
from core import events
from core.errors import DomainError, InvalidInput
from inventory import services as inventory_services
from inventory.services import Demand
from orders import selectors, transitions
from orders.events import OrderChanged
from orders.models import Order, OrderLine
from orders.services.addresses import AddressChoice, snapshot
from orders.services.basket import (
    Basket,
    BasketLine,
    choose_shipping,
    price_basket,
    taxed_at,
    with_coupons_of,
)
from orders.services.history import add_note
from orders.services.placing import check_agreed_total
from pricing import selectors as pricing_selectors
from pricing.totals import Totals

_TOTALS: Final = (
    "prices_include_tax",
    "subtotal",
    "discount_total",
    "shipping_total",
    "shipping_tax_rate",
    "shipping_tax_amount",
    "tax_total",
    "total",
)
_ADDRESSES: Final = ("shipping_address", "billing_address")
_LINE: Final = ("quantity", "unit_price", "line_discount", "tax_rate", "tax_amount", "line_total")


class UnknownOrderLine(InvalidInput):
    """The order has no line with this id or variant."""

    code = "unknown_line"
    title = "The order has no such line."


class PaymentInProgress(DomainError):
    """Money may be moving for the order: its total must not change meanwhile."""

    code = "payment_in_progress"
    title = "A payment of this order is under way."


@dataclass(frozen=True)
class EditOrder:
    """What shall be different; what is None or not named stays.

    ``quantities`` maps lines, by their own id or their variant's, to units of at least 1.
    ``expected_total`` is what the customer agreed to pay.
    """

    order_id: UUID
    by: User | None = None
    quantities: Mapping[UUID, int] = field(default_factory=dict)
    shipping_address: AddressChoice | None = None
    billing_address: AddressChoice | None = None
    shipping_method_id: UUID | None = None
    expected_total: Decimal | None = None


@transaction.atomic
def edit_order(*, command: EditOrder, precondition: Callable[[Order], None] | None = None) -> Order:
    """Change a pending order; all or nothing. Announces OrderChanged when something did change.

    Unit prices and coupons stay those of the order, but for lines that reach another price break
    or none any more; discounts, shipping and tax are computed anew, for the address as it is
    then. ``precondition`` may refuse the locked order. Locks the
    order, looks at its payment, then locks the stock. Raises InvalidTransition,
    PaymentInProgress, UnknownOrderLine, NotForSale, UnknownAddress, InvalidAddress,
    CountryNotServed, ShippingUnavailable, TotalChanged, InsufficientStock, and CouponRefused
    where a coupon would give nothing any more.
    """
    order = selectors.lock_order(command.order_id)
    if precondition:
        precondition(order)
    transitions.check_editable(order)
    if selectors.has_payment_in_progress(order):
        raise PaymentInProgress
    lines = selectors.lines_with_variants(order)
    before = _described(order)
    units_before = {line.pk: line.quantity for line in lines}
    has_other_units = _set_quantities(lines, command.quantities)
    if has_other_units:
        _set_unit_prices(order, lines, units_before)
    _set_addresses(order, command)
    _price(order, lines, command)
    changes = ["quantities"] if has_other_units else []
    changes += [name for name, value in _described(order).items() if value != before[name]]
    if changes:
        _write(order, lines, f"Changed: {', '.join(changes)}.", command.by)
    if has_other_units:
        inventory_services.re_reserve(order_id=order.pk, demands=_demands(lines))
    return order


def _described(order: Order) -> dict[str, Any]:
    """Return what an edit may change, by the words that the history uses for it."""
    return {
        "addresses": (order.shipping_address, order.billing_address),
        "shipping method": (order.shipping_method_id, order.shipping_method_name),
        "total": [getattr(order, name) for name in _TOTALS],
    }


def _demands(lines: Sequence[OrderLine]) -> list[Demand]:
    return [
        Demand(line.pk, line.variant_id, line.quantity) for line in lines if not line.is_digital
    ]


def _set_quantities(lines: Sequence[OrderLine], quantities: Mapping[UUID, int]) -> bool:
    """Give the lines their new quantities and tell whether any is another one."""
    by_key = {key: line for line in lines for key in (line.pk, line.variant_id)}
    has_changed = False
    for key, quantity in quantities.items():
        line = by_key.get(key)
        if line is None:
            raise UnknownOrderLine(pointer="#/items")
        if quantity > line.quantity and not cart_selectors.is_for_sale(line.variant):
            raise NotForSale(
                f"No longer for sale: {line.product_name}.", variants=[line.variant_id]
            )
        has_changed |= quantity != line.quantity
        line.quantity = quantity
    return has_changed


def _set_unit_prices(
    order: Order, lines: Sequence[OrderLine], units_before: Mapping[UUID, int]
) -> None:
    """Let lines cost what their new quantity costs now, where lists price it differently."""
    changed = [line for line in lines if line.quantity != units_before[line.pk]]
    breaks = pricing_selectors.breaks_for(
        [line.variant_id for line in changed], customer_id=order.customer_id
    )
    for line in changed:
        before, now = (
            Choice(line.variant, quantity, breaks[line.variant_id]).unit_price
            for quantity in (units_before[line.pk], line.quantity)
        )
        if now != before:
            line.unit_price = now


def _set_addresses(order: Order, command: EditOrder) -> None:
    """Give the order its new addresses; the billing address follows one that was the same."""
    is_one_address = order.billing_address == order.shipping_address
    shipping, billing = (
        snapshot(choice=choice, customer=order.customer, pointer=f"#/{name}")
        for choice, name in zip(
            (command.shipping_address, command.billing_address), _ADDRESSES, strict=True
        )
    )
    order.shipping_address = shipping or order.shipping_address
    if billing or is_one_address:
        order.billing_address = billing or order.shipping_address


def _price(order: Order, lines: Sequence[OrderLine], command: EditOrder) -> None:
    """Compute shipping, tax and totals anew."""
    basket = _basket(order, lines)
    method_id = command.shipping_method_id or order.shipping_method_id
    option = choose_shipping(basket=basket, method_id=method_id, address=order.shipping_address)
    if option:
        order.shipping_method = option.method
        order.shipping_method_name = option.method.name
    addresses = (order.shipping_address, order.billing_address)
    country, region = taxed_at(addresses=addresses, option=option)
    totals = price_basket(basket=basket, country=country, region=region, option=option)
    check_agreed_total(totals=totals, expected=command.expected_total)
    _take_totals(order, lines, totals)


def _basket(order: Order, lines: Sequence[OrderLine]) -> Basket:
    basket = Basket(
        lines=[
            BasketLine(line.pk, Choice(line.variant, line.quantity), line.unit_price)
            for line in lines
        ],
        currency=order.currency,
    )
    return with_coupons_of(order=order, basket=basket) if order.coupons else basket


def _take_totals(order: Order, lines: Sequence[OrderLine], totals: Totals) -> None:
    for name in _TOTALS:
        setattr(order, name, getattr(totals, name))
    for line, priced in zip(lines, totals.lines, strict=True):
        line.unit_price = priced.unit_price
        line.line_discount, line.line_total = priced.discount, priced.total
        line.tax_rate, line.tax_amount = priced.tax_rate, priced.tax_amount


def _write(order: Order, lines: Sequence[OrderLine], note: str, by: User | None) -> None:
    order.save(
        update_fields=[
            *_TOTALS,
            *_ADDRESSES,
            "shipping_method",
            "shipping_method_name",
            "updated_at",
        ]
    )
    OrderLine.objects.bulk_update(lines, _LINE)
    add_note(order=order, at=timezone.now(), by=by, note=note)
    events.emit(OrderChanged(order_id=order.pk))
