"""What goes out about orders."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import CurrencyField, MoneyField
from core.api.shaping import ShapedSerializer
from orders import statuses, transitions
from orders.api.callers import role_towards
from orders.carriers import tracking_url
from orders.models import Channel, Order, OrderEvent, OrderLine, OrderStatus, Return, Shipment
from orders.statuses import FulfillmentStatus, PaymentStatus
from orders.transitions import Actor


class OrderAddressSerializer(serializers.Serializer[Any]):
    """An address as it was when the order was placed."""

    full_name = serializers.CharField()
    line1 = serializers.CharField()
    line2 = serializers.CharField()
    city = serializers.CharField()
    region = serializers.CharField()
    postal_code = serializers.CharField()
    country = serializers.CharField()
    phone_number = serializers.CharField()


class OrderLineSerializer(serializers.ModelSerializer[OrderLine]):
    """What was bought, as it was then."""

    product = serializers.UUIDField(source="product_id", allow_null=True)
    variant = serializers.UUIDField(source="variant_id", allow_null=True)
    options = serializers.DictField(child=serializers.CharField())
    cancelled_quantity = serializers.IntegerField(
        help_text="Of `quantity`, the units that were called off before they left."
    )
    unit_price = MoneyField(currency_source="order.currency")
    line_discount = MoneyField(currency_source="order.currency")
    tax_amount = MoneyField(currency_source="order.currency")
    line_total = MoneyField(
        currency_source="order.currency",
        help_text="`unit_price × quantity − line_discount`, plus `tax_amount` unless prices "
        "include tax.",
    )

    class Meta:
        model = OrderLine
        fields = (
            "id",
            "product",
            "variant",
            "product_name",
            "sku",
            "options",
            "is_digital",
            "unit_price",
            "quantity",
            "cancelled_quantity",
            "line_discount",
            "tax_rate",
            "tax_amount",
            "line_total",
        )


class OrderShippingMethodSerializer(serializers.Serializer[Order]):
    """How the order is sent; its price is the order's `shipping_total`."""

    id = serializers.UUIDField(source="shipping_method_id")
    name = serializers.CharField(source="shipping_method_name")


class ShippedItemSerializer(serializers.Serializer[Any]):
    """How many units of a line are in a parcel."""

    item = serializers.UUIDField(source="order_line_id")
    quantity = serializers.IntegerField()


class ShipmentSerializer(serializers.ModelSerializer[Shipment]):
    """A parcel on its way to the customer."""

    tracking_url = serializers.SerializerMethodField(
        help_text="The carrier's page about the parcel; empty for an unknown carrier."
    )
    items = ShippedItemSerializer(many=True, source="loaded_lines")

    class Meta:
        model = Shipment
        fields = (
            "id",
            "carrier",
            "tracking_number",
            "tracking_url",
            "items",
            "shipped_at",
            "delivered_at",
        )

    def get_tracking_url(self, shipment: Shipment) -> str:
        """Return the carrier's page about the parcel."""
        return tracking_url(carrier=shipment.carrier, tracking_number=shipment.tracking_number)


class OrderEventSerializer(serializers.Serializer[OrderEvent]):
    """A change of the order's status."""

    to = serializers.ChoiceField(source="to_status", choices=OrderStatus.choices)
    at = serializers.DateTimeField()
    by = serializers.SerializerMethodField(
        help_text="`customer`, `staff` or `system`; staff see who exactly."
    )
    note = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields, with the one whose name Python keeps for itself."""
        origin = serializers.CharField(source="from_status", help_text="Empty at the beginning.")
        return {"from": origin, **super().get_fields()}

    def get_by(self, event: OrderEvent) -> str:
        """Return who changed it, to staff by name."""
        if event.by is None:
            return "system"
        if self.context.get("is_staff"):
            return event.by.email
        return "customer" if event.by_id == event.order.customer_id else "staff"


class OrderSummarySerializer(ShapedSerializer, serializers.ModelSerializer[Order]):
    """An order as lists show it."""

    payment_status = serializers.SerializerMethodField()
    fulfillment_status = serializers.SerializerMethodField()
    channel = serializers.ChoiceField(choices=Channel.choices)
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    customer = serializers.UUIDField(source="customer_id", allow_null=True)
    currency = CurrencyField()
    is_paid_on_delivery = serializers.BooleanField(
        help_text="Whether it is sent before it is paid: the money comes on delivery."
    )
    is_draft = serializers.BooleanField(help_text="Whether staff entered it, to be paid by a link.")
    holds_stock = serializers.BooleanField(
        help_text="A draft may hold none until the customer pays."
    )
    items = OrderLineSerializer(many=True, source="loaded_lines")
    subtotal = MoneyField()
    discount_total = MoneyField()
    shipping_total = MoneyField()
    tax_total = MoneyField()
    total = MoneyField()

    class Meta:
        model = Order
        fields: tuple[str, ...] = (
            "id",
            "number",
            "status",
            "payment_status",
            "fulfillment_status",
            "channel",
            "customer",
            "email",
            "currency",
            "prices_include_tax",
            "items",
            "subtotal",
            "discount_total",
            "shipping_total",
            "tax_total",
            "total",
            "placed_at",
            "payment_due_at",
            "paid_at",
            "is_paid_on_delivery",
            "is_draft",
            "holds_stock",
            "cancelled_at",
        )

    @extend_schema_field(serializers.ChoiceField(choices=PaymentStatus.choices))
    def get_payment_status(self, order: Order) -> str:
        """Return how far the order is paid, from its payment's transactions."""
        return statuses.payment_status(order)

    @extend_schema_field(serializers.ChoiceField(choices=FulfillmentStatus.choices))
    def get_fulfillment_status(self, order: Order) -> str:
        """Return how far the order is shipped, from its shipments."""
        return statuses.fulfillment_status(order)


class OrderSerializer(OrderSummarySerializer):
    """An order with everything that is known about it."""

    shipping_address = OrderAddressSerializer(allow_null=True)
    billing_address = OrderAddressSerializer(allow_null=True)
    shipping_method = serializers.SerializerMethodField()
    shipments = ShipmentSerializer(many=True, source="loaded_shipments")
    coupons = serializers.ListField(child=serializers.CharField())
    allowed_transitions = serializers.SerializerMethodField(
        help_text="What the caller may make of the order now."
    )
    history = OrderEventSerializer(many=True, source="loaded_events")

    class Meta(OrderSummarySerializer.Meta):
        fields = (
            *OrderSummarySerializer.Meta.fields,
            "shipping_address",
            "billing_address",
            "shipping_method",
            "shipments",
            "coupons",
            "customer_note",
            "allowed_transitions",
            "history",
        )

    @extend_schema_field(OrderShippingMethodSerializer(allow_null=True))
    def get_shipping_method(self, order: Order) -> dict[str, Any] | None:
        """Return how the order is sent; None when nothing travels."""
        if order.shipping_method_id is None:
            return None
        return dict(OrderShippingMethodSerializer(order).data)

    @extend_schema_field(
        serializers.ListField(child=serializers.ChoiceField(choices=OrderStatus.choices))
    )
    def get_allowed_transitions(self, order: Order) -> list[str]:
        """Return what the caller may make of the order now."""
        actor: Actor | None = None
        if "request" in self.context and not self.context.get("is_lookup"):
            actor = role_towards(self.context["request"], order)
        return list(transitions.allowed_targets(order, actor)) if actor else []


class PaymentLinkSerializer(serializers.Serializer[Any]):
    """Where the customer pays a draft."""

    url = serializers.URLField(help_text="The frontend's page `pay`, with `order` and `token`.")
    token = serializers.CharField(help_text="Sent as `X-Cart-Token`, it opens this order.")
    expires_at = serializers.DateTimeField(help_text="Then the order is cancelled, unless paid.")


class ReturnSerializer(serializers.ModelSerializer[Return]):
    """Goods that a customer sends back."""

    order = serializers.UUIDField(source="order_id")
    items = ShippedItemSerializer(many=True, source="loaded_lines")
    currency = serializers.CharField(source="order.currency")
    refund_amount = MoneyField(
        currency_source="order.currency",
        allow_null=True,
        help_text="What the goods cost, tax included; known once they are received.",
    )

    class Meta:
        model = Return
        fields = (
            "id",
            "order",
            "status",
            "items",
            "reason",
            "note",
            "is_restocked",
            "refund_amount",
            "currency",
            "requested_at",
            "approved_at",
            "received_at",
            "rejected_at",
        )
