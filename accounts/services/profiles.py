"""What a user changes about themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts import phone_numbers
from accounts.events import ProfileChanged
from accounts.models import Profile, User
from accounts.services.credentials import confirm_password
from accounts.services.email_addresses import keep_pending_email, permit_email_change
from core import events
from core.errors import InvalidInput

CHANGEABLE = ("first_name", "last_name", "phone_number", "visibility")


class PasswordRequired(InvalidInput):
    """This needs the current password."""

    code = "required"
    title = "The current password is needed to change the e-mail address."


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What shall change: the address, some fields of the profile, or both."""

    email: str = ""
    current_password: str = ""
    profile: Mapping[str, Any] = field(default_factory=dict)


def change_account(
    *, user: User, change: AccountChange, precondition: Callable[[User], None]
) -> User:
    """Change the profile at once, the e-mail address once its new owner confirms.

    ``precondition`` is called with the profile locked and may raise. Announces ProfileChanged,
    EmailChangeRequested. Raises RateLimited, PasswordRequired, WrongPassword, EmailTaken,
    InvalidPhoneNumber.
    """
    values = _checked(change.profile)
    email = change.email.strip().lower()
    if email and email != user.email:
        _permit_move(user, email, change.current_password)
    with transaction.atomic():
        user.profile = Profile.objects.select_for_update().get(user=user)
        precondition(user)
        _save_profile(user, values)
        if email:
            keep_pending_email(user=user, email=email)
    return user


def _permit_move(user: User, email: str, password: str) -> None:
    if not password:
        raise PasswordRequired(pointer="#/current_password")
    confirm_password(user=user, password=password)
    permit_email_change(user=user, email=email)


def _checked(profile: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: profile[name] for name in CHANGEABLE if name in profile}
    if "phone_number" in values:
        values["phone_number"] = phone_numbers.normalise(
            values["phone_number"], pointer="#/profile/phone_number"
        )
    return values


def _save_profile(user: User, values: dict[str, Any]) -> None:
    changed = [name for name, value in values.items() if getattr(user.profile, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(user.profile, name, values[name])
    user.profile.save(update_fields=[*changed, "updated_at"])
    events.emit(ProfileChanged(user_id=user.pk, fields=", ".join(sorted(changed))))
