from functools import cache
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.models import Activity, Address, Profile, User, Visibility
from core.compiled import CompiledQuery
from core.text import typed_email_address


def addresses_of(user: User) -> QuerySet[Address]:
    return Address.objects.filter(user=user).order_by("-created_at", "-id")


def users() -> QuerySet[User]:
    return User.objects.with_access().select_related("profile")


def staff_who_may(permission: str) -> QuerySet[User]:
    """Return the active staff who have a permission (``app.codename``) by a role or their own."""
    app, codename = permission.split(".")
    of_role = Q(groups__permissions__content_type__app_label=app) & Q(
        groups__permissions__codename=codename
    )
    own = Q(user_permissions__content_type__app_label=app) & Q(user_permissions__codename=codename)
    staff = User.objects.filter(is_active=True, is_staff=True)
    return staff.filter(of_role | own | Q(is_superuser=True)).distinct().order_by("email", "id")


def search_users(users: QuerySet[User], words: str) -> QuerySet[User]:
    """Return those of ``users`` whose e-mail address or name contains each of the words."""
    for word in words.split():
        users = users.filter(
            Q(email__icontains=word)
            | Q(profile__first_name__icontains=word)
            | Q(profile__last_name__icontains=word)
        )
    return users


def active_user(user_id: UUID) -> User | None:
    """Return the user with profile, unless the account is closed or was never there."""
    return User.objects.select_related("profile").filter(pk=user_id, is_active=True).first()


def active_user_by_email(email: str) -> User | None:
    """Return the user with this address as people type it, or None."""
    return User.objects.filter(email=typed_email_address(email), is_active=True).first()


def visible_profile(user_id: UUID, *, is_member: bool) -> Profile | None:
    """Return the profile if a guest or, with ``is_member``, a signed-in person may see it."""
    visible = [Visibility.PUBLIC, *([Visibility.MEMBERS] if is_member else [])]
    return Profile.objects.filter(
        user_id=user_id, visibility__in=visible, user__is_active=True
    ).first()


def user_in_session(*, user_id: UUID, session_id: UUID, token_version: int) -> User | None:
    """Return the active user of a session that has not ended, with access, in one query."""
    users = _users_in_session(staff_mfa=settings.STAFF_MFA_REQUIRED)
    return users.first(user_id, session_id, token_version)


@cache
def _users_in_session(*, staff_mfa: bool) -> CompiledQuery[User]:
    return CompiledQuery(
        lambda user_id, session_id, token_version: User.objects.with_access(
            staff_mfa=staff_mfa
        ).filter(
            pk=user_id,
            is_active=True,
            token_version=token_version,
            sessions=session_id,
            sessions__ended_at=None,
        ),
        UUID,
        UUID,
        int,
    )


def activities_of(user: User) -> QuerySet[Activity]:
    return Activity.objects.filter(user=user)
