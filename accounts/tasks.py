"""Background work of accounts: e-mails, and forgetting what is old."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from accounts import emails
from accounts.events import (
    EmailChangeRequested,
    EmailVerificationRequested,
    PasswordChanged,
    PasswordResetRequested,
    UserRegistered,
)
from accounts.models import User
from accounts.services import activities, sessions
from core.events import handles

# How long staff can see a session after it expired.
SESSIONS_KEPT = timedelta(days=90)


@handles(UserRegistered)
def welcome(event: UserRegistered) -> None:
    """Send the link that verifies a newcomer's address."""
    if (user := _reachable(event.user_id)) and not user.is_email_verified:
        emails.send_verification(user)


@handles(EmailVerificationRequested)
def send_verification_again(event: EmailVerificationRequested) -> None:
    """Send the link once more."""
    if user := _reachable(event.user_id):
        emails.send_verification(user)


@handles(EmailChangeRequested)
def confirm_new_address(event: EmailChangeRequested) -> None:
    """Send a link to the new address, and word to the old one."""
    user = _reachable(event.user_id)
    if user and user.pending_email:
        emails.send_verification(user)
        emails.send(emails.CHANGE_ASKED, to=user.email, user=user)


@handles(PasswordResetRequested)
def send_reset(event: PasswordResetRequested) -> None:
    """Send the link that sets a new password, if the account exists."""
    if user := _reachable(event.user_id):
        emails.send_reset(user)


@handles(PasswordChanged)
def tell_of_new_password(event: PasswordChanged) -> None:
    """Tell the owner, who may not have been the one who changed it."""
    if user := _reachable(event.user_id):
        emails.send(emails.PASSWORD_CHANGED, to=user.email, user=user)


def _reachable(user_id: UUID) -> User | None:
    return User.objects.select_related("profile").filter(pk=user_id, is_active=True).first()


@jobs.periodic(cron="23 4 * * *")
@jobs.task(name="accounts.tasks.purge", queueing_lock="accounts.purge")
def purge(timestamp: int) -> None:
    """Forget activities past their time, and sessions that ended long ago."""
    now = timezone.now()
    activities.purge_activities(now=now)
    sessions.purge_sessions(before=now - SESSIONS_KEPT)
