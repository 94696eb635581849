from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.events import PasswordChanged, PasswordResetRequested
from accounts.models import SessionEnd, User
from accounts.services.credentials import (
    WeakPassword,
    WrongPassword,
    check_strength,
    confirm_password,
)
from accounts.services.links import InvalidLink, reset_tokens, user_of_link
from accounts.services.sessions import Client, end_all_sessions, start_session
from accounts.tokens import TokenPair
from core import events, rate_limits, text
from core.rate_limits import Limit, RateLimited

RESET_ACCOUNT_LIMIT = Limit("password-reset-account", 5, 3600)

CHANGE_PASSWORD_ERRORS: Final = (WrongPassword, WeakPassword, RateLimited)
REQUEST_RESET_ERRORS: Final = (RateLimited,)
RESET_PASSWORD_ERRORS: Final = (InvalidLink, WeakPassword)


@dataclass(frozen=True, slots=True)
class NewPassword:
    """The password of now and the one to come."""

    current_password: str
    new_password: str


def change_password(
    *, user: User, passwords: NewPassword, client: Client, now: datetime
) -> TokenPair:
    """Set a new password; every session ends, and this caller begins a new one."""
    confirm_password(user=user, password=passwords.current_password)
    check_strength(password=passwords.new_password, user=user, pointer="#/new_password")
    with transaction.atomic():
        _set_password(user, passwords.new_password)
        return start_session(user=user, client=client, now=now)


def request_reset(*, email: str) -> None:
    """Announce PasswordResetRequested, which sends the link, if there is such an account.

    Does and takes the same when there is none: then the announced user does not exist.
    """
    email = text.typed_email_address(email)
    rate_limits.hit(RESET_ACCOUNT_LIMIT, email)
    user_id = User.objects.filter(email=email, is_active=True).values_list("pk", flat=True).first()
    with transaction.atomic():
        events.emit(PasswordResetRequested(user_id=user_id or uuid.uuid4()))


def reset_password(*, uid: str, token: str, new_password: str) -> None:
    """Set a new password for the bearer of a reset link; every session ends. Locks the user."""
    with transaction.atomic():
        user = user_of_link(uid=uid, token=token, tokens=reset_tokens)
        check_strength(password=new_password, user=user, pointer="#/new_password")
        _set_password(user, new_password)


def _set_password(user: User, password: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])
    end_all_sessions(user=user, reason=SessionEnd.PASSWORD_CHANGED)
    events.emit(PasswordChanged(user_id=user.pk))
