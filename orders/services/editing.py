"""Changing an order that waits for payment: its stock and totals follow in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cart import selectors as cart_selectors
from cart.basket import Basket, BasketLine, is_for_sale
from cart.services import NotForSale, refuse_problems
from core import events
from core.errors import DomainError, InvalidInput
from inventory import services as inventory_services
from inventory.services import InsufficientStock
from orders import selectors, transitions
from orders.events import OrderChanged
from orders.models import Order, OrderLine
from orders.services.addresses import SNAPSHOT_ERRORS, AddressChoice, snapshot
from orders.services.delivery import CHOOSE_SHIPPING_ERRORS, choose_shipping, taxed_at
from orders.services.history import add_note
from orders.services.payment_status import NOTHING_TO_PAY, mark_locked_paid
from orders.services.placing import TOTALS, TotalChanged, check_agreed_total, demands_of
from orders.transitions import InvalidTransition
from pricing import selectors as pricing_selectors
from pricing.coupons import CouponMinimumNotMet, CouponNotApplicable
from pricing.totals import Totals

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


EDIT_ORDER_ERRORS: Final = (
    InvalidTransition,
    PaymentInProgress,
    UnknownOrderLine,
    NotForSale,
    *SNAPSHOT_ERRORS,
    *CHOOSE_SHIPPING_ERRORS,
    CouponMinimumNotMet,
    CouponNotApplicable,
    TotalChanged,
    InsufficientStock,
)


@transaction.atomic
def edit_order(*, command: EditOrder, precondition: Callable[[Order], None] | None = None) -> Order:
    """Change a pending order; all or nothing. Announces OrderChanged when something did change.

    Unit prices and coupons stay those of the order, but for lines that reach another price break
    or none any more; discounts, shipping and tax are computed anew, for the address as it is
    then. With nothing left to pay it is paid, and OrderPaid announced. ``precondition`` may
    refuse the locked order. Locks the order, looks at its payment, then locks the stock.
    """
    order = selectors.lock_order(command.order_id)
    if precondition:
        precondition(order)
    transitions.check_editable(order)
    if selectors.has_payment_in_progress(order):
        raise PaymentInProgress
    lines = selectors.lines_with_variants(order)
    before = _described(order)
    has_other_units = _set_quantities(order, lines, command.quantities)
    _set_addresses(order, command)
    basket = Basket(
        [
            BasketLine(line.pk, line.variant, line.quantity, agreed_price=line.unit_price)
            for line in lines
        ],
        order.currency,
    )
    if order.coupons:
        offers = pricing_selectors.offers_of_order(
            order.pk, lines=basket.priced_lines, currency=basket.currency
        )
        refuse_problems(offers=offers, codes=[])
        basket = replace(basket, offers=offers)
    method_id = command.shipping_method_id or order.shipping_method_id
    option = choose_shipping(basket=basket, method_id=method_id, address=order.shipping_address)
    if option:
        order.shipping_method, order.shipping_method_name = option.method, option.method.name
    addresses = (order.shipping_address, order.billing_address)
    totals = basket.totals(place=taxed_at(addresses=addresses, option=option), option=option)
    check_agreed_total(totals=totals, expected=command.expected_total)
    for name in TOTALS:
        setattr(order, name, getattr(totals, name))
    changes = ["quantities"] if has_other_units else []
    changes += [name for name, value in _described(order).items() if value != before[name]]
    if changes:
        _write(order, lines, totals, note=f"Changed: {', '.join(changes)}.", by=command.by)
    if not order.total:
        mark_locked_paid(order=order, at=timezone.now(), note=NOTHING_TO_PAY)
    if has_other_units:
        inventory_services.re_reserve(order_id=order.pk, demands=demands_of(lines))
    return order


def _described(order: Order) -> dict[str, Any]:
    """Return what an edit may change, by the words that the history uses for it."""
    return {
        "addresses": (order.shipping_address, order.billing_address),
        "shipping method": (order.shipping_method_id, order.shipping_method_name),
        "total": [getattr(order, name) for name in TOTALS],
    }


def _set_quantities(
    order: Order, lines: Sequence[OrderLine], quantities: Mapping[UUID, int]
) -> bool:
    """Give lines their new quantities, and the prices that these reach; tell whether any is new.

    A unit costs what it did, unless the lists price the new quantity differently.
    """
    by_key = {key: line for line in lines for key in (line.pk, line.variant_id)}
    changed: dict[UUID, OrderLine] = {}
    for key, quantity in quantities.items():
        line = by_key.get(key)
        if line is None:
            raise UnknownOrderLine(pointer="#/items")
        if quantity > line.quantity and not is_for_sale(line.variant):
            raise NotForSale(
                f"No longer for sale: {line.product_name}.", variants=[line.variant_id]
            )
        if quantity != line.quantity:
            changed[line.pk] = line
    before = cart_selectors.with_terms(
        [BasketLine(line.pk, line.variant, line.quantity) for line in changed.values()],
        customer=order.customer,
    )
    for key, quantity in quantities.items():
        by_key[key].quantity = quantity
    for old in before:
        line = changed[old.id]
        new = replace(old, quantity=line.quantity)
        if new.unit_price != old.unit_price:
            line.unit_price = new.unit_price
    return bool(changed)


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


def _write(
    order: Order, lines: Sequence[OrderLine], totals: Totals, *, note: str, by: User | None
) -> None:
    for line, priced in zip(lines, totals.lines, strict=True):
        line.unit_price = priced.unit_price
        line.line_discount, line.line_total = priced.discount, priced.total
        line.tax_rate, line.tax_amount = priced.tax_rate, priced.tax_amount
    order.save(
        update_fields=[
            *TOTALS,
            *_ADDRESSES,
            "shipping_method",
            "shipping_method_name",
            "updated_at",
        ]
    )
    OrderLine.objects.bulk_update(lines, _LINE)
    add_note(order=order, at=timezone.now(), by=by, note=note)
    events.emit(OrderChanged(order_id=order.pk))
