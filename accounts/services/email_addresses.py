"""Proving that an e-mail address is one's own, and moving to another."""

from __future__ import annotations

from typing import Final

from django.db import IntegrityError, transaction

from accounts.events import EmailChangeRequested, EmailVerificationRequested, EmailVerified
from accounts.models import User
from accounts.services.links import InvalidLink, user_of_link, verification_tokens
from core import events, rate_limits
from core.errors import DomainError, InvalidInput
from core.rate_limits import Limit, RateLimited

RESEND_LIMIT = Limit("email-verification-account", 5, 3600)


class EmailTaken(InvalidInput):
    code = "email_taken"
    title = "There is an account with this e-mail address already."
    at = "#/email"


class EmailAlreadyVerified(DomainError):
    code = "email_already_verified"
    title = "The e-mail address is verified already."


REQUEST_VERIFICATION_ERRORS: Final = (EmailAlreadyVerified, RateLimited)
VERIFY_EMAIL_ERRORS: Final = (InvalidLink, EmailTaken)


def request_verification(*, user: User) -> None:
    """Announce EmailVerificationRequested, upon which the link is sent again."""
    if user.is_email_verified and not user.pending_email:
        raise EmailAlreadyVerified
    rate_limits.hit(RESEND_LIMIT, str(user.pk))
    with transaction.atomic():
        events.emit(EmailVerificationRequested(user_id=user.pk))


def permit_email_change(*, user: User, email: str) -> None:
    """Check that the user may move to ``email``."""
    rate_limits.hit(RESEND_LIMIT, str(user.pk))
    if User.objects.filter(email=email).exclude(pk=user.pk).exists():
        raise EmailTaken(pointer="#/email")


def keep_pending_email(*, user: User, email: str) -> None:
    """Keep ``email`` until the link sent there is followed; announces EmailChangeRequested.

    A link goes to the new address, word to the old one. Giving the present address calls a
    change off. The caller has confirmed the password.
    """
    pending = "" if email == user.email else email
    if pending == user.pending_email:
        return
    user.pending_email = pending
    user.save(update_fields=["pending_email", "updated_at"])
    if pending:
        events.emit(EmailChangeRequested(user_id=user.pk))


def verify_email(*, uid: str, token: str) -> User:
    """Mark the address that the link was sent to as verified; announces EmailVerified.

    Locks the user.
    """
    try:
        with transaction.atomic():
            user = user_of_link(uid=uid, token=token, tokens=verification_tokens)
            if user.is_email_verified and not user.pending_email:
                raise InvalidLink
            user.email = user.pending_email or user.email
            user.pending_email = ""
            user.is_email_verified = True
            fields = ["email", "pending_email", "is_email_verified", "updated_at"]
            user.save(update_fields=fields)
            events.emit(EmailVerified(user_id=user.pk))
            return user
    except IntegrityError as error:
        raise EmailTaken from error
