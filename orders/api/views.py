"""orders/: place, follow, cancel, ship."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from cart import selectors as cart_selectors
from cart.api.callers import customer_of, owner_of
from cart.api.serializers import requested_items_of
from core import rate_limits
from core.api.access import anyone, signed_in
from core.api.callers import CART_HEADER, address_of
from core.api.idempotency import idempotent
from core.api.schema import CART_TOKEN, IDEMPOTENCY_KEY, IF_MATCH, operation
from core.api.viewsets import ApiViewSet, ReadMixin
from core.errors import NotFound
from core.rate_limits import Limit, RateLimited
from orders import selectors, services
from orders.api import examples
from orders.api.callers import (
    actor_towards,
    guest_with_token,
    order_reader,
    order_staff,
    order_writer,
    reader_of,
)
from orders.api.commands import (
    CancelOrderSerializer,
    EditOrderSerializer,
    LookUpOrderSerializer,
    PlaceOrderSerializer,
    line_key,
)
from orders.api.filters import OrderFilter
from orders.api.serializers import OrderSerializer, OrderSummarySerializer
from orders.models import Order
from orders.services import (
    CANCEL_ORDER_ERRORS,
    EDIT_ORDER_ERRORS,
    PLACE_ORDER_ERRORS,
    EditOrder,
    PlaceOrder,
)

_READERS = signed_in | guest_with_token | order_reader
_OWNERS = signed_in | guest_with_token | order_writer


class OrderViewSet(ReadMixin, ApiViewSet):
    """Orders: one's own, and for staff everyone's."""

    queryset = Order.objects.none()
    serializer_class = OrderSummarySerializer
    filterset_class = OrderFilter
    orderings: ClassVar = {
        "placed_at": "placed_at",
        "total": "total",
        "number": "number",
        "status": "status",
    }
    default_ordering = ("-placed_at",)
    lookup_field = "key"
    access: ClassVar = {
        "create": anyone,
        "list": _READERS,
        "retrieve": _READERS,
        "partial_update": _OWNERS,
        "cancel": _OWNERS,
    }
    activities: ClassVar = {
        "create": "order.placed",
        "retrieve": "order.viewed",
        "partial_update": "order.changed",
        "cancel": "order.cancelled",
    }

    def get_queryset(self) -> QuerySet[Order]:
        """Return the orders that the caller may see."""
        return selectors.order_list(selectors.orders_visible_to(reader_of(self.request)))

    def get_object(self) -> Order:
        """Return the order that the address names, by id or number."""
        return selectors.visible_order(reader_of(self.request), self.kwargs["key"])

    def represent(self, instance: Order) -> Any:
        """Return the order as the caller may see it."""
        context = self.get_serializer_context()
        if self.request.method == "GET":
            return OrderSerializer(instance, context=context).data
        return OrderSerializer.render(instance, **context)

    def get_serializer_context(self) -> dict[str, Any]:
        """Tell the serializers whether staff is asking."""
        is_staff = reader_of(self.request).sees_all
        return {**super().get_serializer_context(), "is_staff": is_staff}

    def command(self, serializer_class: type[Any]) -> dict[str, Any]:
        """Return the validated body."""
        return self.parsed(serializer_class)

    @operation(
        "List orders",
        response=OrderSummarySerializer(many=True),
        example=[examples.SUMMARY],
        parameters=[CART_TOKEN],
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return one's own orders, newest first; staff get everyone's."""
        return super().list(request, *args, **kwargs)

    @operation(
        "View an order",
        response=OrderSerializer,
        example=examples.ORDER,
        errors=[NotFound],
        parameters=[CART_TOKEN],
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return an order, by its id or its number."""
        return Response(self.represent(self.get_object()))

    @operation(
        "Place an order",
        request=PlaceOrderSerializer,
        response=OrderSerializer,
        status=201,
        request_example=examples.PLACE_FROM_CART,
        example=examples.ORDER | {"status": "pending", "payment_status": "unpaid", "paid_at": None},
        errors=PLACE_ORDER_ERRORS,
        parameters=[CART_TOKEN, IDEMPOTENCY_KEY],
    )
    @idempotent()
    def create(self, request: Request) -> Response:
        """Order what is in the cart, or `items`; all or nothing.

        Stock is reserved, coupons are counted and the cart emptied in the same transaction. The
        order waits for payment until `payment_due_at`; one that costs nothing is `paid` at once.
        A guest gives an `email`, and sees and pays the order by the `X-Cart-Token` of the cart
        (or, with `items`, of this answer). Order staff enter orders for a `customer` or, by
        `email`, for a guest. With `draft` it is not announced to the customer before its
        `payment-link` is sent, and holds no stock until it is paid, unless `hold_stock` is true.
        """
        command = self.command(PlaceOrderSerializer)
        owner = owner_of(request)
        is_draft = command.get("draft", False)
        is_for_other = is_draft or "customer" in command
        if is_for_other or ("email" in command and order_staff.allows(request)):
            if not order_staff.allows(request):
                self.permission_denied(request)
            owner = services.owner_entered_for(customer_id=command.get("customer"))
        elif "items" in command:
            owner = cart_selectors.owner_who_writes(owner=owner)
        order = services.place_order(
            command=PlaceOrder(
                owner=owner,
                shipping_address=command.get("shipping_address"),
                shipping_method_id=command.get("shipping_method"),
                billing_address=command.get("billing_address"),
                email=command.get("email", ""),
                items=requested_items_of(command["items"]) if "items" in command else None,
                coupons=command.get("coupons", ()),
                customer_note=command.get("customer_note", ""),
                expected_total=command.get("expected_total"),
                by=customer_of(request),
                is_draft=is_draft,
                holds_stock=command.get("hold_stock", not is_draft),
            )
        )
        headers = {CART_HEADER: owner.token} if owner.token and not is_draft else None
        return Response(self.represent(order), status=201, headers=headers)

    @operation(
        "Change an order",
        request=EditOrderSerializer,
        response=OrderSerializer,
        request_example=examples.EDIT,
        example=examples.EDITED,
        errors=(NotFound, *EDIT_ORDER_ERRORS),
        parameters=[CART_TOKEN, IF_MATCH],
    )
    def partial_update(self, request: Request, key: str) -> Response:
        """Change lines, addresses or the shipping method of an order that is not paid.

        A quantity of 0 takes a line out, a `variant` that the order lacks is added. Stock and
        totals follow in the same transaction. Prices stay those of the order; tax and shipping
        are computed anew. The time left to pay stays the same.
        """
        order = selectors.visible_order_alone(reader_of(request), key)
        actor_towards(request, order)
        command = self.command(EditOrderSerializer)
        edit = EditOrder(
            order_id=order.pk,
            by=customer_of(request),
            quantities={line_key(item): item["quantity"] for item in command.get("items", [])},
            shipping_address=command.get("shipping_address"),
            billing_address=command.get("billing_address"),
            shipping_method_id=command.get("shipping_method"),
            expected_total=command.get("expected_total"),
        )
        with self.matched(partial(_locked, order.pk)):
            services.edit_order(command=edit)
        return self.page_of(order)

    @operation(
        "Cancel an order",
        request=CancelOrderSerializer,
        response=OrderSerializer,
        request_example={"note": "Ordered twice by mistake."},
        example=examples.ORDER | {"status": "cancelled", "allowed_transitions": []},
        errors=(NotFound, *CANCEL_ORDER_ERRORS),
        parameters=[CART_TOKEN, IDEMPOTENCY_KEY],
    )
    @idempotent()
    def cancel(self, request: Request, key: str) -> Response:
        """Call off an order that has not been shipped; its stock returns, its money is refunded.

        Staff also cancel an unpaid one that was refused on delivery: its goods are on stock again.
        """
        order = self.get_object()
        services.cancel_order(
            order_id=order.pk,
            by=customer_of(request),
            note=self.command(CancelOrderSerializer).get("note", ""),
            actor=actor_towards(request, order),
        )
        return self.page_of(order)

    def page_of(self, order: Order) -> Response:
        """Return the order as it is now."""
        return Response(self.represent(selectors.order_page(order.pk)))


def _locked(order_id: UUID) -> Order:
    selectors.lock_order(order_id)
    return selectors.order_page(order_id)


class OrderLookupView(ApiViewSet):
    """Finding an order without an account or token."""

    access: ClassVar = {"lookup": anyone}
    limits: ClassVar = {"lookup": [Limit("order-lookup", 20, 600)]}
    serializer_class = LookUpOrderSerializer

    def check_throttles(self, request: Request) -> None:
        """Count by address: a cart token is no excuse for guessing numbers."""
        caller = address_of(request)
        self.usages = rate_limits.hit_all([(limit, caller) for limit in self.limits["lookup"]])

    @operation(
        "Look up a guest's order",
        operation_id="lookUpOrder",
        request=LookUpOrderSerializer,
        response=OrderSerializer,
        request_example={"number": "TP-7K4M-9QXD", "email": "ada@example.com"},
        example=examples.ORDER | {"allowed_transitions": []},
        errors=[NotFound, RateLimited],
    )
    def lookup(self, request: Request) -> Response:
        """Return the order with this number that was placed with this e-mail address."""
        order = selectors.order_by_number_and_email(**self.parsed(LookUpOrderSerializer))
        context = {**self.get_serializer_context(), "is_lookup": True}
        return Response(OrderSerializer(order, context=context).data)
