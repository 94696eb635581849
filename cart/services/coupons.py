from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import transaction

from cart import selectors
from cart.basket import PricedCart
from cart.models import Cart
from cart.selectors import Owner
from cart.services.carts import open_cart
from core.errors import DomainError, NotFound
from pricing.coupons import COUPON_ERRORS, normalised

MAXIMUM_COUPONS = 10


class TooManyCoupons(DomainError):
    code = "too_many_coupons"
    title = f"A cart holds at most {MAXIMUM_COUPONS} coupons."


APPLY_COUPON_ERRORS: Final = (TooManyCoupons, *COUPON_ERRORS)


@transaction.atomic
def apply_coupon(*, owner: Owner, code: str) -> PricedCart:
    """Put a coupon into the owner's cart, which is opened if need be; return it as it is then.

    A code that is in already changes nothing. Locks the cart.
    """
    cart = open_cart(owner=owner)
    added = normalised(code)
    codes = list(dict.fromkeys([*cart.coupons, added]))
    if len(codes) > MAXIMUM_COUPONS:
        raise TooManyCoupons
    hold_coupons(cart=cart, codes=codes)
    priced = selectors.priced_cart(cart=cart, token=owner.token)
    for offer in priced.basket.offers:
        if offer.problem and offer.code == added:
            offer.problem.pointer = "#/code"
            raise offer.problem
    return priced


REMOVE_COUPON_ERRORS: Final = (NotFound,)


@transaction.atomic
def remove_coupon(*, owner: Owner, code: str) -> None:
    """Take a coupon out of the owner's cart. Locks the cart."""
    if selectors.open_cart_of(owner=owner) is None:
        raise NotFound
    cart = open_cart(owner=owner)
    codes = [held for held in cart.coupons if held != normalised(code)]
    if len(codes) == len(cart.coupons):
        raise NotFound("This coupon is not in the cart.")
    hold_coupons(cart=cart, codes=codes)


def hold_coupons(*, cart: Cart, codes: Sequence[str]) -> None:
    """Let a locked cart hold exactly these codes, each once, as many as it can."""
    cart.coupons = list(dict.fromkeys(codes))[:MAXIMUM_COUPONS]
    cart.save(update_fields=["coupons"])
