"""The links in our e-mails: who they name and the signed token they carry.

Tokens are Django's: signed with the secret key, valid for ``PASSWORD_RESET_TIMEOUT`` (an hour),
stored nowhere. What they unlock is part of what is signed, so that using one voids it.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts.models import User
from core.errors import InvalidInput


class InvalidLink(InvalidInput):
    code = "invalid_link"
    title = "This link was used before or has expired; ask for a new one."


class _ResetTokens(PasswordResetTokenGenerator):
    """Setting the password voids the token."""

    key_salt = "accounts.reset_password"


class _VerificationTokens(PasswordResetTokenGenerator):
    """Verifying or changing the address voids the token."""

    key_salt = "accounts.verify_email"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{user.pk}{user.email}{user.pending_email}{user.is_email_verified}{timestamp}"


reset_tokens = _ResetTokens()
verification_tokens = _VerificationTokens()


def verification_link(*, user: User) -> str:
    """Return a new link that proves the address which the account has, or waits for."""
    return _link("verify-email", user, verification_tokens.make_token(user))


def reset_link(*, user: User) -> str:
    return _link("reset-password", user, reset_tokens.make_token(user))


def _link(path: str, user: User, token: str) -> str:
    uid = urlsafe_base64_encode(force_bytes(str(user.pk)))
    return f"{settings.PUBLIC_URL}/{path}?{urlencode({'uid': uid, 'token': token})}"


def user_of_link(*, uid: str, token: str, tokens: PasswordResetTokenGenerator) -> User:
    """Return the user that a link names, once its token is checked, and lock the row.

    Call it inside a transaction: of two who use a link at once, the second finds it used.
    """
    try:
        key = urlsafe_base64_decode(uid).decode()
        user = User.objects.select_for_update(no_key=True).filter(pk=key, is_active=True).first()
    except (ValueError, ValidationError):
        raise InvalidLink from None
    if user is None or not tokens.check_token(user, token):
        raise InvalidLink
    return user
