from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm

from core.admin import ReadOnlyAdmin, back_to, dialog
from notifications import services
from notifications.models import EmailStatus, OutgoingEmail

COLOURS: dict[str, str] = {EmailStatus.SENT: "success", EmailStatus.QUEUED: "warning"}


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(ReadOnlyAdmin):
    """What the shop wrote to whom, and whether it was sent; it can be sent again."""

    list_display: ClassVar = ("subject", "recipient", "state", "created_at", "sent_at")
    list_filter: ClassVar = ("status", "created_at")
    search_fields: ClassVar = ("recipient", "subject", "occasion")
    ordering: ClassVar = ("-created_at", "-id")
    fields: ClassVar = (
        ("subject", "recipient"),
        ("state", "sent_at"),
        ("attempts", "last_error"),
        "occasion",
        "preview",
        "text",
    )
    readonly_fields: ClassVar = ("state", "preview")
    actions_detail: ClassVar = ("send_again",)

    def has_send_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("notifications.change_outgoingemail")

    @display(description="Status", ordering="status", label=COLOURS)
    def state(self, email: OutgoingEmail) -> str:
        return email.status

    @display(description="Preview")
    def preview(self, email: OutgoingEmail) -> SafeString:
        """Return the message as its reader sees it, in a frame that runs nothing."""
        if email.kind:
            return format_html("{}", "Composed when it is sent: its link is stored nowhere.")
        return format_html(
            '<iframe sandbox title="Preview" srcdoc="{}" '
            'style="width: 100%; height: 40rem; border: 0; background: #ffffff"></iframe>',
            email.html,
        )

    @action(
        description="Send again",
        permissions=["send"],
        icon="forward_to_inbox",
        dialog=dialog(
            "Send this e-mail again",
            "The recipient gets the same message once more.",
            "Send",
        ),
    )
    def send_again(
        self, request: HttpRequest, _form: BaseDialogForm, object_id: str
    ) -> HttpResponse:
        services.send_again(email_id=UUID(object_id))
        messages.success(request, "The message is queued.")
        return back_to(
            request, reverse("admin:notifications_outgoingemail_change", args=[object_id])
        )
