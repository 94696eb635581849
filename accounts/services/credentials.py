"""Proving who one is by password, and what stands between that and guessing."""

from __future__ import annotations

import hashlib

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.services.sessions import Client
from core import rate_limits
from core.errors import DomainError, InvalidInput
from core.rate_limits import Limit, RateLimited

# The delay grows: a minute for a few wrong guesses at an account, an hour, then a day.
ACCOUNT_LIMITS = (
    Limit("sign-in-account-minute", 5, 60),
    Limit("sign-in-account-hour", 20, 3600),
    Limit("sign-in-account-day", 50, 86400),
)
ADDRESS_LIMIT = Limit("sign-in-address", 50, 300)

Guesses = list[tuple[Limit, str]]


class WrongCredentials(DomainError):
    """No account has this e-mail address and password; which of the two is wrong stays unsaid."""

    code = "wrong_credentials"
    status = 401
    title = "E-mail address or password is wrong."


class WrongPassword(InvalidInput):
    """The current password, asked again before a sensitive change, is not this one."""

    code = "wrong_password"
    title = "The current password is wrong."


class WeakPassword(InvalidInput):
    """The password is too easy to guess; the detail says why."""

    code = "weak_password"
    title = "The password is too easy to guess."


def prove_password(*, email: str, password: str, client: Client) -> User:
    """Return the user with this e-mail address and password, with access and profile.

    The guess is counted before the password is looked at, so that parallel guesses cannot slip
    through, and given back when it was right. Takes as long when there is no such account.
    """
    email = email.strip().lower()
    guesses = [*_guesses_at(email), (ADDRESS_LIMIT, str(client.ip_address))]
    _count(guesses)
    user = authenticate(username=email, password=password)
    if not isinstance(user, User):
        raise WrongCredentials
    rate_limits.give_back(guesses)
    return user


def confirm_password(*, user: User, password: str) -> None:
    """Check the password of someone who is signed in, before a sensitive change.

    Counts as a guess at the account.
    """
    guesses = _guesses_at(user.email)
    _count(guesses)
    if not user.check_password(password):
        raise WrongPassword(pointer="#/current_password")
    rate_limits.give_back(guesses)


def count_code_guess(*, user: User) -> Guesses:
    """Count a guess at the second factor, like one at the password; return it to give it back."""
    guesses = _guesses_at(f"code:{user.pk}")
    _count(guesses)
    return guesses


def check_strength(*, password: str, user: User, pointer: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(" ".join(error.messages), pointer=pointer) from error


def _guesses_at(email: str) -> Guesses:
    account = hashlib.sha256(email.encode()).hexdigest()
    return [(limit, account) for limit in ACCOUNT_LIMITS]


def _count(guesses: Guesses) -> None:
    """Count a guess; a refused one is not counted, or many of them would lock for a day."""
    try:
        rate_limits.hit_all(guesses)
    except RateLimited:
        rate_limits.give_back(guesses)
        raise
