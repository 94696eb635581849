from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import QuerySet, Subquery
from django.utils import timezone

from cart import selectors
from cart.models import Cart, CartItem, CartStatus, SavedItem, columns_of
from cart.selectors import Owner
from core import rows
from core.compiled import CompiledQuery
from core.models import new_id

REMOVED_AT_ONCE = 1000


# The conflict targets are the partial unique indexes of cart.models: whoever comes second, at
# whatever moment, gets the one open cart, its row locked and its time renewed, in one statement.
_OPEN: Final = """
    INSERT INTO cart_cart ({columns}) VALUES (%s, %s, %s, %s, %s, %s, 'open')
    ON CONFLICT {target} DO UPDATE SET updated_at = excluded.updated_at
    RETURNING {columns}, coupons
"""
_OPENED: Final = (
    "id",
    "created_at",
    "updated_at",
    "customer",
    "token_digest",
    "currency",
    "status",
)
_OPEN_FOR_CUSTOMER: Final = _OPEN.format(
    columns=columns_of(Cart, *_OPENED),
    target="(customer_id) WHERE (status = 'open' AND customer_id IS NOT NULL)",
)
_OPEN_FOR_GUEST: Final = _OPEN.format(
    columns=columns_of(Cart, *_OPENED),
    target="(token_digest) WHERE (status = 'open' AND NOT token_digest = '')",
)


def open_cart(*, owner: Owner, currency: str = "") -> Cart:
    """Return the owner's open cart, making it (in ``currency``) if there is none; one statement.

    Locks the cart's row and renews its time; call it inside a transaction.
    """
    now = timezone.now()
    customer_id = owner.customer.pk if owner.customer else None
    values = [now, now, customer_id, owner.token_digest, currency or settings.CURRENCY]
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_OPEN_FOR_CUSTOMER if customer_id else _OPEN_FOR_GUEST, [new_id(), *values])
        names = [column.name for column in cursor.description]
        cart = Cart.from_db(DEFAULT_DB_ALIAS, names, cursor.fetchone())
    cart.customer = owner.customer
    return cart


def lock_cart(*, cart_id: UUID) -> Cart:
    """Return the cart with its row locked, whatever its status.

    A request that waited for the lock sees what the one before it has made of the cart.
    """
    return Cart.objects.select_for_update().get(pk=cart_id)


def _locked(**whose: object) -> QuerySet[Cart]:
    found = selectors.open_carts().filter(**whose).values("pk")
    return Cart.objects.select_for_update().filter(pk=Subquery(found))


_CART_OF_CUSTOMER = CompiledQuery(lambda key: _locked(customer=key), UUID)
_CART_OF_GUEST = CompiledQuery(lambda digest: _locked(token_digest=digest), str)


def lock_open_cart(*, owner: Owner) -> Cart | None:
    """Lock the owner's open cart and return it as it is then; None without one. One query.

    The cart is found by its status first, then locked by its key: a request that waited for the
    lock gets the cart that another one has ordered meanwhile, not nothing.
    """
    if owner.is_nobody:
        return None
    if owner.customer:
        return _CART_OF_CUSTOMER.first(owner.customer.pk)
    return _CART_OF_GUEST.first(owner.token_digest)


def close_cart(*, cart: Cart) -> None:
    """Mark a locked cart as ordered: the order keeps it, and the next write opens a new one."""
    cart.status = CartStatus.ORDERED
    rows.update(cart, "status", "updated_at")


def mark_merged(*, cart: Cart) -> None:
    Cart.objects.filter(pk=cart.pk).update(status=CartStatus.MERGED, updated_at=timezone.now())


@transaction.atomic
def clear_cart(*, owner: Owner) -> None:
    """Empty the owner's cart, coupons included; without a cart there is nothing to do."""
    cart = lock_open_cart(owner=owner)
    if cart and cart.status == CartStatus.OPEN:
        CartItem.objects.filter(cart=cart).delete()
        Cart.objects.filter(pk=cart.pk).update(updated_at=timezone.now(), coupons=[])


@transaction.atomic
def remove_idle_carts(*, now: datetime) -> int:
    """Remove up to a thousand guests' carts that nobody touched for ``GUEST_CART_DAYS``.

    Carts that became an order stay; what was saved for later goes as well. Skips rows that
    someone is working on; returns how many went.
    """
    idle_since = now - timedelta(days=settings.GUEST_CART_DAYS)
    idle = (
        Cart.objects.filter(customer=None, updated_at__lt=idle_since)
        .exclude(status=CartStatus.ORDERED)
        .order_by("pk")
        .select_for_update(skip_locked=True)[:REMOVED_AT_ONCE]
    )
    SavedItem.objects.filter(customer=None, updated_at__lt=idle_since).delete()
    ids = [cart.pk for cart in idle]
    CartItem.objects.filter(cart__in=ids).delete()
    Cart.objects.filter(pk__in=ids).delete()
    return len(ids)
