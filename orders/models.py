"""Orders: what was bought, at which price, and what became of it. Rows here are never deleted."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.models import User
from cart.models import Cart
from catalog.models import Product, ProductVariant
from core.fields import CurrencyField, MoneyField
from core.models import TimestampedModel
from shipping.models import ShippingMethod


class OrderStatus(models.TextChoices):
    """Where an order stands; ``orders.transitions`` says what may follow what."""

    PENDING = "pending"
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class Channel(models.TextChoices):
    """Where an order was made."""

    ONLINE = "online"
    IN_STORE = "in_store"


class Order(TimestampedModel):
    """A customer's order, with its totals and snapshots of address and shipping method.

    All amounts are in ``currency``. ``subtotal`` is before discounts, and includes tax when
    ``prices_include_tax`` (tax is then shown, not added).
    """

    number = models.CharField(max_length=20, editable=False)
    customer = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="orders"
    )
    email = models.EmailField(db_index=True)
    cart = models.OneToOneField(
        Cart, on_delete=models.PROTECT, null=True, blank=True, related_name="order"
    )
    # The digest of a guest's cart token, who may see and pay the order by it.
    guest_token_digest = models.CharField(max_length=64, blank=True, default="", db_index=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.ONLINE)
    status = models.CharField(
        max_length=10, choices=OrderStatus.choices, default=OrderStatus.PENDING
    )
    currency = CurrencyField()
    prices_include_tax = models.BooleanField(default=False)
    subtotal = MoneyField()
    discount_total = MoneyField(default=0)
    shipping_total = MoneyField(default=0)
    shipping_tax_rate = models.DecimalField(max_digits=6, decimal_places=5, default=0)
    shipping_tax_amount = MoneyField(default=0)
    tax_total = MoneyField(default=0)
    total = MoneyField()
    shipping_address = models.JSONField(null=True, blank=True)
    # Where it is sent, or billed when nothing travels: of the address, for lists by country.
    country = models.CharField(max_length=2, blank=True, default="", db_default="")
    billing_address = models.JSONField(null=True, blank=True)
    shipping_method = models.ForeignKey(
        ShippingMethod, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    shipping_method_name = models.CharField(max_length=120, blank=True, default="")
    coupons = ArrayField(models.CharField(max_length=40), default=list, db_default=[], blank=True)
    customer_note = models.TextField(blank=True, default="")
    placed_at = models.DateTimeField()
    payment_due_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    # Whether it may be sent before it is paid: the provider promises the money on delivery.
    is_paid_on_delivery = models.BooleanField(default=False, db_default=False)
    # Entered by staff, to be paid by a link; until then it may hold no stock.
    is_draft = models.BooleanField(default=False, db_default=False)
    holds_stock = models.BooleanField(default=True, db_default=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    # Loaded with the order by orders.selectors.order_pages.
    loaded_lines: list[OrderLine]
    loaded_events: list[OrderEvent]
    loaded_shipments: list[Shipment]
    # Figures beside the order, from orders.selectors.with_figures.
    units_to_ship: int
    units_shipped: int
    payment_state: str | None
    money_authorized: Decimal | None
    money_captured: Decimal | None
    money_refunded: Decimal | None

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], name="order_number_is_unique"),
            models.CheckConstraint(
                condition=Q(
                    prices_include_tax=True,
                    total=F("subtotal") - F("discount_total") + F("shipping_total"),
                )
                | Q(
                    prices_include_tax=False,
                    total=F("subtotal")
                    - F("discount_total")
                    + F("shipping_total")
                    + F("tax_total"),
                ),
                name="order_total_is_the_sum_of_its_parts",
            ),
            models.CheckConstraint(
                condition=Q(
                    total__gte=0,
                    subtotal__gte=0,
                    discount_total__gte=0,
                    shipping_total__gte=0,
                    tax_total__gte=0,
                ),
                name="order_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(status__in=OrderStatus.values), name="order_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=Channel.values), name="order_channel_is_known"
            ),
            models.CheckConstraint(
                condition=Q(holds_stock=True)
                | Q(is_draft=True, status__in=["pending", "cancelled"]),
                name="order_holds_stock_unless_a_draft",
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="order_email_in_lower_case"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-placed_at", "-id"], name="order_by_newest"),
            models.Index(fields=["customer", "-placed_at", "-id"], name="order_by_customer"),
            models.Index(fields=["status", "-placed_at", "-id"], name="order_by_status"),
            models.Index(fields=["channel", "-placed_at", "-id"], name="order_by_channel"),
            models.Index(fields=["country", "-placed_at", "-id"], name="order_by_country"),
            models.Index(fields=["total", "id"], name="order_by_total"),
            models.Index(
                fields=["payment_due_at"],
                condition=Q(status=OrderStatus.PENDING),
                name="order_awaiting_payment",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def has_shipments(self) -> bool:
        """Whether a parcel has left; asks the database only where shipments are not loaded."""
        loaded = self.__dict__.get("loaded_shipments")
        return bool(self.shipments.exists() if loaded is None else loaded)


class OrderLine(models.Model):
    """A snapshot of what was bought; later changes of the catalog never change it.

    ``line_total`` is ``unit_price × quantity − line_discount``, plus ``tax_amount`` unless
    prices include tax. Of ``quantity`` units, ``cancelled_quantity`` were called off before
    they left: they are not sent, and what they cost goes back. A line that was taken out of a
    pending order stays with a ``quantity`` of 0.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    variant = models.ForeignKey(ProductVariant, on_delete=models.PROTECT, related_name="+")
    product_name = models.CharField(max_length=255)
    sku = models.CharField(max_length=64, db_index=True)
    options = models.JSONField(default=dict)
    is_digital = models.BooleanField(default=False)
    unit_price = MoneyField()
    unit_cost = MoneyField(null=True)
    quantity = models.PositiveIntegerField()
    cancelled_quantity = models.PositiveIntegerField(default=0, db_default=0)
    line_discount = MoneyField(default=0)
    tax_rate = models.DecimalField(max_digits=6, decimal_places=5, default=0)
    tax_amount = MoneyField(default=0)
    line_total = MoneyField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0) | Q(line_total=0), name="order_line_costs_by_quantity"
            ),
            models.CheckConstraint(
                condition=Q(cancelled_quantity__lte=F("quantity")),
                name="order_line_cancelled_within_quantity",
            ),
            models.CheckConstraint(
                condition=Q(line_total__gte=0, line_discount__gte=0, tax_amount__gte=0),
                name="order_line_amounts_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"


class OrderEvent(models.Model):
    """A change of an order, written in the transaction that made it. Append-only.

    Where the status stayed the same, ``note`` says what was changed.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    from_status = models.CharField(max_length=10, blank=True, default="")
    to_status = models.CharField(max_length=10, choices=OrderStatus.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"


class Shipment(TimestampedModel):
    """A parcel on its way to the customer."""

    # Loaded with the order by orders.selectors.order_pages.
    loaded_lines: list[ShipmentLine]

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="shipments")
    carrier = models.CharField(max_length=80, blank=True, default="")
    tracking_number = models.CharField(max_length=120, blank=True, default="", db_index=True)
    shipped_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.carrier} {self.tracking_number}".strip()


class ShipmentLine(models.Model):
    """How many units of an order's line travel in a shipment."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, related_name="shipment_lines"
    )
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["shipment", "order_line"], name="one_row_per_shipped_line"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="shipment_line_quantity_is_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.order_line_id}"


class InvoiceSequence(models.Model):
    """The last invoice number given in a country; its row is locked while the next is given."""

    country = models.CharField(max_length=2, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.country} {self.last}"


class Invoice(TimestampedModel):
    """An order's invoice, once it has a number; ``seller`` is what the shop was then.

    ``country`` is where the goods are taxed. Lines and amounts are the order's, which are
    final once it is paid.
    """

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="invoice")
    country = models.CharField(max_length=2)
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=20)
    seller = models.JSONField()
    issued_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["country", "sequence"], name="invoice_sequence"),
            models.UniqueConstraint(fields=["number"], name="invoice_number_is_unique"),
            models.CheckConstraint(condition=Q(sequence__gt=0), name="invoice_sequence_from_one"),
        ]
        indexes: ClassVar = [models.Index(fields=["-issued_at", "-id"], name="invoice_by_newest")]

    def __str__(self) -> str:
        return self.number


class ReturnStatus(models.TextChoices):
    """Where a return stands; ``orders.transitions`` says what may follow what."""

    REQUESTED = "requested"
    APPROVED = "approved"
    RECEIVED = "received"
    REJECTED = "rejected"


class Return(TimestampedModel):
    """Goods that a customer sends back.

    ``refund_amount``, in the order's currency, is what the goods cost, tax included; it is
    known once they are received. ``is_restocked`` tells whether they went back to the stock.
    """

    # Loaded with the return by orders.selectors.returns_of.
    loaded_lines: list[ReturnLine]

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="returns")
    status = models.CharField(
        max_length=10, choices=ReturnStatus.choices, default=ReturnStatus.REQUESTED
    )
    reason = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    is_restocked = models.BooleanField(null=True, blank=True)
    refund_amount = MoneyField(null=True, blank=True)
    requested_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    rejected_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=ReturnStatus.values), name="return_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    status=ReturnStatus.RECEIVED,
                    refund_amount__isnull=False,
                    refund_amount__gte=0,
                    received_at__isnull=False,
                    is_restocked__isnull=False,
                )
                | (
                    ~Q(status=ReturnStatus.RECEIVED)
                    & Q(refund_amount=None, received_at=None, is_restocked=None)
                ),
                name="return_is_refunded_when_received",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-requested_at", "-id"], name="return_by_newest"),
        ]

    def __str__(self) -> str:
        return f"Return of {self.order.number}"


class ReturnLine(models.Model):
    """How many units of an order's line are sent back in a return, and what they brought."""

    parent = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="return_lines")
    quantity = models.PositiveIntegerField()
    refund_amount = MoneyField(null=True)
    refund_tax = MoneyField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["parent", "order_line"], name="one_row_per_returned_line"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="return_line_quantity_is_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.order_line_id}"
