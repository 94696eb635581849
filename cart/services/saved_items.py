"""Putting things aside for later, and back into the cart."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least

from accounts.models import User
from cart import saved_items, selectors
from cart.models import MAXIMUM_QUANTITY, CartItem, SavedItem
from cart.selectors import Owner, PricedCart
from cart.services.carts import open_cart
from cart.services.choosing import Choice, NotForSale
from cart.services.items import MAXIMUM_LINES, add_items, own_item
from cart.tokens import digest_of
from core.errors import DomainError, NotFound


class SavedListFull(DomainError):
    """As much is put aside as can be."""

    code = "saved_list_full"
    title = f"At most {MAXIMUM_LINES} different variants can be saved for later."


@transaction.atomic
def save_for_later(*, owner: Owner, item_id: UUID) -> PricedCart:
    """Take an item out of the cart and put it aside; return the cart as it is then.

    What is put aside already adds up. Locks the cart. Raises NotFound, SavedListFull.
    """
    cart, item = own_item(owner, item_id)
    item.delete()
    _put_aside(owner, item)
    return selectors.priced_cart(cart=cart, token=owner.token)


@transaction.atomic
def move_to_cart(*, owner: Owner, saved_id: UUID) -> PricedCart:
    """Put what was saved back into the cart; return the cart as it is then. All or nothing.

    Locks the cart. Raises NotFound, NotForSale, and what ``add_items`` raises.
    """
    _find(owner, saved_id)
    open_cart(owner=owner)
    saved = _find(owner, saved_id)
    saved.delete()
    if not selectors.is_for_sale(saved.variant):
        raise NotForSale
    return add_items(owner=owner, choices=[Choice(saved.variant, saved.quantity)])


@transaction.atomic
def remove_saved(*, owner: Owner, saved_id: UUID) -> None:
    """Forget what was saved. Raises NotFound."""
    deleted, _ = saved_items.saved_of(owner=owner).filter(pk=saved_id).delete()
    if not deleted:
        raise NotFound


def join_saved(*, customer: User, token: str) -> None:
    """Give a customer, whose cart is locked, what a guest saved; what both saved stays as it is."""
    guests = SavedItem.objects.filter(customer=None, token_digest=digest_of(token))
    mine = SavedItem.objects.filter(customer=customer).values("variant")
    guests.filter(variant__in=mine).delete()
    guests.update(customer=customer, token_digest="")


def _find(owner: Owner, saved_id: UUID) -> SavedItem:
    found = saved_items.saved_of(owner=owner).filter(pk=saved_id)
    saved = found.select_related("variant__product").first()
    if saved is None:
        raise NotFound
    return saved


def _put_aside(owner: Owner, item: CartItem) -> None:
    saved = saved_items.saved_of(owner=owner)
    units = Least(F("quantity") + item.quantity, MAXIMUM_QUANTITY)
    same = saved.filter(variant=item.variant_id)
    if same.update(quantity=units, unit_price_seen=item.unit_price_seen):
        return
    if saved.count() >= MAXIMUM_LINES:
        raise SavedListFull
    SavedItem.objects.create(
        customer=owner.customer,
        token_digest=owner.token_digest,
        variant_id=item.variant_id,
        quantity=item.quantity,
        unit_price_seen=item.unit_price_seen,
    )
