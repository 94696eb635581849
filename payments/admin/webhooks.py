"""What providers told by webhook, in the backoffice; dead letters can be run again."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm

from core.admin import Question, ReadOnlyAdmin, ask_first, back_to, dialog
from payments import selectors
from payments.admin.payments import may_act
from payments.models import WebhookEvent, WebhookState
from payments.services import webhooks

COLOURS: dict[str, str] = {
    WebhookState.APPLIED: "success",
    WebhookState.WAITING: "warning",
    WebhookState.DEAD: "danger",
}


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return WebhookState.choices

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[WebhookEvent]
    ) -> QuerySet[WebhookEvent]:
        chosen = self.value()
        return selectors.webhooks_in(queryset, WebhookState(chosen)) if chosen else queryset


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    """What providers told by webhook, and what became of it."""

    list_display: ClassVar = (
        "event_id",
        "provider",
        "kind",
        "became",
        "failures",
        "error",
        "received_at",
    )
    list_filter: ClassVar = (StateFilter, "provider", "kind")
    list_before_template = "payments/admin/webhook_tabs.html"
    search_fields: ClassVar = ("event_id", "error")
    ordering: ClassVar = ("-received_at", "-id")
    fields: ClassVar = (
        ("event_id", "state"),
        ("provider", "kind"),
        ("received_at", "applied_at"),
        ("failures", "given_up_at"),
        "error",
        "payload",
    )
    readonly_fields: ClassVar = ("state",)
    actions: ClassVar = ("run_selected_again",)
    actions_detail: ClassVar = ("run_again",)

    def has_act_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may_act(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        counts = selectors.counts_of_webhooks()
        tabs = {
            "tabs": [
                ("", "All", None),
                *((value, name, counts.get(value)) for value, name in WebhookState.choices),
            ],
            "chosen": request.GET.get("state", ""),
        }
        response: HttpResponse = super().changelist_view(request, {**(extra_context or {}), **tabs})
        return response

    @display(description="State", label=COLOURS)
    def became(self, event: WebhookEvent) -> tuple[str, str]:
        return event.state.value, event.state.label

    @display(description="State")
    def state(self, event: WebhookEvent) -> str:
        return str(event.state.label)

    @action(
        description="Run again",
        permissions=["act"],
        icon="replay",
        dialog=dialog("Run this event again", "An event is never applied twice.", "Run again"),
    )
    def run_again(
        self, request: HttpRequest, _form: BaseDialogForm, object_id: str
    ) -> HttpResponse:
        _run_again(request, [UUID(object_id)])
        return back_to(request, reverse("admin:payments_webhookevent_change", args=[object_id]))

    @admin.action(description="Run again", permissions=["act"])
    def run_selected_again(
        self, request: HttpRequest, events: QuerySet[WebhookEvent]
    ) -> HttpResponse | None:
        question = Question(
            action="run_selected_again",
            title="Run events again",
            text="Run these events again? What was applied stays as it is.",
            button="Run again",
        )
        if page := ask_first(request, self, events, question):
            return page
        _run_again(request, events.values_list("pk", flat=True))
        return None


def _run_again(request: HttpRequest, event_ids: Any) -> None:
    count = webhooks.run_again(event_ids=list(event_ids))
    messages.success(request, f"{count} of the chosen events are being applied.")
