from __future__ import annotations

from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action, display
from unfold.widgets import UnfoldBooleanSwitchWidget

from core.admin import ModelForm, dialog
from inventory import services
from inventory.admin.documents import DocumentAdmin, LineInline, actor_of
from inventory.admin.sku_lines import SkuLinesField
from inventory.models import Transfer, TransferLine, TransferStatus
from inventory.services import NewTransfer


class TransferLineInline(LineInline):
    model = TransferLine
    fields: ClassVar = ("sku", "product", "quantity")
    readonly_fields = ("sku", "product", "quantity")


class TransferForm(ModelForm):
    lines = SkuLinesField()
    is_immediate = forms.BooleanField(
        label="Has arrived already", required=False, widget=UnfoldBooleanSwitchWidget
    )

    class Meta:
        model = Transfer
        fields = ("source", "destination", "note")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("source") and data.get("source") == data.get("destination"):
            self.add_error("destination", "Choose another location.")
        return data


@admin.register(Transfer)
class TransferAdmin(DocumentAdmin):
    """Goods that go from one location to another."""

    form = TransferForm
    list_display: ClassVar = ("__str__", "state", "units", "note", "created_by", "created_at")
    list_filter: ClassVar = ("status", "source", "destination")
    list_select_related: ClassVar = ("source", "destination", "created_by")
    search_fields: ClassVar = ("lines__variant__sku", "note")
    ordering: ClassVar = ("-created_at", "-id")
    inlines: ClassVar = (TransferLineInline,)
    actions_detail: ClassVar = ("receive", "cancel")
    _page: ClassVar = (
        ("source", "destination"),
        ("state", "note"),
        ("created_by", "created_at", "finished_at"),
    )
    readonly_fields: ClassVar = (
        "source",
        "destination",
        "state",
        "note",
        "created_by",
        "created_at",
        "finished_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transfer]:
        rows: QuerySet[Transfer] = super().get_queryset(request)
        return rows.annotate(unit_count=Sum("lines__quantity", default=0))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        asked = (("source", "destination"), "lines", ("note", "is_immediate"))
        return self._page if obj else asked

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        if obj:
            kwargs |= {"form": ModelForm, "fields": ()}
        return super().get_form(request, obj, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else ()

    @display(
        description="Status",
        ordering="status",
        label={
            TransferStatus.IN_TRANSIT: "info",
            TransferStatus.RECEIVED: "success",
            TransferStatus.CANCELLED: "warning",
        },
    )
    def state(self, transfer: Transfer) -> str:
        return transfer.status

    @display(description="Units")
    def units(self, transfer: Any) -> int:
        return int(transfer.unit_count)

    def create(self, request: HttpRequest, values: Any) -> Transfer:
        new = NewTransfer(
            source_id=values["source"].pk,
            destination_id=values["destination"].pk,
            units=values["lines"],
            note=values["note"],
            is_immediate=values["is_immediate"],
        )
        return services.start_transfer(new=new, actor=actor_of(request))

    def update(self, request: HttpRequest, obj: Transfer, changes: Any) -> None:
        """A transfer that exists is changed by its actions alone."""

    @action(
        description="Received",
        permissions=["move"],
        icon="inventory",
        dialog=dialog("The goods have arrived", "They go on stock there.", "Receive"),
    )
    def receive(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        service = partial(
            services.receive_transfer, transfer_id=UUID(object_id), actor=actor_of(request)
        )
        return self.carry_out(request, object_id, service)

    @action(
        description="Cancel",
        permissions=["move"],
        icon="undo",
        dialog=dialog("Cancel this transfer", "The goods go back on stock.", "Cancel the transfer"),
    )
    def cancel(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        service = partial(
            services.cancel_transfer, transfer_id=UUID(object_id), actor=actor_of(request)
        )
        return self.carry_out(request, object_id, service)

    def has_move_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.may_move_on(request, object_id, TransferStatus.IN_TRANSIT)
