"""The endpoint of the how-to: a customer marks an order as a gift.

It stands in one file to be read in one go; in the shop each part has its own module.
"""

from __future__ import annotations

from typing import ClassVar, Final, TypedDict
from uuid import UUID

from django.db import transaction
from django.urls import path
from rest_framework.response import Response

from accounts.api.requests import UserRequest
from core.api.access import signed_in
from core.api.bodies import InputSerializer
from core.api.fields import LongTextField
from core.api.idempotency import idempotent
from core.api.schema import IDEMPOTENCY_KEY, operation
from core.errors import DomainError, NotFound
from orders import selectors
from orders.api import examples
from orders.api.serializers import OrderSerializer
from orders.api.views import OrderViewSet
from orders.models import OrderStatus


# orders/services/gifts.py
class OrderNotPending(DomainError):
    """Only a pending order can be changed."""

    code = "order_not_pending"
    title = "The order can no longer be changed."


MARK_AS_GIFT_ERRORS: Final = (OrderNotPending,)


@transaction.atomic
def mark_as_gift(*, order_id: UUID, message: str) -> None:
    """Note what is written on the card. Locks the order."""
    order = selectors.lock_order(order_id)
    if order.status != OrderStatus.PENDING:
        raise OrderNotPending
    order.customer_note = f"Gift: {message}"
    order.save(update_fields=["customer_note"])


# orders/api/commands.py
class MarkAsGift(TypedDict):
    message: str


class MarkAsGiftSerializer(InputSerializer[MarkAsGift]):
    message = LongTextField(max_length=200)


# orders/api/views.py, in OrderViewSet
class GiftViewSet(OrderViewSet):
    access: ClassVar = {**OrderViewSet.access, "gift": signed_in}

    @operation(
        "Mark an order as a gift",
        request=MarkAsGiftSerializer,
        response=OrderSerializer,
        request_example={"message": "Happy birthday!"},
        example=examples.ORDER,
        errors=(NotFound, *MARK_AS_GIFT_ERRORS),
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent()
    def gift(self, request: UserRequest, key: str) -> Response:
        """Wrap the order and enclose a message."""
        order = self.get_object()  # one of the caller's own: a stranger gets 404
        mark_as_gift(order_id=order.pk, **self.parsed(MarkAsGiftSerializer))
        return self.page_of(order)


# orders/api/urls.py
urlpatterns = [
    path("orders/<str:key>/gift/", GiftViewSet.as_view({"post": "gift"})),
]
