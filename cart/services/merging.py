"""A guest who signs in: what was gathered before joins the customer's cart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.models import User
from cart import selectors
from cart.models import MAXIMUM_QUANTITY, Cart, CartItem, CartStatus
from cart.selectors import Owner, PricedCart
from cart.services.carts import lock_open_cart, mark_merged, open_cart
from cart.services.choosing import Choice, RequestedItem, choose_variants
from cart.services.coupons import hold_coupons
from cart.services.items import MAXIMUM_LINES, see_prices
from cart.services.saved_items import join_saved
from core.errors import NotFound


@dataclass(frozen=True)
class MergedCart(PricedCart):
    """A customer's cart after a guest's has joined it, and what stock did not allow."""

    shortfalls: Sequence[Shortfall] = ()


@dataclass(frozen=True)
class Shortfall:
    """A variant of which fewer units joined than were wanted; the cart now holds ``quantity``."""

    variant_id: UUID
    requested: int
    quantity: int


@transaction.atomic
def merge_guest_cart(*, customer: User, token: str) -> MergedCart:
    """Join the guest's open cart with the customer's; a token without one changes nothing.

    Quantities add up, capped by what is available; what was capped is told. What is no longer
    for sale or priced in another currency stays behind. Coupons and what was saved for later
    join too. Locks the
    customer's cart, then the guest's.
    """
    cart = open_cart(owner=Owner(customer))
    join_saved(customer=customer, token=token)
    guests = lock_open_cart(owner=Owner(token=token))
    if guests is None or guests.status != CartStatus.OPEN:
        return _told(cart, [], set())
    items = selectors.items_of(cart_id=guests.id)
    choices = [
        Choice(item.variant, item.quantity) for item in items if selectors.is_for_sale(item.variant)
    ]
    mark_merged(cart=guests)
    if guests.coupons:
        hold_coupons(cart=cart, codes=[*cart.coupons, *guests.coupons])
    return _join(cart, choices)


@transaction.atomic
def merge(*, customer: User, items: Sequence[RequestedItem], token: str) -> MergedCart:
    """Join what was kept by the client, or, with ``token``, the guest's cart that is kept here.

    See ``merge_guest_cart``. Raises UnknownItem, and NotFound for a token that no cart has.
    """
    if token and not selectors.is_known_token(token=token):
        raise NotFound("There is no cart with this token.")
    if token:
        return merge_guest_cart(customer=customer, token=token)
    return _join(open_cart(owner=Owner(customer)), choose_variants(items=items))


def _join(cart: Cart, choices: Sequence[Choice]) -> MergedCart:
    held = {item.variant_id: item for item in CartItem.objects.filter(cart=cart)}
    if not held and choices:
        cart.currency = choices[0].variant.currency
        cart.save(update_fields=["currency"])
    available = selectors.units_available([choice.variant for choice in choices])
    shortfalls: list[Shortfall] = []
    for choice in choices:
        variant_id = choice.variant.id
        before = held[variant_id].quantity if variant_id in held else 0
        requested = before + choice.quantity
        upto = max(min(requested, available[variant_id], MAXIMUM_QUANTITY), before)
        if not _fits(cart, choice, held):
            upto = before
        if upto > before:
            held[variant_id] = _hold(cart, choice, upto)
        if upto < requested:
            shortfalls.append(Shortfall(variant_id, requested, upto))
    return _told(cart, shortfalls, {choice.variant.id for choice in choices})


def _told(cart: Cart, shortfalls: Sequence[Shortfall], joined: set[UUID]) -> MergedCart:
    priced = see_prices(priced=selectors.priced_cart(cart=cart), variant_ids=joined)
    return MergedCart(
        cart=priced.cart,
        currency=priced.currency,
        totals=priced.totals,
        lines=priced.lines,
        offers=priced.offers,
        shortfalls=shortfalls,
    )


def _fits(cart: Cart, choice: Choice, held: dict[UUID, CartItem]) -> bool:
    is_known = choice.variant.id in held
    return choice.variant.currency == cart.currency and (is_known or len(held) < MAXIMUM_LINES)


def _hold(cart: Cart, choice: Choice, quantity: int) -> CartItem:
    """Let a locked cart hold ``quantity`` units of the choice's variant."""
    item, _ = CartItem.objects.update_or_create(
        cart=cart,
        variant=choice.variant,
        defaults={"quantity": quantity, "unit_price_seen": choice.variant.price},
    )
    return item
