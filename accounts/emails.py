"""The e-mails about an account, from the templates in ``templates/accounts/email``.

Every letter has a text and an HTML form, and a link with the token that it brings, which is made
here, when the letter is sent, and kept nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from accounts.models import User
from accounts.services.links import reset_tokens, uid_of, verification_tokens


@dataclass(frozen=True, slots=True)
class Letter:
    """A kind of e-mail: its template's name and its subject."""

    template: str
    subject: str


VERIFY = Letter("verify", "Verify your e-mail address")
CONFIRM_CHANGE = Letter("confirm_change", "Confirm your new e-mail address")
CHANGE_ASKED = Letter("change_asked", "Your e-mail address is about to change")
RESET = Letter("reset", "Set a new password")
PASSWORD_CHANGED = Letter("password_changed", "Your password was changed")


def send_verification(user: User) -> None:
    """Send the link that verifies the address, or the one that confirms a new address."""
    letter = CONFIRM_CHANGE if user.pending_email else VERIFY
    token = verification_tokens.make_token(user)
    send(letter, to=user.pending_email or user.email, user=user, path="verify-email", token=token)


def send_reset(user: User) -> None:
    """Send the link that sets a new password."""
    token = reset_tokens.make_token(user)
    send(RESET, to=user.email, user=user, path="reset-password", token=token)


def send(letter: Letter, *, to: str, user: User, path: str = "", token: str = "") -> None:
    """Render and send a letter; with ``token``, it carries a link to ``path``."""
    uid = uid_of(user=user)
    link = f"{settings.PUBLIC_URL}/{path}?{urlencode({'uid': uid, 'token': token})}"
    context = {
        "name": user.profile.first_name,
        "user": user,
        "shop": settings.PUBLIC_URL,
        "link": link if token else "",
        "uid": uid,
        "token": token,
    }
    text, html = (
        render_to_string(f"accounts/email/{letter.template}.{form}", context)
        for form in ("txt", "html")
    )
    message = EmailMultiAlternatives(letter.subject, text, to=[to])
    message.attach_alternative(html, "text/html")
    message.send()
