"""E-mails about an account: those with a link are composed when they are sent, others at once.

A link's token opens the account. It is made for the message that carries it and stored nowhere:
of such a message only the user and its kind are kept.
"""

from __future__ import annotations

from accounts.models import User
from accounts.services import links
from notifications.emails import Email, render
from notifications.models import EmailKind

SUBJECTS = {
    EmailKind.VERIFICATION: "Verify your e-mail address",
    EmailKind.NEW_ADDRESS: "Confirm your new e-mail address",
    EmailKind.RESET: "Set a new password",
}


def email_change_requested(user: User) -> Email:
    return _render("email_change_requested", "Your e-mail address is about to change", user)


def password_changed(user: User) -> Email:
    return _render("password_changed", "Your password was changed", user)


def compose(kind: EmailKind, user: User, recipient: str) -> Email | None:
    """Return a message with a new link; None when ``recipient`` is owed none any more.

    The link proves the address that the account has, or waits for, now: it must not be sent to
    one that was given up since.
    """
    awaits_proof = {
        EmailKind.VERIFICATION: "" if user.is_email_verified else user.email,
        EmailKind.NEW_ADDRESS: user.pending_email,
        EmailKind.RESET: user.email,
    }
    is_superseded = kind == EmailKind.VERIFICATION and user.pending_email
    if not user.is_active or is_superseded or awaits_proof[kind] != recipient:
        return None
    match kind:
        case EmailKind.VERIFICATION:
            template, link = "verify_email", links.verification_link(user=user)
        case EmailKind.NEW_ADDRESS:
            template, link = "confirm_new_email", links.verification_link(user=user)
        case EmailKind.RESET:
            template, link = "reset_password", links.reset_link(user=user)
    return _render(template, SUBJECTS[kind], user, link)


def _render(template: str, subject: str, user: User, link: str = "") -> Email:
    context = {"subject": subject, "user": user, "name": user.profile.first_name, "link": link}
    return render(template, context)
