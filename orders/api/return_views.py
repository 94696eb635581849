"""orders/{id}/returns/: goods that come back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.exceptions import PermissionDenied
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from cart.api.callers import customer_of
from core.api.access import signed_in
from core.api.idempotency import idempotent
from core.api.schema import CART_TOKEN, IDEMPOTENCY_KEY, operation
from core.api.viewsets import ApiViewSet
from core.errors import NotFound
from orders import selectors, services
from orders.api import examples
from orders.api.callers import guest_with_token, order_reader, order_staff, reader_of
from orders.api.commands import (
    ReceiveReturnSerializer,
    RequestReturnSerializer,
    ReturnStepSerializer,
)
from orders.api.serializers import ReturnSerializer
from orders.models import Order, Return
from orders.services import (
    DECIDE_RETURN_ERRORS,
    RECEIVE_RETURN_ERRORS,
    REQUEST_RETURN_ERRORS,
    RequestReturn,
    ReturnStep,
)

_OWNERS = signed_in | guest_with_token


class ReturnViewSet(ListModelMixin, ApiViewSet):
    """The returns of an order."""

    queryset = Return.objects.none()
    serializer_class = ReturnSerializer
    orderings: ClassVar = {"requested_at": "requested_at"}
    default_ordering = ("-requested_at",)
    access: ClassVar = {
        "list": _OWNERS | order_reader,
        "create": _OWNERS,
        "approve": order_staff,
        "receive": order_staff,
        "reject": order_staff,
    }
    activities: ClassVar = {"create": "order.return_requested"}

    def get_queryset(self) -> QuerySet[Return]:
        """Return the returns of the order that the address names."""
        if "key" not in self.kwargs:
            return Return.objects.none()
        return selectors.returns_of(self.order())

    def order(self) -> Order:
        """Return the order that the address names, if the caller may see it."""
        return selectors.visible_order_alone(reader_of(self.request), self.kwargs["key"])

    def command(self, serializer_class: type[Any]) -> dict[str, Any]:
        """Return the validated body."""
        return self.parsed(serializer_class)

    def page_of(self, returned: Return, status: int = 200) -> Response:
        """Return the return as it is now."""
        loaded = selectors.return_of(returned.order, str(returned.pk))
        return Response(self.represent(loaded), status=status)

    @operation(
        "List an order's returns",
        response=ReturnSerializer(many=True),
        example=[examples.RETURN],
        errors=[NotFound],
        parameters=[CART_TOKEN],
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return what the customer sent back or wants to, newest first."""
        return super().list(request, *args, **kwargs)

    @operation(
        "Request a return",
        request=RequestReturnSerializer,
        response=ReturnSerializer,
        status=201,
        request_example={
            "items": [{"item": examples.LINE_ID, "quantity": 1}],
            "reason": "Pages are missing.",
        },
        example=examples.RETURN,
        errors=(NotFound, *REQUEST_RETURN_ERRORS),
        parameters=[CART_TOKEN, IDEMPOTENCY_KEY],
    )
    @idempotent()
    def create(self, request: Request, key: str) -> Response:
        """Ask to send back goods of one's own order that has been delivered."""
        order = self.order()
        if not reader_of(request).owns(order):
            raise PermissionDenied
        command = self.command(RequestReturnSerializer)
        returned = services.request_return(
            command=RequestReturn(
                order_id=order.pk,
                quantities={item["item"]: item["quantity"] for item in command["items"]},
                reason=command["reason"],
                by=customer_of(request),
            )
        )
        return self.page_of(returned, status=201)

    @operation(
        "Approve a return",
        request=ReturnStepSerializer,
        response=ReturnSerializer,
        request_example={"note": "Please send it to our warehouse."},
        example=examples.APPROVED_RETURN,
        errors=DECIDE_RETURN_ERRORS,
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent()
    def approve(self, request: Request, key: str, return_id: str) -> Response:
        """Let the customer send the goods."""
        return self._take(request, return_id, ReturnStepSerializer, services.approve_return)

    @operation(
        "Reject a return",
        request=ReturnStepSerializer,
        response=ReturnSerializer,
        request_example={"note": "It was bought as a defective copy."},
        example=examples.REJECTED_RETURN,
        errors=DECIDE_RETURN_ERRORS,
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent()
    def reject(self, request: Request, key: str, return_id: str) -> Response:
        """Refuse a return that has not arrived; its units can be in another one then."""
        return self._take(request, return_id, ReturnStepSerializer, services.reject_return)

    @operation(
        "Receive a return",
        request=ReceiveReturnSerializer,
        response=ReturnSerializer,
        request_example={"restock": True},
        example=examples.RECEIVED_RETURN,
        errors=RECEIVE_RETURN_ERRORS,
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent()
    def receive(self, request: Request, key: str, return_id: str) -> Response:
        """Note that the goods have arrived; they are refunded, and restocked unless said otherwise.

        The refund is what the units cost, tax included, and never more than was paid; it is
        made by a job, as a transaction of the order's payment.
        """
        return self._take(request, return_id, ReceiveReturnSerializer, services.receive_return)

    def _take(
        self,
        request: Request,
        return_id: str,
        serializer_class: type[Any],
        service: Callable[..., Return],
    ) -> Response:
        command = self.command(serializer_class)
        returned = selectors.return_of(self.order(), return_id)
        step = ReturnStep(returned.order_id, returned.pk, customer_of(request), command["note"])
        take = partial(service, step=step)
        return self.page_of(take(restock=command["restock"]) if "restock" in command else take())
