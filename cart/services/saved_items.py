from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least

from accounts.models import User
from cart import selectors
from cart.basket import PricedCart, is_for_sale
from cart.models import MAXIMUM_QUANTITY, SavedItem
from cart.selectors import Owner
from cart.services.carts import open_cart
from cart.services.choosing import NotForSale, RequestedItem
from cart.services.items import ADD_ITEMS_ERRORS, MAXIMUM_LINES, add_items, own_item
from cart.tokens import digest_of
from core.errors import DomainError, NotFound


class SavedListFull(DomainError):
    code = "saved_list_full"
    title = f"At most {MAXIMUM_LINES} different variants can be saved for later."


SAVE_FOR_LATER_ERRORS: Final = (NotFound, SavedListFull)


@transaction.atomic
def save_for_later(*, owner: Owner, item_id: UUID) -> PricedCart:
    """Take an item out of the cart and put it aside; return the cart as it is then.

    What is put aside already adds up. Locks the cart.
    """
    cart, item = own_item(owner, item_id)
    item.delete()
    saved = selectors.saved_of(owner=owner)
    units = Least(F("quantity") + item.quantity, MAXIMUM_QUANTITY)
    same = saved.filter(variant=item.variant_id)
    if not same.update(quantity=units, unit_price_seen=item.unit_price_seen):
        if saved.count() >= MAXIMUM_LINES:
            raise SavedListFull
        SavedItem.objects.create(
            customer=owner.customer,
            token_digest=owner.token_digest,
            variant_id=item.variant_id,
            quantity=item.quantity,
            unit_price_seen=item.unit_price_seen,
        )
    return selectors.priced_cart(cart=cart, token=owner.token)


MOVE_TO_CART_ERRORS: Final = (NotFound, NotForSale, *ADD_ITEMS_ERRORS)


@transaction.atomic
def move_to_cart(*, owner: Owner, saved_id: UUID) -> PricedCart:
    """Put what was saved back into the cart; return the cart as it is then. All or nothing.

    Locks the cart.
    """
    _find(owner, saved_id)
    open_cart(owner=owner)
    saved = _find(owner, saved_id)
    saved.delete()
    if not is_for_sale(saved.variant):
        raise NotForSale
    return add_items(
        owner=owner, items=[RequestedItem(saved.quantity, variant_id=saved.variant_id)]
    )


REMOVE_SAVED_ERRORS: Final = (NotFound,)


@transaction.atomic
def remove_saved(*, owner: Owner, saved_id: UUID) -> None:
    deleted, _ = selectors.saved_of(owner=owner).filter(pk=saved_id).delete()
    if not deleted:
        raise NotFound


def join_saved(*, customer: User, token: str) -> None:
    """Give a customer, whose cart is locked, what a guest saved; what both saved stays as it is."""
    guests = SavedItem.objects.filter(customer=None, token_digest=digest_of(token))
    mine = SavedItem.objects.filter(customer=customer).values("variant")
    guests.filter(variant__in=mine).delete()
    guests.update(customer=customer, token_digest="")


def _find(owner: Owner, saved_id: UUID) -> SavedItem:
    found = selectors.saved_of(owner=owner).filter(pk=saved_id)
    saved = found.select_related("variant__product").first()
    if saved is None:
        raise NotFound
    return saved
