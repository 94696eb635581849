"""Proving who one is by password, and what stands between that and guessing."""

from __future__ import annotations

import hashlib
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Final

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Session, User
from accounts.services.devices import KNOWN_FOR, device_of
from accounts.services.sessions import Client
from core import rate_limits, text
from core.errors import DomainError, InvalidInput
from core.rate_limits import Limit, RateLimited

# The delay grows for who guesses: a minute for a few wrong guesses at an account, an hour, a day.
# They are counted by account and address, so that a stranger does not lock the owner out.
GUESS_LIMITS: Final = (
    Limit("sign-in-account-minute", 5, 60),
    Limit("sign-in-account-hour", 20, 3600),
    Limit("sign-in-account-day", 50, 86400),
)
# Guesses at one account from many addresses; does not hold for an address that signed in before.
ACCOUNT_LIMIT: Final = Limit("sign-in-account-anywhere", 200, 3600)
ADDRESS_LIMIT: Final = Limit("sign-in-address", 50, 300)

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
    at = "#/current_password"


class WeakPassword(InvalidInput):
    """The password is too easy to guess; the detail says why."""

    code = "weak_password"
    title = "The password is too easy to guess."
    at = "#/password"


def prove_password(*, email: str, password: str, client: Client) -> User:
    """Return the user with this e-mail address and password, with access and profile.

    The guess is counted before the password is looked at, so that parallel guesses cannot slip
    through, and given back when it was right. Takes as long when there is no such account.
    """
    email = text.typed_email_address(email)
    guesses = _count_guess(client, email)
    user = authenticate(username=email, password=password)
    if not isinstance(user, User):
        raise WrongCredentials
    rate_limits.give_back(guesses)
    return user


def confirm_password(*, user: User, password: str) -> None:
    """Check the password of someone who is signed in, before a sensitive change.

    Only such guesses count together: those of strangers at the sign-in do not hold here.
    """
    guesses = _guesses_at(f"signed-in:{user.pk}")
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


def _count_guess(client: Client, email: str) -> Guesses:
    """Count by device where it is known; by account and address, and by each, where it is not."""
    if device := device_of(token=client.device, email=email):
        guesses = _guesses_at(f"device:{device}")
        _count(guesses)
        return guesses
    address = _network_of(client)
    guesses = [*_guesses_at(f"{email} {address}"), (ADDRESS_LIMIT, address)]
    anywhere = (ACCOUNT_LIMIT, _digest(email))
    try:
        _count([*guesses, anywhere])
    except RateLimited as refusal:
        if refusal.usage.limit != ACCOUNT_LIMIT or not _has_signed_in_before(email, client):
            raise
        _count(guesses)
        return guesses
    return [*guesses, anywhere]


def _guesses_at(what: str) -> Guesses:
    return [(limit, _digest(what)) for limit in GUESS_LIMITS]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _network_of(client: Client) -> str:
    """Return the address; of IPv6 the /64, of which one caller has all addresses."""
    if not client.ip_address:
        return ""
    address = ip_address(client.ip_address)
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, 64), strict=False))


def _has_signed_in_before(email: str, client: Client) -> bool:
    """Tell whether a session of this account began at this address lately."""
    if not client.ip_address:
        return False
    recent = timezone.now() - KNOWN_FOR
    sessions = Session.objects.filter(user__email=email, ip_address=client.ip_address)
    return sessions.filter(created_at__gt=recent).exists()


def _count(guesses: Guesses) -> None:
    """Count a guess; a refused one is not counted, or many of them would lock for a day."""
    try:
        rate_limits.hit_all(guesses)
    except RateLimited:
        rate_limits.give_back(guesses)
        raise
