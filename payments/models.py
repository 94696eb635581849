"""Payments and the transactions they consist of. Rows here are never deleted."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Final

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from core.fields import CurrencyField, MoneyField
from core.models import TimestampedModel, new_id
from core.money import Money
from orders.models import Order, OrderLine


class PaymentStatus(models.TextChoices):
    """What the transactions of a payment amount to; see ``payments.sums``."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    AUTHORIZED = "authorized"
    PARTIALLY_CAPTURED = "partially_captured"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class Payment(TimestampedModel):
    """The payment of one order.

    ``authorized``, ``captured`` and ``refunded`` are sums of the succeeded transactions,
    written with them; the constraints hold whatever path writes them. ``reference`` is the
    provider's name for the charge that captures and refunds act on.
    """

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="payment")
    provider = models.CharField(max_length=40)
    amount = MoneyField()
    currency = CurrencyField()
    authorized = MoneyField(default=Decimal(0))
    captured = MoneyField(default=Decimal(0))
    refunded = MoneyField(default=Decimal(0))
    status = models.CharField(
        max_length=20, choices=PaymentStatus.choices, default=PaymentStatus.PENDING
    )
    reference = models.CharField(max_length=120, blank=True, default="")
    client_secret = models.CharField(max_length=255, blank=True, default="")

    # What selectors load, in order of time.
    loaded_transactions: list[PaymentTransaction]

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    refunded__gte=0,
                    captured__gte=F("refunded"),
                    amount__gte=F("captured"),
                    amount__gt=0,
                ),
                name="payment_refunded_within_captured_within_amount",
            ),
            models.UniqueConstraint(
                fields=["provider", "reference"],
                condition=~Q(reference=""),
                name="payment_reference_is_unique",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="payment_by_newest"),
            models.Index(fields=["status", "order"], name="payment_by_status"),
        ]

    def __str__(self) -> str:
        return f"{Money(self.amount, self.currency)} {self.currency} by {self.provider}"


class TransactionKind(models.TextChoices):
    """What was asked of the provider; a capture without an authorization before it is a sale."""

    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    REFUND = "refund"
    VOID = "void"


class TransactionStatus(models.TextChoices):
    """What became of it; ``requested`` means that the answer is not known yet."""

    REQUESTED = "requested"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


# An attempt that was ended before its outcome, because the customer did not act.
CANCELLED: Final = "cancelled"
# A charge that succeeded beside another one: it is failed here, and given back there.
CHARGED_TWICE: Final = "charged_twice"


class PaymentTransaction(models.Model):
    """One request to the provider and its outcome.

    The row is written before the provider is called; its id is the idempotency key given to
    the provider, so that a call whose answer was lost can be asked about again.
    ``charge_reference`` names the charge that a capture, refund or void acts on; an attempt
    to charge has none. ``fee`` is what the provider kept, in ``fee_currency``; None while it
    has not told. What was asked for and a fee, once written, never change [DB].
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="transactions")
    kind = models.CharField(max_length=10, choices=TransactionKind.choices)
    status = models.CharField(
        max_length=20, choices=TransactionStatus.choices, default=TransactionStatus.REQUESTED
    )
    amount = MoneyField()
    provider = models.CharField(max_length=40)
    charge_reference = models.CharField(max_length=120, blank=True, default="")
    reference = models.CharField(max_length=120, blank=True, default="")
    error_code = models.CharField(max_length=60, blank=True, default="")
    reason = models.CharField(max_length=255, blank=True, default="")
    fee = MoneyField(null=True, blank=True)
    fee_currency = CurrencyField(blank=True, default="", db_default="")
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "reference"],
                condition=~Q(reference=""),
                name="transaction_reference_is_unique",
            ),
            # The net under every race: one attempt to charge at a time.
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(charge_reference="", status__in=["requested", "requires_action"]),
                name="one_open_charge_per_payment",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="transaction_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(fee=None, fee_currency="")
                | (Q(fee__isnull=False) & ~Q(fee_currency="")),
                name="transaction_fee_has_a_currency",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["at"],
                condition=Q(status__in=["requested", "requires_action"]),
                name="transaction_without_answer",
            ),
            models.Index(fields=["provider", "finished_at"], name="transaction_by_end"),
            models.Index(fields=["at"], condition=Q(charge_reference=""), name="attempt_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.status}"

    @property
    def is_charge(self) -> bool:
        """Whether this is an attempt to take money, not an act on money already taken."""
        return not self.charge_reference

    @property
    def is_open(self) -> bool:
        """Whether its outcome is not settled yet."""
        return self.status in {TransactionStatus.REQUESTED, TransactionStatus.REQUIRES_ACTION}


class RefundLine(models.Model):
    """Units of an order's line that a refund is for; a row without a line is for the shipping.

    ``amount`` includes ``tax_amount``, both in the payment's currency. A refund of an amount,
    or for a return, has no such rows. Units that have not left are sent no more; unless
    ``is_restocked`` they are written off.
    """

    transaction = models.ForeignKey(
        PaymentTransaction, on_delete=models.PROTECT, related_name="refund_lines"
    )
    order_line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, null=True, blank=True, related_name="refund_lines"
    )
    quantity = models.PositiveIntegerField()
    amount = MoneyField()
    tax_amount = MoneyField()
    is_restocked = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["transaction", "order_line"],
                nulls_distinct=False,
                name="one_row_per_refunded_line",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, tax_amount__gte=0, amount__gte=F("tax_amount")),
                name="refund_line_amounts_suit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.order_line_id or 'shipping'}"


class WebhookState(models.TextChoices):
    """What became of an event."""

    DEAD = "dead", "Dead letter"
    WAITING = "waiting", "Waiting"
    APPLIED = "applied", "Applied"


class WebhookEvent(models.Model):
    """What a provider told by webhook, stored once however often it is told.

    ``failures`` counts how often applying it failed, ``error`` tells how it did last. Once
    its job has given up it is a dead letter: ``given_up_at`` is set until it is run again.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.CharField(max_length=40)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=80)
    payload = models.JSONField()
    received_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, db_default=0)
    error = models.CharField(max_length=500, blank=True, default="", db_default="")
    given_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="one_row_per_event"),
            models.CheckConstraint(
                condition=Q(applied_at=None) | Q(given_up_at=None),
                name="webhook_is_applied_or_given_up",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-received_at", "-id"], name="webhook_by_newest"),
            models.Index(
                fields=["received_at"],
                condition=Q(applied_at=None),
                name="webhook_not_applied",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"

    @property
    def state(self) -> WebhookState:
        """What became of it."""
        if self.applied_at:
            return WebhookState.APPLIED
        return WebhookState.DEAD if self.given_up_at else WebhookState.WAITING


class Finding(models.IntegerChoices):
    """How our books and the provider's stand to each other; what needs a look comes first."""

    ONLY_THERE = 1, "There, not here"
    ONLY_HERE = 2, "Here, not there"
    NOT_DONE_HERE = 3, "Done there, not here"
    AMOUNT_DIFFERS = 4, "Amount differs"
    FEE_DIFFERS = 5, "Fee differs"
    AGREES = 9, "Agrees"


class DayReport(models.Model):
    """What a comparison of our books with a provider's for one of the shop's days has found."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.CharField(max_length=40)
    day = models.DateField()
    compared_at = models.DateTimeField()
    agreeing = models.PositiveIntegerField(default=0)
    differing = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "provider"], name="one_report_per_day")
        ]

    def __str__(self) -> str:
        return f"{self.provider} on {self.day}"


class DayReportRow(models.Model):
    """A movement of money in our books, in the provider's, or in both; made anew each time."""

    report = models.ForeignKey(DayReport, on_delete=models.CASCADE, related_name="rows")
    finding = models.PositiveSmallIntegerField(choices=Finding.choices)
    kind = models.CharField(max_length=40)
    reference = models.CharField(max_length=120)
    transaction = models.ForeignKey(
        PaymentTransaction, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()
    our_amount = MoneyField(null=True)
    our_currency = CurrencyField(blank=True, default="")
    their_amount = MoneyField(null=True)
    their_currency = CurrencyField(blank=True, default="")
    fee = MoneyField(null=True)
    fee_currency = CurrencyField(blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["report", "finding", "at", "id"], name="report_row_by_finding")
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.get_finding_display()}"


class SimulatedOperation(models.Model):
    """What the test gateway's pretended card network did: its memory, not the shop's.

    ``key`` is the caller's idempotency key; ``charge`` the operation a refund, capture or
    void acts on. Only ``payments.gateways.test`` reads or writes this.
    """

    key = models.UUIDField(primary_key=True, editable=False)
    reference = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=10, choices=TransactionKind.choices)
    status = models.CharField(max_length=20, choices=TransactionStatus.choices)
    amount = MoneyField()
    currency = CurrencyField()
    charge = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="operations"
    )
    client_secret = models.CharField(max_length=120, blank=True, default="")
    error_code = models.CharField(max_length=60, blank=True, default="")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="simulated_by_time")]

    def __str__(self) -> str:
        return f"{self.reference} {self.status}"
