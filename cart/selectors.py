"""Reads of carts: whose they are, what lies in them, what was put aside, and what it costs now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from cart.basket import Basket, BasketLine, PricedCart, basket_of
from cart.models import Cart, CartItem, CartStatus, SavedItem
from cart.tokens import digest_of, new_token
from catalog.models import ProductImage, ProductVariant
from core.compiled import CompiledQuery
from inventory import selectors as inventory_selectors
from pricing import selectors as pricing_selectors
from pricing.coupons import Buyer
from pricing.selectors import breaks_of


@dataclass(frozen=True)
class Owner:
    """Whose cart: a customer's, or a guest's who holds ``token``. A customer's token is ignored."""

    customer: User | None = None
    token: str = ""

    @property
    def token_digest(self) -> str:
        """The digest by which a guest's cart is found; empty for a customer."""
        return "" if self.customer else digest_of(self.token)

    @property
    def is_nobody(self) -> bool:
        return self.customer is None and not self.token


def open_carts() -> QuerySet[Cart]:
    return Cart.objects.filter(status=CartStatus.OPEN)


def open_cart_of(*, owner: Owner) -> Cart | None:
    """Return the owner's open cart, if there is one: at most one query."""
    if owner.customer:
        cart = open_carts().filter(customer=owner.customer).first()
        if cart:
            cart.customer = owner.customer
        return cart
    if owner.token:
        return open_carts().filter(token_digest=owner.token_digest).first()
    return None


def is_known_token(*, token: str) -> bool:
    """Tell whether a cart was ever made for ``token``, open or not."""
    return bool(token) and Cart.objects.filter(token_digest=digest_of(token)).exists()


def owner_who_writes(*, owner: Owner) -> Owner:
    """Return ``owner``, or a guest with a new token when they hold none that we gave out."""
    if owner.customer or is_known_token(token=owner.token):
        return owner
    return Owner(token=new_token())


def _first_image(*, product: str) -> Subquery:
    images = ProductImage.objects.filter(product=OuterRef(product)).order_by("position", "id")
    return Subquery(images.values("image")[:1])


# What the model says an item is loaded with.
_DETAILS: Final[dict[str, Any]] = {
    "image": _first_image(product="variant__product"),
    "units": inventory_selectors.available_units(variant="variant"),
    "breaks": pricing_selectors.price_breaks(variant="variant", customer="cart__customer"),
}
# Asked at every step of a purchase; compiling it takes 15 times as long as running it.
_ITEMS = CompiledQuery(
    lambda cart_id: (
        CartItem.objects.filter(cart=cart_id)
        .select_related("variant__product")
        .annotate(**_DETAILS)
        .order_by("created_at", "id")
    ),
    UUID,
)


def lines_of(*, cart_id: UUID) -> list[BasketLine]:
    """Return what lies in a cart, in the order it was put in, sold or not any more: one query."""
    return [
        BasketLine(
            id=item.id,
            variant=item.variant,
            quantity=item.quantity,
            breaks=breaks_of(item.breaks),
            units=item.units,
            price_seen=item.unit_price_seen,
            image=item.image,
        )
        for item in _ITEMS.all(cart_id)
    ]


def with_terms(lines: Sequence[BasketLine], *, customer: User | None) -> list[BasketLine]:
    """Return lines with price breaks for a customer (None: a guest), and stock: one query."""
    if not lines:
        return []
    customer_id = customer.pk if customer else None
    found = ProductVariant.all_objects.filter(pk__in=[line.variant.pk for line in lines])
    terms = {
        variant_id: (units, breaks_of(breaks))
        for variant_id, units, breaks in found.values_list(
            "pk",
            inventory_selectors.available_units(variant="pk"),
            pricing_selectors.price_breaks(variant="pk", customer=customer_id),
        )
    }
    return [
        replace(line, units=terms[line.variant.pk][0], breaks=terms[line.variant.pk][1])
        for line in lines
    ]


def priced_cart_of(*, owner: Owner) -> PricedCart:
    """Return the owner's cart as it is now: two queries, three with coupons; writes nothing."""
    cart = open_cart_of(owner=owner)
    if cart is None:
        basket = basket_of([])
        return PricedCart(basket, basket.totals())
    return priced_cart(cart=cart, token="" if owner.customer else owner.token)


def priced_cart(*, cart: Cart, token: str = "") -> PricedCart:
    """Return ``cart`` with lines and totals at present prices: one query, two with coupons.

    Shipping and tax are left out: they depend on an address.
    """
    basket = Basket(lines_of(cart_id=cart.id), cart.currency).with_coupons(
        cart.coupons, buyer=Buyer(cart.customer), now=timezone.now()
    )
    return PricedCart(basket, basket.totals(), cart=cart, token=token)


def saved_of(*, owner: Owner) -> QuerySet[SavedItem]:
    if owner.is_nobody:
        return SavedItem.objects.none()
    if owner.customer:
        return SavedItem.objects.filter(customer=owner.customer)
    return SavedItem.objects.filter(customer=None, token_digest=owner.token_digest)


def saved_lines_of(*, owner: Owner) -> list[BasketLine]:
    """Return what the owner has put aside, the latest first, as it is now: two queries."""
    saved = saved_of(owner=owner).select_related("variant__product").order_by("-updated_at", "-id")
    lines = [
        BasketLine(
            id=item.id,
            variant=item.variant,
            quantity=item.quantity,
            price_seen=item.unit_price_seen,
            image=item.picture,
        )
        for item in saved.annotate(picture=_first_image(product="variant__product"))
    ]
    return with_terms(lines, customer=owner.customer)
