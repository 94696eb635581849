from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.utils import timezone

from cart import selectors
from cart.basket import CurrencyMismatch, PricedCart, is_for_sale
from cart.models import MAXIMUM_QUANTITY, Cart, CartItem, columns_of
from cart.selectors import Owner
from cart.services.carts import open_cart
from cart.services.choosing import (
    CHOOSE_VARIANTS_ERRORS,
    NotForSale,
    RequestedItem,
    choose_variants,
)
from core.errors import DomainError, InvalidInput, NotFound
from inventory.services.allocation import InsufficientStock, Shortage

MAXIMUM_LINES = 200


class QuantityTooLarge(InvalidInput):
    code = "quantity_too_large"
    title = f"A cart holds at most {MAXIMUM_QUANTITY} units of a variant."


class CartFull(DomainError):
    code = "cart_full"
    title = f"A cart holds at most {MAXIMUM_LINES} different variants."


# Adding is one statement, so that two adds at once never lose a unit.
_ADD: Final = """
    INSERT INTO cart_cartitem AS item ({columns}) VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (cart_id, variant_id) DO UPDATE
    SET quantity = item.quantity + excluded.quantity, updated_at = excluded.updated_at,
        unit_price_seen = excluded.unit_price_seen
    WHERE item.quantity + excluded.quantity <= %s
    RETURNING quantity
"""
_ADDED: Final = ("id", "created_at", "updated_at", "cart", "variant", "quantity", "unit_price_seen")
_ADD_ITEM: Final = _ADD.format(columns=columns_of(CartItem, *_ADDED))

ADD_ITEMS_ERRORS: Final = (
    *CHOOSE_VARIANTS_ERRORS,
    QuantityTooLarge,
    CurrencyMismatch,
    CartFull,
    InsufficientStock,
)


@transaction.atomic
def add_items(*, owner: Owner, items: Sequence[RequestedItem]) -> PricedCart:
    """Put ``items`` into the owner's cart, which is opened if need be; return it as it is then.

    A variant that already lies in the cart adds up. All or nothing. Locks the cart.
    """
    lines = choose_variants(items=items)
    cart = open_cart(owner=owner, currency=lines[0].variant.currency if lines else "")
    now = timezone.now()
    for line in lines:
        adopt_currency(cart=cart, currency=line.variant.currency)
        values = [cart.pk, line.variant.pk, line.quantity, line.variant.price, MAXIMUM_QUANTITY]
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(_ADD_ITEM, [line.id, now, now, *values])
            if line.quantity > MAXIMUM_QUANTITY or cursor.fetchone() is None:
                raise QuantityTooLarge(pointer="#/quantity")
    priced = selectors.priced_cart(cart=cart, token=owner.token)
    if len(priced.basket.lines) > MAXIMUM_LINES:
        raise CartFull
    added = {line.variant.pk for line in lines}
    refuse_shortage(priced=priced, variant_ids=added)
    return see_prices(priced=priced, variant_ids=added)


def adopt_currency(*, cart: Cart, currency: str) -> None:
    """Let an empty cart take on ``currency``. Raises CurrencyMismatch when it is not empty."""
    if cart.currency == currency:
        return
    if CartItem.objects.filter(cart=cart).exists():
        raise CurrencyMismatch(f"This cart is in {cart.currency}, the article in {currency}.")
    cart.currency = currency
    cart.save(update_fields=["currency"])


def see_prices(*, priced: PricedCart, variant_ids: set[UUID]) -> PricedCart:
    """Note which prices the customer sees now for these variants, which lists may lower.

    What was written with the item was the catalog's price, which is right for most: then no
    query is needed.
    """
    lines = []
    for line in priced.basket.lines:
        is_other = line.variant.pk in variant_ids and line.price_changed
        if is_other:
            CartItem.objects.filter(pk=line.id).update(unit_price_seen=line.unit_price)
        lines.append(replace(line, price_seen=line.unit_price) if is_other else line)
    return replace(priced, basket=replace(priced.basket, lines=lines))


def refuse_shortage(*, priced: PricedCart, variant_ids: set[UUID]) -> None:
    """Raise InsufficientStock when a line of one of these variants asks for more than there is."""
    short = [
        Shortage(line.variant.pk, line.quantity, line.available)
        for line in priced.basket.lines
        if line.variant.pk in variant_ids and line.quantity > line.available
    ]
    if short:
        raise InsufficientStock(short)


CHANGE_QUANTITY_ERRORS: Final = (NotFound, NotForSale, InsufficientStock)


@transaction.atomic
def change_quantity(*, owner: Owner, item_id: UUID, quantity: int) -> PricedCart:
    """Set how many units of an item there shall be, zero to take it out; return the cart then.

    The present price counts as seen. Locks the cart.
    """
    cart, item = own_item(owner, item_id)
    if quantity == 0:
        item.delete()
        return selectors.priced_cart(cart=cart, token=owner.token)
    if not is_for_sale(item.variant):
        raise NotForSale
    item.quantity, item.unit_price_seen = quantity, item.variant.price
    item.save(update_fields=["quantity", "unit_price_seen", "updated_at"])
    priced = selectors.priced_cart(cart=cart, token=owner.token)
    refuse_shortage(priced=priced, variant_ids={item.variant_id})
    return see_prices(priced=priced, variant_ids={item.variant_id})


REMOVE_ITEM_ERRORS: Final = (NotFound,)


@transaction.atomic
def remove_item(*, owner: Owner, item_id: UUID) -> None:
    """Take an item out of the owner's cart. Locks the cart."""
    own_item(owner, item_id)[1].delete()


def own_item(owner: Owner, item_id: UUID) -> tuple[Cart, CartItem]:
    """Lock the owner's open cart, renewing its time, and return it with one of its items."""
    if selectors.open_cart_of(owner=owner) is None:
        raise NotFound
    cart = open_cart(owner=owner)
    items = CartItem.objects.filter(cart=cart, pk=item_id).select_related("variant__product")
    item = items.first()
    if item is None:
        raise NotFound
    return cart, item
