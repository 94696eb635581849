"""What comes in and goes out about payments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cart.models import MAXIMUM_QUANTITY
from core.api.bodies import InputSerializer
from core.api.fields import MoneyField, TextField
from core.api.shaping import ShapedSerializer
from core.money import DECIMAL_PLACES, MAX_DIGITS, quantize
from orders.bank_transfers import BankTransfer
from payments import selectors
from payments.gateways.base import Capability
from payments.models import Payment, PaymentTransaction

MAXIMUM_ITEMS: Final = 1000


class RefundedItemSerializer(serializers.Serializer[Any]):
    """Units of an order's item that a refund is for, and what went back for them."""

    item = serializers.UUIDField(
        allow_null=True, help_text="The id of the order's item; null is the shipping."
    )
    quantity = serializers.IntegerField()
    amount = MoneyField(help_text="With the tax.")
    tax_amount = MoneyField()


class PaymentTransactionSerializer(serializers.ModelSerializer[PaymentTransaction]):
    """One request to the provider and its outcome; a refund by item has `items`."""

    amount = MoneyField(currency_source="payment.currency", read_only=True)
    items = serializers.SerializerMethodField()

    class Meta:
        model = PaymentTransaction
        fields = ("id", "kind", "amount", "status", "reference", "error_code", "items", "at")

    @extend_schema_field(RefundedItemSerializer(many=True))
    def get_items(self, transaction: PaymentTransaction) -> list[dict[str, Any]]:
        """Return what a refund is for; nothing for anything else, or a refund of an amount."""
        currency = transaction.payment.currency
        lines = getattr(transaction, "refunded_items", None)  # an attempt to pay reads none
        return [
            {
                **line,
                "amount": f"{quantize(Decimal(line['amount']), currency):f}",
                "tax_amount": f"{quantize(Decimal(line['tax_amount']), currency):f}",
            }
            for line in lines or ()
        ]


class BankTransferSerializer(serializers.Serializer[BankTransfer]):
    """Where the customer transfers what is still to come, and what they write on it."""

    account_holder = serializers.CharField()
    iban = serializers.CharField()
    bic = serializers.CharField(help_text="Empty where the shop names none.")
    reference = serializers.CharField(help_text="By this the shop finds the order.")
    amount = MoneyField()
    currency = serializers.CharField()
    qr_text = serializers.CharField(
        help_text="What the QR code for banking apps says (EPC069-12); empty unless in EUR."
    )
    qr_code = serializers.SerializerMethodField(
        help_text="The QR code as an address for `img`: an SVG; empty in lists, or unless in EUR."
    )

    def get_qr_code(self, transfer: BankTransfer) -> str:
        return "" if self.context.get("is_list") else transfer.qr_svg()


class PaymentSerializer(ShapedSerializer, serializers.ModelSerializer[Payment]):
    """The payment of one order, with its attempts, captures and refunds as transactions."""

    order = serializers.UUIDField(source="order_id", read_only=True)
    amount = MoneyField(read_only=True)
    captured_amount = MoneyField(source="captured", read_only=True)
    refunded_amount = MoneyField(source="refunded", read_only=True)
    client_secret = serializers.CharField(
        read_only=True, help_text="While the customer must act: what the provider's script needs."
    )
    bank_transfer = serializers.SerializerMethodField(
        help_text="While a transfer is awaited: to which account the customer sends what."
    )
    transactions = PaymentTransactionSerializer(
        source="loaded_transactions", many=True, read_only=True
    )

    class Meta:
        model = Payment
        fields = (
            "id",
            "order",
            "provider",
            "status",
            "amount",
            "captured_amount",
            "refunded_amount",
            "currency",
            "reference",
            "client_secret",
            "bank_transfer",
            "transactions",
            "created_at",
        )

    @extend_schema_field(BankTransferSerializer(allow_null=True))
    def get_bank_transfer(self, payment: Payment) -> dict[str, Any] | None:
        transfer = selectors.transfer_of(payment)
        return BankTransferSerializer(transfer, context=self.context).data if transfer else None


class PaySerializer(InputSerializer[dict[str, Any]]):
    """An order, and what to pay it with."""

    order = serializers.UUIDField()
    provider = TextField(max_length=40)
    payment_method = TextField(
        max_length=255, help_text="A token of the provider, never a card number."
    )


class ReasonSerializer(InputSerializer[dict[str, Any]]):
    """Why."""

    reason = TextField(max_length=255, required=False, allow_blank=True, default="")


class AmountSerializer(ReasonSerializer):
    """How much, in the payment's currency, and why; without an amount, a capture takes the rest."""

    amount = serializers.DecimalField(
        max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, required=False
    )


class RefundItemSerializer(InputSerializer[dict[str, Any]]):
    """Units of an order's line."""

    item = serializers.UUIDField(help_text="The id of the order's item.")
    quantity = serializers.IntegerField(min_value=1, max_value=MAXIMUM_QUANTITY)


class RefundSerializer(AmountSerializer):
    """What to refund: an amount, units and the shipping, or all that is left.

    A body that selects nothing (`{}`, `"items": []`, `"shipping": false`) is refused.
    """

    items: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=RefundItemSerializer(), required=False, max_length=MAXIMUM_ITEMS
    )
    shipping = serializers.BooleanField(
        required=False, help_text="Whether the shipping goes back, all of it."
    )
    restock = serializers.BooleanField(
        required=False,
        help_text="Whether the units of `items` that have not left can be sold to others (the "
        "default); else they are written off. Units that have left come back by a return.",
    )
    all = serializers.BooleanField(
        required=False,
        source="everything",
        help_text="Whether all that is left goes back; instead of any other choice.",
    )

    def validate_items(self, items: list[dict[str, Any]]) -> dict[UUID, int]:
        units = {item["item"]: item["quantity"] for item in items}
        if len(units) < len(items):
            raise serializers.ValidationError("Name each item once.", code="duplicate")
        return units


class ProviderSerializer(serializers.Serializer[Any]):
    """A payment provider that this shop accepts."""

    code = serializers.CharField(help_text="What `provider` is called when paying.")
    name = serializers.CharField()
    capabilities = serializers.ListField(child=serializers.ChoiceField(choices=list(Capability)))


class ProviderQuerySerializer(serializers.Serializer[Any]):
    """What is going to be paid for; without either, everything that the shop accepts."""

    country = serializers.RegexField(r"^[A-Z]{2}$", required=False, help_text="ISO 3166-1 alpha-2.")
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, help_text="ISO 4217.")


class ProviderListSerializer(serializers.Serializer[Any]):
    """All accepted providers, on one page."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ProviderSerializer(many=True)
