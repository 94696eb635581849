"""The confirmations that staff see before anything happens."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import F
from django.http import HttpRequest
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts.models import User
from orders.models import Order, OrderLine
from orders.services import Parcel, RequestReturn
from orders.waiting import units_left


class NoteForm(BaseDialogForm):
    note = forms.CharField(
        max_length=2000,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="The customer sees it in the order's history.",
    )


class RestForm(NoteForm):
    restock = forms.BooleanField(
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
        label="The units can be sold to others",
        help_text="Else they are written off as damaged.",
    )


class WrittenNoteForm(NoteForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = True


class ParcelForm(NoteForm):
    """Asks who carries a parcel, and how much of what is left to ship is in it."""

    carrier = forms.CharField(
        max_length=80,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="UPS, FedEx, DHL, USPS and Royal Mail parcels get a link to follow them.",
    )
    tracking_number = forms.CharField(
        max_length=120, required=False, widget=UnfoldAdminTextInputWidget
    )
    field_order = ("carrier", "tracking_number", "note")

    def __init__(self, *args: Any, object_id: str, **kwargs: Any) -> None:
        super().__init__(*args, object_id=object_id, **kwargs)
        order = Order(pk=object_id)
        self.left = {key: left for key, left in units_left(order).items() if left}
        names = OrderLine.objects.filter(pk__in=self.left).values_list("pk", "product_name", "sku")
        described = {key: f"{name} ({sku})" for key, name, sku in names}
        for line_id, left in self.left.items():
            self.fields[str(line_id)] = forms.IntegerField(
                label=described[line_id],
                min_value=0,
                max_value=left,
                initial=left,
                required=False,
                widget=UnfoldAdminIntegerFieldWidget,
                help_text=f"{left} left to ship.",
            )

    def parcel(self) -> Parcel:
        given = {key: self.cleaned_data.get(str(key)) for key in self.left}
        units: dict[UUID, int] = {
            key: self.left[key] if number is None else number for key, number in given.items()
        }
        return Parcel(
            carrier=self.cleaned_data["carrier"],
            tracking_number=self.cleaned_data["tracking_number"],
            units={key: number for key, number in units.items() if number} or None,
        )


class ReturnForm(BaseDialogForm):
    reason = forms.CharField(max_length=2000, widget=UnfoldAdminTextInputWidget)

    def __init__(self, *args: Any, object_id: str, **kwargs: Any) -> None:
        super().__init__(*args, object_id=object_id, **kwargs)
        self.order_id = UUID(object_id)
        self.lines = list(
            OrderLine.objects.filter(
                order=self.order_id, is_digital=False, quantity__gt=F("cancelled_quantity")
            ).order_by("position")
        )
        for line in self.lines:
            delivered = line.quantity - line.cancelled_quantity
            self.fields[str(line.pk)] = forms.IntegerField(
                label=f"{line.product_name} ({line.sku})",
                min_value=0,
                max_value=delivered,
                initial=0,
                required=False,
                widget=UnfoldAdminIntegerFieldWidget,
                help_text=f"{delivered} delivered.",
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not any(data.get(str(line.pk)) for line in self.lines):
            # Said at a field, since the dialog shows no errors of the whole.
            place = str(self.lines[0].pk) if self.lines else "reason"
            self.add_error(place, "Say how many units of which line come back.")
        return data

    def command(self, request: HttpRequest) -> RequestReturn:
        units = {line.pk: self.cleaned_data.get(str(line.pk)) or 0 for line in self.lines}
        return RequestReturn(
            order_id=self.order_id,
            quantities={key: number for key, number in units.items() if number},
            reason=self.cleaned_data["reason"],
            by=cast("User", request.user),  # the admin lets nobody else in
        )
