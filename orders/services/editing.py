"""Changing an order that waits for payment: its stock and totals follow in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cart import selectors as cart_selectors
from cart.basket import Basket, BasketLine, CurrencyMismatch, is_for_sale
from cart.services import (
    CartFull,
    NotForSale,
    RequestedItem,
    UnknownItem,
    choose_variants,
    refuse_problems,
)
from cart.services.items import MAXIMUM_LINES
from core import events
from core.errors import DomainError, InvalidInput
from inventory import services as inventory_services
from inventory.services import InsufficientStock
from orders import selectors, transitions
from orders.events import OrderChanged
from orders.models import Order, OrderLine
from orders.services.addresses import SNAPSHOT_ERRORS, AddressChoice, country_of, snapshot
from orders.services.delivery import CHOOSE_SHIPPING_ERRORS, choose_shipping, taxed_at
from orders.services.drafts import hold_stock
from orders.services.history import add_note
from orders.services.payment_status import NOTHING_TO_PAY, mark_locked_paid
from orders.services.placing import (
    TOTALS,
    TotalChanged,
    check_agreed_total,
    demands_of,
    line_of,
    take_totals,
)
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
    at = "#/items"


class EmptyOrder(DomainError):
    """Nothing would be left of the order."""

    code = "empty_order"
    title = "An order keeps at least one line; cancel it instead."


class PaymentInProgress(DomainError):
    """Money may be moving for the order: its total must not change meanwhile."""

    code = "payment_in_progress"
    title = "A payment of this order is under way."


@dataclass(frozen=True)
class EditOrder:
    """What shall be different; what is None or not named stays.

    ``quantities`` maps lines, by their own id or their variant's, to units; 0 takes a line out,
    and a variant that the order does not have yet is added.
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
    EmptyOrder,
    CartFull,
    CurrencyMismatch,
    NotForSale,
    *SNAPSHOT_ERRORS,
    *CHOOSE_SHIPPING_ERRORS,
    CouponMinimumNotMet,
    CouponNotApplicable,
    TotalChanged,
    InsufficientStock,
)


@transaction.atomic
def edit_order(*, command: EditOrder) -> Order:
    """Change a pending order; all or nothing. Announces OrderChanged when something did change.

    Unit prices and coupons stay those of the order, but for lines that reach another price break
    or none any more; discounts, shipping and tax are computed anew, for the address as it is
    then. With nothing left to pay it is paid, and OrderPaid announced. Locks the order, looks at
    its payment, then locks the stock.
    """
    order = selectors.lock_order(command.order_id)
    transitions.check_editable(order)
    if selectors.has_payment_in_progress(order):
        raise PaymentInProgress
    before = _described(order)
    lines, has_other_units = _changed_lines(order, command.quantities)
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
    order.shipping_method = option.method if option else None
    order.shipping_method_name = option.method.name if option else ""
    addresses = (order.shipping_address, order.billing_address)
    totals = basket.totals(place=taxed_at(addresses=addresses, option=option), option=option)
    check_agreed_total(totals=totals, expected=command.expected_total)
    for name in TOTALS:
        setattr(order, name, getattr(totals, name))
    changes = ["quantities"] if has_other_units else []
    changes += [name for name, value in _described(order).items() if value != before[name]]
    if changes:
        _write(
            order,
            lines,
            totals,
            has_removed=0 in command.quantities.values(),
            note=f"Changed: {', '.join(changes)}.",
            by=command.by,
        )
    if not order.total:
        hold_stock(order=order)
        mark_locked_paid(order=order, at=timezone.now(), note=NOTHING_TO_PAY)
    if has_other_units and order.holds_stock:
        inventory_services.re_reserve(order_id=order.pk, demands=demands_of(lines))
    return order


def _described(order: Order) -> dict[str, Any]:
    """Return what an edit may change, by the words that the history uses for it."""
    return {
        "addresses": (order.shipping_address, order.billing_address),
        "shipping method": (order.shipping_method_id, order.shipping_method_name),
        "total": [getattr(order, name) for name in TOTALS],
    }


def _changed_lines(order: Order, quantities: Mapping[UUID, int]) -> tuple[list[OrderLine], bool]:
    """Return the lines as they shall be, and whether that is another thing than before.

    A unit costs what it did, unless the lists price the new quantity differently; what is added
    costs what it costs now.
    """
    every_line = selectors.lines_with_variants(order)
    lines = [line for line in every_line if line.quantity]
    by_key = {key: line for line in lines for key in (line.pk, line.variant_id)}
    units = {line.pk: line.quantity for line in lines}
    units |= {by_key[key].pk: number for key, number in quantities.items() if key in by_key}
    added = {key: number for key, number in quantities.items() if key not in by_key}
    changed = [line for line in lines if line.quantity != units[line.pk]]
    for line in changed:
        if units[line.pk] > line.quantity and not is_for_sale(line.variant):
            raise NotForSale(
                f"No longer for sale: {line.product_name}.", variants=[line.variant_id]
            )
    terms = cart_selectors.with_terms(
        [
            *(BasketLine(line.pk, line.variant, line.quantity) for line in changed),
            *_lines_to_add(order, added),
        ],
        customer=order.customer,
    )
    for line, old in zip(changed, terms, strict=False):
        line.quantity = units[line.pk]
        new = replace(old, quantity=line.quantity)
        if new.unit_price != old.unit_price:
            line.unit_price = new.unit_price
    last = max(line.position for line in every_line)
    kept = [line for line in lines if line.quantity]
    kept += [
        line_of(order, line, position=position)
        for position, line in enumerate(terms[len(changed) :], start=last + 1)
    ]
    if not kept:
        raise EmptyOrder
    if len(kept) > MAXIMUM_LINES:
        raise CartFull
    return kept, bool(changed or added)


def _lines_to_add(order: Order, added: Mapping[UUID, int]) -> list[BasketLine]:
    items = [RequestedItem(number, variant_id=variant_id) for variant_id, number in added.items()]
    try:
        lines = choose_variants(items=items)
    except UnknownItem:
        raise UnknownOrderLine(pointer="#/items") from None
    if not all(added.values()):
        raise UnknownOrderLine(pointer="#/items")
    if any(line.variant.currency != order.currency for line in lines):
        raise CurrencyMismatch(f"This order is in {order.currency}.")
    return lines


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
    order.country = country_of(order.shipping_address, order.billing_address)


def _write(
    order: Order,
    lines: Sequence[OrderLine],
    totals: Totals,
    *,
    has_removed: bool,
    note: str,
    by: User | None,
) -> None:
    take_totals(lines, totals)
    order.save(
        update_fields=[
            *TOTALS,
            *_ADDRESSES,
            "country",
            "shipping_method",
            "shipping_method_name",
            "updated_at",
        ]
    )
    if has_removed:
        removed = OrderLine.objects.filter(order=order).exclude(pk__in=[line.pk for line in lines])
        removed.update(quantity=0, line_discount=0, tax_amount=0, line_total=0)
    OrderLine.objects.bulk_create(
        lines, update_conflicts=True, update_fields=_LINE, unique_fields=["id"]
    )
    add_note(order=order, at=timezone.now(), by=by, note=note)
    events.emit(OrderChanged(order_id=order.pk))
