"""The test gateway's memory in the backoffice."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm

from core.admin import ReadOnlyAdmin, back_to, dialog
from payments.admin.payments import TRANSACTION_COLOURS, may_act
from payments.models import SimulatedOperation
from payments.services import simulation


@admin.register(SimulatedOperation)
class SimulatedOperationAdmin(ReadOnlyAdmin):
    """What the test gateway remembers; here staff play the customer who must act."""

    list_display: ClassVar = (
        "reference",
        "kind",
        "amount",
        "currency",
        "state",
        "error_code",
        "at",
    )
    list_filter: ClassVar = ("kind", "status")
    search_fields: ClassVar = ("reference", "key")
    ordering: ClassVar = ("-at", "-key")
    exclude: ClassVar = ("client_secret",)
    actions_detail: ClassVar = ("confirm", "refuse")

    def has_act_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may_act(request)

    @display(description="Status", ordering="status", label=TRANSACTION_COLOURS)
    def state(self, operation: SimulatedOperation) -> tuple[str, str]:
        return operation.status, operation.get_status_display()

    @action(
        description="Confirm as the customer",
        permissions=["act"],
        icon="check",
        dialog=dialog("Confirm as the customer", "The payment succeeds.", "Confirm"),
    )
    def confirm(self, request: HttpRequest, _form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self._finish(request, object_id, succeeds=True)

    @action(
        description="Refuse as the customer",
        permissions=["act"],
        icon="close",
        dialog=dialog("Refuse as the customer", "The payment fails.", "Refuse"),
    )
    def refuse(self, request: HttpRequest, _form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self._finish(request, object_id, succeeds=False)

    def _finish(self, request: HttpRequest, object_id: str, *, succeeds: bool) -> HttpResponse:
        operation = SimulatedOperation.objects.get(pk=object_id)
        simulation.play_customer(reference=operation.reference, succeeds=succeeds)
        messages.success(request, "The provider has told the shop by webhook.")
        page = reverse("admin:payments_simulatedoperation_change", args=[object_id])
        return back_to(request, page)
