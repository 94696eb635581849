"""Putting things into a cart, changing how many, taking them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from cart import selectors
from cart.models import MAXIMUM_QUANTITY, Cart, CartItem
from cart.selectors import CartLine, Owner, PricedCart
from cart.services.carts import open_cart
from cart.services.choosing import Choice, NotForSale
from core.errors import DomainError, InvalidInput, NotFound
from core.models import new_id
from inventory.services.demands import InsufficientStock, Shortage

MAXIMUM_LINES = 200


class QuantityTooLarge(InvalidInput):
    """More units than one line of a cart can hold."""

    code = "quantity_too_large"
    title = f"A cart holds at most {MAXIMUM_QUANTITY} units of a variant."


class CartFull(DomainError):
    """The cart has as many different lines as it can hold."""

    code = "cart_full"
    title = f"A cart holds at most {MAXIMUM_LINES} different variants."


class CurrencyMismatch(DomainError):
    """The cart already holds something priced in another currency."""

    code = "currency_mismatch"
    title = "A cart holds prices of one currency only."


# Adding is one statement, so that two adds at once never lose a unit.
_ADD = """
    INSERT INTO cart_cartitem AS item
        (id, created_at, updated_at, cart_id, variant_id, quantity, unit_price_seen)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (cart_id, variant_id) DO UPDATE
    SET quantity = item.quantity + excluded.quantity, updated_at = excluded.updated_at,
        unit_price_seen = excluded.unit_price_seen
    WHERE item.quantity + excluded.quantity <= %s
    RETURNING quantity
"""


@transaction.atomic
def add_items(*, owner: Owner, choices: Sequence[Choice]) -> PricedCart:
    """Put ``choices`` into the owner's cart, which is opened if need be; return it as it is then.

    A variant that already lies in the cart adds up. All or nothing. Locks the cart. Raises
    InsufficientStock, QuantityTooLarge, CurrencyMismatch, CartFull.
    """
    cart = open_cart(owner=owner, currency=choices[0].variant.currency if choices else "")
    for choice in choices:
        adopt_currency(cart=cart, currency=choice.variant.currency)
        put_in(cart=cart, choice=choice)
    priced = selectors.priced_cart(cart=cart, token=owner.token)
    changed = {choice.variant.id for choice in choices}
    refuse_overfull(priced=priced)
    refuse_shortage(priced=priced, variant_ids=changed)
    return see_prices(priced=priced, variant_ids=changed)


def put_in(*, cart: Cart, choice: Choice) -> None:
    """Add units of a variant to a locked cart. Raises QuantityTooLarge."""
    now = timezone.now()
    values = [cart.id, choice.variant.id, choice.quantity, choice.variant.price, MAXIMUM_QUANTITY]
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [new_id(), now, now, *values])
        if choice.quantity > MAXIMUM_QUANTITY or cursor.fetchone() is None:
            raise QuantityTooLarge(pointer="#/quantity")


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
    lines = [
        replace(line, price_seen=line.unit_price)
        if line.price_changed and line.variant.id in variant_ids
        else line
        for line in priced.lines
    ]
    for line, before in zip(lines, priced.lines, strict=True):
        if line is not before:
            CartItem.objects.filter(pk=line.id).update(unit_price_seen=line.price_seen)
    return replace(priced, lines=lines)


def refuse_overfull(*, priced: PricedCart) -> None:
    """Raise CartFull when the cart has too many lines."""
    if len(priced.lines) > MAXIMUM_LINES:
        raise CartFull


def refuse_shortage(*, priced: PricedCart, variant_ids: set[UUID]) -> None:
    """Raise InsufficientStock when a line of one of these variants wants more than there is."""
    short = [
        line
        for line in priced.lines
        if line.variant.id in variant_ids and line.quantity > line.available
    ]
    if short:
        raise shortage_of(lines=short)


def shortage_of(*, lines: Sequence[CartLine]) -> InsufficientStock:
    """Return the error for lines that want more than there is."""
    return InsufficientStock(
        [Shortage(line.variant.id, line.quantity, line.available) for line in lines]
    )


@transaction.atomic
def change_quantity(*, owner: Owner, item_id: UUID, quantity: int) -> PricedCart:
    """Set how many units of an item are wanted; zero takes it out. Returns the cart as it is then.

    The present price counts as seen. Locks the cart. Raises NotFound, NotForSale,
    InsufficientStock.
    """
    cart, item = own_item(owner, item_id)
    if quantity == 0:
        item.delete()
        return selectors.priced_cart(cart=cart, token=owner.token)
    if not selectors.is_for_sale(item.variant):
        raise NotForSale
    item.quantity, item.unit_price_seen = quantity, item.variant.price
    item.save(update_fields=["quantity", "unit_price_seen", "updated_at"])
    priced = selectors.priced_cart(cart=cart, token=owner.token)
    refuse_shortage(priced=priced, variant_ids={item.variant_id})
    return see_prices(priced=priced, variant_ids={item.variant_id})


@transaction.atomic
def remove_item(*, owner: Owner, item_id: UUID) -> None:
    """Take an item out of the owner's cart. Locks the cart. Raises NotFound."""
    _, item = own_item(owner, item_id)
    item.delete()


def own_item(owner: Owner, item_id: UUID) -> tuple[Cart, CartItem]:
    """Lock the owner's open cart, renewing its time, and return it with one of its items."""
    found = selectors.open_cart_of(owner=owner)
    if found is None:
        raise NotFound
    cart = open_cart(owner=owner)
    items = CartItem.objects.filter(cart=cart, pk=item_id)
    item = items.select_related("variant__product").first()
    if item is None:
        raise NotFound
    return cart, item
