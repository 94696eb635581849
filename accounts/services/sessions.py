"""Sessions: families of refresh tokens of which one is valid at a time."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError

from accounts.events import SessionsEnded
from accounts.models import Session, SessionEnd, User
from accounts.tokens import RefreshToken, TokenPair, issue_pair
from core import events
from core.errors import DomainError


class InvalidRefreshToken(DomainError):
    """Not a refresh token of ours, used before, or of a session that has ended."""

    code = "refresh_token_invalid"
    status = 401
    title = "The refresh token is not valid; sign in again."


@dataclass(frozen=True, slots=True)
class Client:
    user_agent: str = ""
    ip_address: str | None = None
    device: str = ""  # what ``devices.token_for`` made when it signed in before


REFRESH_SESSION_ERRORS: Final = (InvalidRefreshToken,)
END_SESSION_ERRORS: Final = (InvalidRefreshToken,)


def start_session(*, user: User, client: Client, now: datetime) -> TokenPair:
    """Begin a session for someone who has proved who they are."""
    session = Session.objects.create(
        user=user,
        refresh_jti=uuid.uuid4(),
        user_agent=client.user_agent[:300],
        ip_address=client.ip_address,
        last_used_at=now,
        expires_at=now + settings.REFRESH_TOKEN_LIFETIME,
    )
    return issue_pair(session=session, user=user)


def refresh_session(*, refresh: str, now: datetime) -> TokenPair:
    """Trade a refresh token for a new pair.

    Locks the session, so that of many who send the same token at once one succeeds. The others,
    like everyone who sends a used token, hold a copy of it: as nobody can tell who is the thief,
    the whole session ends.
    """
    token = _read(refresh)
    with transaction.atomic():
        session = Session.objects.select_for_update().filter(pk=token.uuid("sid")).first()
        if session is None or session.ended_at is not None:
            raise InvalidRefreshToken("The session has ended; sign in again.")
        if session.refresh_jti == token.uuid("jti"):
            return _rotate(session, token, now=now)
        session.ended_at, session.end_reason = now, SessionEnd.REPLAYED
        session.save(update_fields=["ended_at", "end_reason"])
    raise InvalidRefreshToken("This refresh token was used before; the session has been ended.")


def end_session(*, refresh: str) -> None:
    """Sign out: end the session that this refresh token, used or not, belongs to."""
    token = _read(refresh)
    Session.objects.filter(pk=token.uuid("sid"), ended_at=None).update(
        ended_at=timezone.now(), end_reason=SessionEnd.LOGGED_OUT
    )


def end_all_sessions(*, user: User, reason: SessionEnd) -> None:
    """End every session and refuse every token that was issued so far.

    Announces SessionsEnded.
    """
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(token_version=F("token_version") + 1)
        Session.objects.filter(user=user, ended_at=None).update(
            ended_at=timezone.now(), end_reason=reason
        )
        events.emit(SessionsEnded(user_id=user.pk, reason=reason.value))
    user.refresh_from_db(fields=["token_version"])


def purge_sessions(*, before: datetime) -> int:
    return Session.objects.filter(expires_at__lt=before).delete()[0]


def _read(refresh: str) -> RefreshToken:
    try:
        return RefreshToken.read(refresh)
    except ExpiredTokenError as error:
        raise InvalidRefreshToken("The refresh token has expired; sign in again.") from error
    except TokenError as error:
        raise InvalidRefreshToken from error


def _rotate(session: Session, token: RefreshToken, *, now: datetime) -> TokenPair:
    user = User.objects.with_access().get(pk=session.user_id)
    if not user.is_active or user.token_version != token["ver"]:
        raise InvalidRefreshToken("The session has ended; sign in again.")
    session.refresh_jti = uuid.uuid4()
    session.last_used_at = now
    session.expires_at = now + settings.REFRESH_TOKEN_LIFETIME
    session.save(update_fields=["refresh_jti", "last_used_at", "expires_at"])
    return issue_pair(session=session, user=user)
