"""Drafts in the backoffice: entered, changed until they are paid, and sent with a payment link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts import selectors as accounts_selectors
from accounts.models import User
from cart.models import MAXIMUM_QUANTITY
from cart.selectors import Owner
from cart.services import RequestedItem
from core.admin import LongTextField, ModelForm, OneLineField, ServiceAdmin, back_to, dialog
from core.errors import DomainError
from inventory.admin.sku_lines import SkuLinesField
from orders import selectors, services
from orders.models import Order, OrderLine, OrderStatus
from orders.services import EditOrder, PlaceOrder
from orders.services.addresses import FIELDS as ADDRESS
from shipping.models import ShippingMethod

CHANGE = "orders.change_order"
_ALWAYS_NEEDED = ("full_name", "line1", "country")


class DraftForm(ModelForm):
    """Asks for whom an order is entered, of what, and where it goes."""

    customer_email = forms.EmailField(
        max_length=254,
        widget=UnfoldAdminTextInputWidget,
        help_text="Of a customer's account, whose order it becomes, or of a guest.",
    )
    lines = SkuLinesField()
    shipping_method = forms.ModelChoiceField(
        ShippingMethod.objects.order_by("name", "id"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="Needed unless everything is digital.",
    )
    coupons = OneLineField(
        max_length=200, required=False, widget=UnfoldAdminTextInputWidget, help_text="By commas."
    )
    customer_note = LongTextField(
        max_length=2000, required=False, widget=UnfoldAdminTextInputWidget
    )
    holds_stock = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        label="Keep the goods for the customer already",
    )

    class Meta:
        model = Order
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ADDRESS:
            self.fields[name] = OneLineField(
                max_length=200,
                required=name in _ALWAYS_NEEDED,
                widget=UnfoldAdminTextInputWidget,
                help_text="Two letters, such as DE." if name == "country" else "",
            )


class ChangeLinesForm(BaseDialogForm):
    """Asks how many units of each line there shall be, and what is added."""

    more = SkuLinesField(label="Add", required=False)

    def __init__(self, *args: Any, object_id: str, **kwargs: Any) -> None:
        super().__init__(*args, object_id=object_id, **kwargs)
        lines = OrderLine.objects.filter(order=UUID(object_id), quantity__gt=0).order_by("position")
        self.keys = [line.pk for line in lines]
        for line in lines:
            self.fields[str(line.pk)] = forms.IntegerField(
                label=f"{line.product_name} ({line.sku})",
                min_value=0,
                max_value=MAXIMUM_QUANTITY,
                initial=line.quantity,
                required=False,
                widget=UnfoldAdminIntegerFieldWidget,
                help_text="0 takes the line out.",
            )

    def quantities(self) -> dict[UUID, int]:
        given = {key: self.cleaned_data.get(str(key)) for key in self.keys}
        named = {key: number for key, number in given.items() if number is not None}
        added: dict[UUID, int] = self.cleaned_data["more"]
        return named | added


class DraftActions(ServiceAdmin):
    """The form for a new draft, and what becomes of a draft until it is paid."""

    draft_fields: ClassVar = (
        (None, {"fields": ("customer_email", "lines", "coupons", "customer_note", "holds_stock")}),
        ("Delivery", {"fields": ("shipping_method", *ADDRESS)}),
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(CHANGE)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        if obj is None:
            kwargs |= {"form": DraftForm, "fields": ()}
        return super().get_form(request, obj, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else self.draft_fields

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    def create(self, request: HttpRequest, values: Any) -> Order:
        """Enter the draft, for the customer with this address or for a guest."""
        address = {name: values[name] for name in ADDRESS}
        method = values["shipping_method"]
        customer = accounts_selectors.active_user_by_email(values["customer_email"])
        return services.place_order(
            command=PlaceOrder(
                owner=Owner(customer) if customer else services.owner_entered_for(customer_id=None),
                email=values["customer_email"],
                items=[
                    RequestedItem(number, variant_id=key) for key, number in values["lines"].items()
                ],
                shipping_address=address,
                shipping_method_id=method.pk if method else None,
                coupons=[code for code in values["coupons"].split(",") if code.strip()],
                customer_note=values["customer_note"],
                by=cast("User", request.user),  # the admin lets nobody else in
                is_draft=True,
                holds_stock=values["holds_stock"],
            )
        )

    @action(
        description="Send payment link",
        permissions=["send_link"],
        icon="forward_to_inbox",
        dialog=dialog(
            "Send the payment link",
            "The customer can look at the order, change it and pay it.",
            "Send",
        ),
    )
    def send_link(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._with_draft(
            request,
            object_id,
            lambda by: services.send_payment_link(order_id=UUID(object_id), by=by),
        )

    @action(
        description="Change",
        permissions=["change_lines"],
        icon="edit",
        dialog=dialog(
            "Change what is ordered",
            "Totals and stock follow. What stays costs what it did.",
            "Change",
            ChangeLinesForm,
        ),
    )
    def change_lines(
        self, request: HttpRequest, form: ChangeLinesForm, object_id: str
    ) -> HttpResponse:
        return self._with_draft(
            request,
            object_id,
            lambda by: services.edit_order(
                command=EditOrder(UUID(object_id), by=by, quantities=form.quantities())
            ),
        )

    def has_send_link_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._is_pending(request, object_id, is_draft=True)

    def has_change_lines_permission(
        self, request: HttpRequest, object_id: str | None = None
    ) -> bool:
        return self._is_pending(request, object_id, is_draft=False)

    def _is_pending(self, request: HttpRequest, object_id: str | None, *, is_draft: bool) -> bool:
        """Tell whether to offer an action; once it is submitted, the service decides."""
        if not request.user.has_perm(CHANGE):
            return False
        order = selectors.order_by_id(object_id) if object_id else None
        is_pending = order is not None and order.status == OrderStatus.PENDING
        return request.method == "POST" or bool(
            is_pending and order and (order.is_draft or not is_draft)
        )

    def _with_draft(
        self, request: HttpRequest, object_id: str, service: Callable[[User], Any]
    ) -> HttpResponse:
        try:
            service(cast("User", request.user))  # the admin lets nobody else in
        except DomainError as refusal:
            messages.error(request, refusal.detail)
        else:
            messages.success(request, "Done.")
        return back_to(request, reverse("admin:orders_order_change", args=[object_id]))
