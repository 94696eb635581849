from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from django.db import IntegrityError, transaction

from accounts.events import UserRegistered, UserSignedIn
from accounts.models import Profile, User
from accounts.services.credentials import (
    WeakPassword,
    WrongCredentials,
    check_strength,
    prove_password,
)
from accounts.services.email_addresses import EmailTaken
from accounts.services.sessions import Client, start_session
from accounts.tokens import MfaToken, TokenPair
from core import events, text
from core.errors import DomainError
from core.rate_limits import RateLimited


class MfaRequired(DomainError):
    """The password is right, the second factor is still to come; ``mfa_token`` says so."""

    code = "mfa_required"
    status = 401
    title = "Send a code of your second factor, with this mfa_token."
    example: ClassVar = {"mfa_token": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"}
    remedy = "Ask for a code and send it with `mfa_token` to `auth/mfa/verify/`."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Someone who has just proved who they are, and their first tokens."""

    user: User
    tokens: TokenPair


@dataclass(frozen=True, slots=True)
class Registration:
    email: str
    password: str
    first_name: str = ""
    last_name: str = ""


REGISTER_ERRORS: Final = (WeakPassword, EmailTaken)
SIGN_IN_ERRORS: Final = (WrongCredentials, MfaRequired, RateLimited)


def register(*, registration: Registration, client: Client, now: datetime) -> SignedIn:
    """Make an account without any role and sign it in; announces UserRegistered."""
    draft = User(email=text.typed_email_address(registration.email))
    check_strength(password=registration.password, user=draft, pointer="#/password")
    try:
        with transaction.atomic():
            user = User.objects.create_user(registration.email, registration.password)
            if registration.first_name or registration.last_name:
                profile: Profile = user.profile
                profile.first_name = registration.first_name
                profile.last_name = registration.last_name
                profile.save(update_fields=["first_name", "last_name", "updated_at"])
            events.emit(UserRegistered(user_id=user.pk))
            return SignedIn(user=user, tokens=start_session(user=user, client=client, now=now))
    except IntegrityError as error:
        if not User.objects.filter(email=draft.email).exists():
            raise
        raise EmailTaken(pointer="#/email") from error


def sign_in(*, email: str, password: str, client: Client, now: datetime) -> SignedIn:
    """Begin a session for whoever knows the password; announces UserSignedIn."""
    user = prove_password(email=email, password=password, client=client)
    if user.has_second_factor:
        raise MfaRequired(mfa_token=str(MfaToken.of(user)))
    return open_session(user=user, client=client, now=now)


@transaction.atomic
def open_session(*, user: User, client: Client, now: datetime) -> SignedIn:
    """Begin a session for someone who has passed every check."""
    tokens = start_session(user=user, client=client, now=now)
    events.emit(UserSignedIn(user_id=user.pk, session_id=tokens.session_id))
    return SignedIn(user=user, tokens=tokens)
