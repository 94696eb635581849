"""The confirmations that staff see before anything happens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from core.money import DECIMAL_PLACES, MAX_DIGITS
from orders.models import Order, OrderLine
from payments import selectors
from payments.models import Payment


class ReasonForm(BaseDialogForm):
    reason = forms.CharField(
        max_length=255, required=False, widget=UnfoldAdminTextInputWidget, help_text="For the file."
    )


class AmountForm(ReasonForm):
    amount = forms.DecimalField(
        max_digits=MAX_DIGITS,
        decimal_places=DECIMAL_PLACES,
        required=False,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text="In the payment's currency; empty: all that is left.",
    )
    field_order: ClassVar[tuple[str, ...]] = ("amount", "reason")


class RefundForm(AmountForm):
    """Asks what to refund: an amount, units of the order's lines, the shipping, or everything."""

    shipping = forms.BooleanField(
        required=False, widget=UnfoldBooleanSwitchWidget, label="The shipping, all of it"
    )
    restock = forms.BooleanField(
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
        label="Units that have not left can be sold to others",
        help_text="Else they are written off as damaged.",
    )
    everything = forms.BooleanField(
        required=False, widget=UnfoldBooleanSwitchWidget, label="Everything that is left"
    )

    def __init__(self, *args: Any, object_id: str, **kwargs: Any) -> None:
        super().__init__(*args, object_id=object_id, **kwargs)
        order = Payment.objects.select_related("order").get(pk=object_id).order
        self.fields[
            "amount"
        ].help_text = (
            "In the payment's currency. Leave it empty to refund units, the shipping or everything."
        )
        if selectors.is_shipping_refunded(order) or not order.shipping_total:
            del self.fields["shipping"]
        self.lines = {line.pk: left for line, left in _refundable(order, self.fields)}
        self.order_fields(
            ["amount", *map(str, self.lines), "restock", "shipping", "everything", "reason"]
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("everything") and (data.get("amount") or data.get("shipping") or self.items()):
            raise forms.ValidationError("Choose everything, or name what to refund, not both.")
        return data

    def items(self) -> dict[UUID, int]:
        named = {key: self.cleaned_data.get(str(key)) for key in self.lines}
        return {key: units for key, units in named.items() if units}


def _refundable(order: Order, fields: dict[str, forms.Field]) -> Iterator[tuple[OrderLine, int]]:
    """Add a field for each line of which units are left, and yield them."""
    for line, left in selectors.refundable_lines(order):
        if left:
            fields[str(line.pk)] = forms.IntegerField(
                label=f"{line.product_name} ({line.sku})",
                min_value=0,
                max_value=left,
                required=False,
                widget=UnfoldAdminIntegerFieldWidget,
                help_text=f"Units, {left} left to refund.",
            )
            yield line, left
