"""orders/{id}/: what order staff do with an order."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from cart.api.callers import customer_of
from core.api.idempotency import idempotent
from core.api.schema import IDEMPOTENCY_KEY, operation
from core.errors import NotFound
from orders import services
from orders.api import examples
from orders.api.callers import order_staff
from orders.api.commands import (
    CancelOrderSerializer,
    CancelRestSerializer,
    SetStatusSerializer,
    ShipOrderSerializer,
)
from orders.api.serializers import OrderSerializer, PaymentLinkSerializer
from orders.api.views import OrderViewSet
from orders.services import (
    CANCEL_REST_ERRORS,
    DELIVER_ORDER_ERRORS,
    SEND_PAYMENT_LINK_ERRORS,
    SET_STATUS_ERRORS,
    SHIP_ORDER_ERRORS,
    Parcel,
)


class OrderStaffViewSet(OrderViewSet):
    """Steps of an order that order staff alone take."""

    access: ClassVar = {
        "payment_link": order_staff,
        "cancel_rest": order_staff,
        "ship": order_staff,
        "deliver": order_staff,
        "set_status": order_staff,
    }
    activities: ClassVar = {}

    @operation(
        "Send the payment link of a draft",
        operation_id="sendPaymentLink",
        response=PaymentLinkSerializer,
        example=examples.PAYMENT_LINK,
        errors=(NotFound, *SEND_PAYMENT_LINK_ERRORS),
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent()
    def payment_link(self, request: Request, key: str) -> Response:
        """Send the customer an e-mail with the link by which they see, change and pay a draft.

        Staff can change the draft before and after, until it is paid; sending it again renews the
        time to pay. A draft that holds no stock gets it when the customer pays; when it is short
        then, paying is refused with 409 `insufficient_stock`.
        """
        order = self.get_object()
        link = services.send_payment_link(order_id=order.pk, by=customer_of(request))
        return Response(PaymentLinkSerializer(link).data)

    @operation(
        "Cancel the rest of an order",
        request=CancelRestSerializer,
        response=OrderSerializer,
        request_example={"note": "Out of print.", "restock": True},
        example=examples.REST_CANCELLED,
        errors=(NotFound, *CANCEL_REST_ERRORS),
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent()
    def cancel_rest(self, request: Request, key: str) -> Response:
        """Call off what has not left of a partly shipped order; the order is `shipped` with that.

        What these units cost, tax included, is refunded by a job; the shipping is not. Units of a
        refund that is under way are left to it.
        """
        order = self.get_object()
        command = self.command(CancelRestSerializer)
        services.cancel_rest(
            order_id=order.pk,
            by=customer_of(request),
            note=command.get("note", ""),
            restock=command["restock"],
        )
        return self.page_of(order)

    @operation(
        "Ship an order",
        request=ShipOrderSerializer,
        response=OrderSerializer,
        request_example=examples.PARCEL,
        example=examples.SHIPPED,
        errors=(NotFound, *SHIP_ORDER_ERRORS),
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent()
    def ship(self, request: Request, key: str) -> Response:
        """Send a parcel with all that is left, or with `items`; the units leave the stock.

        Once nothing is left to send, the order is `shipped`.
        """
        order = self.get_object()
        command = self.command(ShipOrderSerializer)
        units = {item["item"]: item["quantity"] for item in command.get("items", [])}
        services.ship_order(
            order_id=order.pk,
            by=customer_of(request),
            parcel=Parcel(command["carrier"], command["tracking_number"], units or None),
            note=command["note"],
        )
        return self.page_of(order)

    @operation(
        "Note an order's arrival",
        request=CancelOrderSerializer,
        response=OrderSerializer,
        request_example={"note": "Signed for by a neighbour."},
        example=examples.SHIPPED | {"status": "delivered", "fulfillment_status": "delivered"},
        errors=(NotFound, *DELIVER_ORDER_ERRORS),
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent()
    def deliver(self, request: Request, key: str) -> Response:
        """Note that everything has arrived."""
        order = self.get_object()
        note = self.command(CancelOrderSerializer).get("note", "")
        services.deliver_order(order_id=order.pk, by=customer_of(request), note=note)
        return self.page_of(order)

    @operation(
        "Set an order's status",
        operation_id="setOrderStatus",
        request=SetStatusSerializer,
        response=OrderSerializer,
        request_example={"status": "delivered"},
        example=examples.SHIPPED | {"status": "delivered", "fulfillment_status": "delivered"},
        errors=(NotFound, *SET_STATUS_ERRORS),
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent()
    def set_status(self, request: Request, key: str) -> Response:
        """Cancel, ship all that is left, or deliver, by the name of the status.

        `paid` and `refunded` follow from the payment and cannot be set.
        """
        order = self.get_object()
        command = self.command(SetStatusSerializer)
        services.set_status(
            order_id=order.pk,
            target=command["status"],
            by=customer_of(request),
            note=command["note"],
        )
        return self.page_of(order)
