from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.events import AccessChanged, PasswordResetRequested
from accounts.models import SessionEnd, User
from accounts.services import mfa
from accounts.services.sessions import end_all_sessions
from core import events
from core.errors import DomainError, InvalidInput

FLAGS = ("is_active", "is_staff", "is_superuser")


class OwnAccess(DomainError):
    """Nobody deactivates or demotes themselves, so that no shop loses its last administrator."""

    code = "own_access"
    title = "You cannot deactivate yourself or take rights from yourself."


class SuperusersOnly(DomainError):
    """Only a superuser makes one, or changes one."""

    code = "superusers_only"
    status = 403
    title = "Only a superuser may do this."


class UnknownRole(InvalidInput):
    code = "unknown_role"
    title = "There is no role of this name."
    at = "#/roles"


CHANGE_ACCESS_ERRORS: Final = (OwnAccess, SuperusersOnly, UnknownRole)


@dataclass(frozen=True, slots=True)
class AccessChange:
    """What a user may do from now on; None leaves it as it is."""

    is_active: bool | None = None
    is_staff: bool | None = None
    is_superuser: bool | None = None
    roles: Sequence[str] | None = None


def change_access(*, actor: User, user: User, change: AccessChange) -> User:
    """Set roles and flags; a change ends every session of the user. Announces AccessChanged.

    Locks the user.
    """
    groups = list(Group.objects.filter(name__in=change.roles or ()))
    if unknown := set(change.roles or ()) - {group.name for group in groups}:
        raise UnknownRole(f"There is no role {', '.join(sorted(unknown))}.", pointer="#/roles")
    with transaction.atomic():
        user = lock_user(user_id=user.pk)
        check_access_change(actor=actor, user=user, change=change)
        wanted = _differences(user, change)
        if wanted:
            flags = [name for name in FLAGS if name in wanted]
            for name in flags:
                setattr(user, name, wanted[name])
            user.save(update_fields=[*flags, "updated_at"])
            if "roles" in wanted:
                user.groups.set(groups)
            is_open = user.is_active
            reason = SessionEnd.ACCOUNT_CHANGED if is_open else SessionEnd.DEACTIVATED
            end_all_sessions(user=user, reason=reason)
            summary = ", ".join(f"{name}: {value}" for name, value in sorted(wanted.items()))
            events.emit(AccessChanged(user_id=user.pk, actor_id=actor.pk, changes=summary))
    return User.objects.with_access().select_related("profile").get(pk=user.pk)


def lock_user(*, user_id: UUID) -> User:
    user: User = User.objects.select_for_update(no_key=True).get(pk=user_id)
    return user


def check_access_change(*, actor: User, user: User, change: AccessChange) -> None:
    wanted = _differences(user, change)
    loses = {name for name in FLAGS if wanted.get(name) is False}
    if "roles" in wanted and not set(user.roles) <= set(wanted["roles"]):
        loses.add("roles")
    if actor.pk == user.pk and loses:
        raise OwnAccess
    is_about_superusers = user.is_superuser or "is_superuser" in wanted
    if wanted and is_about_superusers and not actor.is_superuser:
        raise SuperusersOnly


def reset_second_factor(*, user: User) -> None:
    """Switch the second factor off for someone who lost it; every session ends."""
    with transaction.atomic():
        mfa.remove_devices(user=user)
        end_all_sessions(user=user, reason=SessionEnd.ACCOUNT_CHANGED)


def send_password_reset(*, user: User) -> None:
    """Let the user set a new password by a link that goes out by e-mail."""
    with transaction.atomic():
        events.emit(PasswordResetRequested(user_id=user.pk))


def _differences(user: User, change: AccessChange) -> dict[str, Any]:
    wanted = {name: value for name, value in asdict(change).items() if value is not None}
    if "roles" in wanted:
        wanted["roles"] = sorted(set(wanted["roles"]))
    return {name: value for name, value in wanted.items() if getattr(user, name) != value}
