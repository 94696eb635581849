"""A guest who signs in: what the guest's cart holds joins the customer's cart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.models import User
from cart import selectors
from cart.basket import BasketLine, PricedCart
from cart.models import MAXIMUM_QUANTITY, Cart, CartItem, CartStatus
from cart.selectors import Owner
from cart.services.carts import lock_open_cart, mark_merged, open_cart
from cart.services.choosing import CHOOSE_VARIANTS_ERRORS, RequestedItem, choose_variants
from cart.services.coupons import hold_coupons
from cart.services.items import MAXIMUM_LINES, see_prices
from cart.services.saved_items import join_saved
from core.errors import NotFound


@dataclass(frozen=True)
class Shortfall:
    """A variant of which fewer units joined than were asked for; ``quantity`` lie in the cart."""

    variant_id: UUID
    requested: int
    quantity: int


@dataclass(frozen=True)
class MergedCart(PricedCart):
    """A customer's cart after a guest's has joined it, and what stock did not allow."""

    shortfalls: Sequence[Shortfall] = ()


@transaction.atomic
def merge_guest_cart(*, customer: User, token: str) -> MergedCart:
    """Join the guest's open cart with the customer's; a token without one changes nothing.

    Quantities add up, capped by what is available; what was capped is told. What is no longer
    for sale or priced in another currency stays behind. Coupons and what was saved for later
    join too. Locks the customer's cart, then the guest's.
    """
    cart = open_cart(owner=Owner(customer))
    join_saved(customer=customer, token=token)
    guests = lock_open_cart(owner=Owner(token=token))
    if guests is None or guests.status != CartStatus.OPEN:
        return _join(cart, [])
    lines = [line for line in selectors.lines_of(cart_id=guests.pk) if line.is_for_sale]
    mark_merged(cart=guests)
    if guests.coupons:
        hold_coupons(cart=cart, codes=[*cart.coupons, *guests.coupons])
    return _join(cart, lines)


MERGE_ERRORS: Final = (*CHOOSE_VARIANTS_ERRORS, NotFound)


@transaction.atomic
def merge(*, customer: User, items: Sequence[RequestedItem], token: str) -> MergedCart:
    """Join what was kept by the client, or, with ``token``, the guest's cart that is kept here.

    See ``merge_guest_cart``. A token that no cart has is not found.
    """
    if token and not selectors.is_known_token(token=token):
        raise NotFound("There is no cart with this token.")
    if token:
        return merge_guest_cart(customer=customer, token=token)
    cart = open_cart(owner=Owner(customer))
    return _join(cart, selectors.with_terms(choose_variants(items=items), customer=customer))


def _join(cart: Cart, lines: Sequence[BasketLine]) -> MergedCart:
    """Put lines, loaded with what is available of them, into a locked cart, as far as they fit."""
    held = dict(CartItem.objects.filter(cart=cart).values_list("variant_id", "quantity"))
    if not held and lines:
        cart.currency = lines[0].variant.currency
        cart.save(update_fields=["currency"])
    shortfalls = []
    for line in lines:
        variant = line.variant
        before = held.get(variant.pk, 0)
        requested = before + line.quantity
        joined = max(min(requested, line.available, MAXIMUM_QUANTITY), before)
        is_full = variant.pk not in held and len(held) >= MAXIMUM_LINES
        if is_full or variant.currency != cart.currency:
            joined = before
        if joined > before:
            CartItem.objects.update_or_create(
                cart=cart,
                variant=variant,
                defaults={"quantity": joined, "unit_price_seen": variant.price},
            )
            held[variant.pk] = joined
        if joined < requested:
            shortfalls.append(Shortfall(variant.pk, requested, joined))
    priced = see_prices(
        priced=selectors.priced_cart(cart=cart), variant_ids={line.variant.pk for line in lines}
    )
    return MergedCart(priced.basket, priced.totals, cart=priced.cart, shortfalls=shortfalls)
