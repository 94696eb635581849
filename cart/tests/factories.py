"""Carts for tests, filled through the services as a customer would."""

from __future__ import annotations

from accounts.models import User
from cart import services
from cart.basket import PricedCart
from cart.models import Cart
from cart.selectors import Owner
from cart.services import RequestedItem
from cart.tokens import new_token
from catalog.models import ProductVariant
from catalog.tests.factories import ProductFactory
from inventory.tests.factories import stock

Item = tuple[ProductVariant, int]


def sellable(*, stocked: int = 10, **fields: object) -> ProductVariant:
    """Make a product with one variant, of which ``stocked`` units lie in the shop.

    ``fields`` are ProductFactory's, such as ``variant__price``.
    """
    variant: ProductVariant = ProductFactory.create(**fields).variants.get()
    if stocked:
        stock(variant, stocked)
    return variant


def fill_cart(customer: User, *items: Item) -> PricedCart:
    """Put units of variants into a customer's cart."""
    return _fill(Owner(customer), items)


def fill_guest_cart(*items: Item) -> PricedCart:
    """Put units of variants into a new guest's cart; its ``token`` opens it."""
    return _fill(Owner(token=new_token()), items)


def cart_of(priced: PricedCart) -> Cart:
    """Return the stored cart."""
    assert priced.cart is not None
    return priced.cart


def _fill(owner: Owner, items: tuple[Item, ...]) -> PricedCart:
    requested = [RequestedItem(quantity, variant_id=variant.pk) for variant, quantity in items]
    return services.add_items(owner=owner, items=requested)
