"""Signing in to the admin, with the same limits on guessing as the API.

Not in the ``admin`` package: Django's admin site asks for this form before it can register pages.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm
from unfold.widgets import BASE_INPUT_CLASSES

from accounts.api.client import client_of
from accounts.models import User
from accounts.services.credentials import prove_password
from accounts.services.mfa import prove_code
from core.errors import DomainError

BACKEND = "accounts.backends.RoleBackend"


class SignInForm(AuthenticationForm):
    error_messages: ClassVar = AuthenticationForm.error_messages | {
        "set_up_first": "Staff needs a second factor in this shop: set it up in your account first."
    }

    code = forms.CharField(
        label="Code of your authenticator app",
        required=False,
        max_length=20,
        help_text="Leave it empty if you have not set one up.",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "class": " ".join(BASE_INPUT_CLASSES)}
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Check password and code; guesses count as they do in the API."""
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email and password:
            try:
                user = prove_password(
                    email=email, password=password, client=client_of(self.request)
                )
                self.confirm_login_allowed(user)
                if user.has_second_factor:
                    prove_code(user=user, code=self.cleaned_data.get("code") or "")
            except DomainError as error:
                raise ValidationError(error.detail, code=error.code) from error
            user.backend = BACKEND
            self.user_cache = user
        return dict(self.cleaned_data)

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if user.lacks_required_factor:
            raise ValidationError(self.error_messages["set_up_first"], code="set_up_first")
