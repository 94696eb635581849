"""Erasing an account: what names the person goes, the shop's figures stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.events import UserErased
from accounts.models import Activity, Address, Profile, Session, SessionEnd, User, Visibility
from accounts.roles import Role
from accounts.services import mfa
from accounts.services.avatars import remove_avatar
from accounts.services.credentials import WrongPassword, confirm_password
from accounts.services.sessions import end_all_sessions
from core import events
from core.errors import DomainError
from core.rate_limits import RateLimited


class AdministratorsStay(DomainError):
    """An erased administrator could have been the last one."""

    code = "own_access"
    title = "Administrators cannot erase their accounts: another one must take the rights first."


ERASE_OWN_ACCOUNT_ERRORS: Final = (WrongPassword, AdministratorsStay, RateLimited)


def erase_own_account(
    *, user: User, current_password: str, precondition: Callable[[User], None]
) -> None:
    """Anonymise the account of someone who asks for it, and who proves it by password.

    ``precondition`` is called with the user locked and may raise.
    """
    confirm_password(user=user, password=current_password)
    if user.is_superuser or Role.ADMINISTRATOR in user.roles:
        raise AdministratorsStay
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        Profile.objects.select_for_update().get(user=user)
        precondition(locked)
        erase(user=locked)


@transaction.atomic
def erase(*, user: User) -> None:
    """Remove everything that names the person; id and dates stay, so that orders keep theirs.

    Locks the user. Announces UserErased, upon which higher apps clear what they hold.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    end_all_sessions(user=user, reason=SessionEnd.ERASED)
    remove_avatar(user=user)
    Profile.objects.filter(user=user).update(
        first_name="", last_name="", phone_number="", visibility=Visibility.PRIVATE
    )
    Address.all_objects.filter(user=user).delete()
    Session.objects.filter(user=user).update(user_agent="", ip_address=None)
    Activity.objects.filter(user=user).delete()
    LogEntry.objects.filter(object_id=str(user.pk)).update(object_repr="")
    mfa.remove_devices(user=user)
    user.groups.clear()
    values = {
        "email": f"{user.pk}@erased.invalid",
        "pending_email": "",
        "password": make_password(None),
        "is_active": False,
        "is_staff": False,
        "is_email_verified": False,
        "anonymised_at": timezone.now(),
    }
    for name, value in values.items():
        setattr(user, name, value)
    user.save(update_fields=[*values, "updated_at"])
    events.emit(UserErased(user_id=user.pk))
