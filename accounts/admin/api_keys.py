"""API keys in the backoffice: made, listed, revoked. The text to send is shown once."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.models import ApiKey, Scope
from accounts.services import api_keys
from core.admin import BaseAdmin, ModelForm


class ApiKeyForm(ModelForm):
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = ApiKey
        fields = ("name", "scopes", "expires_at", "rate_per_minute")


@admin.register(ApiKey)
class ApiKeyAdmin(BaseAdmin):
    form = ApiKeyForm
    list_display: ClassVar = (
        "name",
        "prefix",
        "scope_names",
        "state",
        "last_used_at",
        "expires_at",
        "created_by",
    )
    list_filter: ClassVar = ("revoked_at", "expires_at")
    search_fields: ClassVar = ("name", "prefix")
    list_select_related: ClassVar = ("created_by",)
    ordering: ClassVar = ("-created_at", "-id")
    readonly_fields: ClassVar = ("prefix", "created_by", "created_at", "last_used_at", "revoked_at")
    actions: ClassVar = ("revoke",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.readonly_fields if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let keys be revoked, not edited: who holds one relies on what it may do."""
        return obj is None and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep revoked keys in sight."""
        return False

    def save_model(self, request: Any, obj: ApiKey, form: Any, change: Any) -> None:
        new = api_keys.NewKey(**form.cleaned_data)
        key, text = api_keys.create_api_key(new=new, created_by=request.user)
        obj.pk = key.pk
        notice = format_html("Copy this now, it is not shown again: <code>Api-Key {}</code>", text)
        self.message_user(request, notice, messages.WARNING)

    @admin.display(description="Scopes")
    def scope_names(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @admin.display(description="State")
    def state(self, key: ApiKey) -> str:
        return key.state()

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys:
            api_keys.revoke_api_key(key=key, now=timezone.now())
        self.message_user(request, "The keys are revoked.", messages.SUCCESS)
