"""When products come into the shop and leave it by themselves.

``publish_at`` and ``unpublish_at`` are what is still to come. ``is_active`` alone says who sees a
product now, so that lists, search, carts and caches know nothing of time: a job changes it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from catalog.models import Product
from core.errors import InvalidInput
from core.queries import any_of

if TYPE_CHECKING:
    from catalog.services.products import ProductFields


class InvalidSchedule(InvalidInput):
    """It would leave the shop before it comes."""

    code = "invalid_schedule"
    title = "A product is published before it is taken off."


def settle_schedule(product: Product, changes: ProductFields, *, now: datetime) -> None:
    """Add to ``changes`` what a schedule means for ``is_active``, and the other way round.

    What is to be published later is inactive until then; a time that has passed counts at once;
    whoever makes a product active does not wait for its schedule.
    """
    publish_at = changes.get("publish_at", product.publish_at)
    unpublish_at = changes.get("unpublish_at", product.unpublish_at)
    if publish_at and unpublish_at and unpublish_at <= publish_at:
        raise InvalidSchedule(pointer="#/unpublish_at")
    if "publish_at" not in changes and changes.get("is_active"):
        changes["publish_at"] = publish_at = None
    if publish_at and "publish_at" in changes:
        is_due = publish_at <= now
        changes["is_active"] = is_due
        changes["publish_at"] = None if is_due else publish_at
    if unpublish_at and unpublish_at <= now:
        changes["is_active"] = False
        changes["publish_at"] = changes["unpublish_at"] = None


@transaction.atomic
def publish_due(*, now: datetime) -> int:
    """Make active and inactive what is due; return how many products that is.

    Locks them. Their words, lists and cached pages follow in the same transaction.
    """
    due = Product.objects.filter(Q(publish_at__lte=now) | Q(unpublish_at__lte=now))
    ids = list(due.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    if not ids:
        return 0
    locked = Product.objects.filter(pk__in=any_of(ids))
    locked.filter(publish_at__lte=now).update(is_active=True, publish_at=None, updated_at=now)
    locked.filter(unpublish_at__lte=now).update(is_active=False, unpublish_at=None, updated_at=now)
    return len(ids)
