from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction

from accounts import phone_numbers
from accounts.events import ProfileChanged
from accounts.models import Profile, User
from accounts.services.credentials import WrongPassword, confirm_password
from accounts.services.email_addresses import (
    EmailTaken,
    keep_pending_email,
    permit_email_change,
)
from core import events, text
from core.errors import InvalidInput
from core.rate_limits import RateLimited

CHANGEABLE = ("first_name", "last_name", "phone_number", "visibility")


class PasswordRequired(InvalidInput):
    code = "required"
    title = "The current password is needed to change the e-mail address."
    at = "#/current_password"


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What shall change: the address, some fields of the profile, or both."""

    email: str = ""
    current_password: str = ""
    profile: Mapping[str, Any] = field(default_factory=dict)


CHANGE_ACCOUNT_ERRORS: Final = (
    PasswordRequired,
    WrongPassword,
    EmailTaken,
    phone_numbers.InvalidPhoneNumber,
    RateLimited,
)


def change_account(
    *, user: User, change: AccountChange, precondition: Callable[[User], None]
) -> User:
    """Change the profile at once, the e-mail address once its new owner confirms.

    ``precondition`` is called with the profile locked and may raise. Announces ProfileChanged,
    EmailChangeRequested.
    """
    values = {name: change.profile[name] for name in CHANGEABLE if name in change.profile}
    if "phone_number" in values:
        values["phone_number"] = phone_numbers.normalise(
            values["phone_number"], pointer="#/profile/phone_number"
        )
    email = text.typed_email_address(change.email)
    if email and email != user.email:
        if not change.current_password:
            raise PasswordRequired(pointer="#/current_password")
        confirm_password(user=user, password=change.current_password)
        permit_email_change(user=user, email=email)
    with transaction.atomic():
        user.profile = Profile.objects.select_for_update().get(user=user)
        precondition(user)
        changed = [name for name, value in values.items() if getattr(user.profile, name) != value]
        for name in changed:
            setattr(user.profile, name, values[name])
        if changed:
            user.profile.save(update_fields=[*changed, "updated_at"])
            events.emit(ProfileChanged(user_id=user.pk, fields=", ".join(sorted(changed))))
        if email:
            keep_pending_email(user=user, email=email)
    return user
