"""The signed tokens that a client holds: who it is, in which session, since which version.

HS256 with a key of its own. Keys that were used before still verify, so that changing the key
signs nobody out.
"""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar, Self

from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import (
    TokenBackendError,
    TokenBackendExpiredToken,
    TokenError,
)
from rest_framework_simplejwt.tokens import Token

from accounts.models import Session, User

ALGORITHM = "HS256"
MFA_TOKEN_LIFETIME = timedelta(minutes=5)
REMEMBERED_TOKENS = 4096  # in each process, a kilobyte each


class TokenType(StrEnum):
    """What a token says that it is good for."""

    ACCESS = "access"
    REFRESH = "refresh"
    MFA = "mfa"


class KeyRing(TokenBackend):
    """Signs with the newest key, verifies with any of them.

    What it has verified it remembers: a client sends the same token with every request.
    """

    def __init__(self, newest: str, previous: Sequence[str], issuer: str) -> None:
        super().__init__(ALGORITHM, newest, issuer=issuer)
        self.previous = [TokenBackend(ALGORITHM, key, issuer=issuer) for key in previous]
        self._proved = lru_cache(maxsize=REMEMBERED_TOKENS)(self._prove)

    def decode(self, token: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the payload; raises TokenBackendError when no key made this signature."""
        payload = self._proved(token, *args, **kwargs)
        if payload.get("exp", math.inf) <= time.time():
            raise TokenBackendExpiredToken("Token is expired")
        return dict(payload)

    def _prove(self, token: Any, *args: Any, **kwargs: Any) -> Mapping[str, Any]:
        try:
            return super().decode(token, *args, **kwargs)
        except TokenBackendExpiredToken:
            raise
        except TokenBackendError:
            return self._decode_with_previous(token, *args, **kwargs)

    def _decode_with_previous(self, token: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        for backend in self.previous:
            try:
                return backend.decode(token, *args, **kwargs)
            except TokenBackendExpiredToken:
                raise
            except TokenBackendError:
                continue
        raise TokenBackendError("Token is invalid")


@lru_cache(maxsize=8)
def _key_ring(newest: str, previous: tuple[str, ...], issuer: str) -> KeyRing:
    return KeyRing(newest, previous, issuer)


class SignedToken(Token):
    """A token with the claims that we rely on; reading one checks that they are there."""

    claims: ClassVar[tuple[str, ...]] = ("sub", "ver")

    def get_token_backend(self) -> TokenBackend:
        previous = tuple(settings.JWT_PREVIOUS_SIGNING_KEYS)
        return _key_ring(settings.JWT_SIGNING_KEY, previous, settings.JWT_ISSUER)

    @classmethod
    def read(cls, text: str | bytes) -> Self:
        """Return the token that ``text`` encodes; raises TokenError unless it is ours and fresh."""
        encoded: Any = text  # the stubs ask for a Token, the library for its text
        return cls(encoded)

    def verify(self) -> None:
        super().verify()
        if missing := [claim for claim in self.claims if claim not in self.payload]:
            raise TokenError(f"Token lacks {', '.join(missing)}")

    def uuid(self, claim: str) -> uuid.UUID:
        return uuid.UUID(self.payload[claim])


class SessionToken(SignedToken):
    """A token that lives as long as its session."""

    claims = ("sub", "ver", "sid")

    @classmethod
    def of(cls, session: Session, user: User) -> Self:
        token = cls()
        token["sub"] = str(user.pk)
        token["sid"] = str(session.pk)
        token["ver"] = user.token_version
        return token


class AccessToken(SessionToken):
    """Opens the API for a quarter of an hour."""

    token_type = TokenType.ACCESS
    lifetime = settings.ACCESS_TOKEN_LIFETIME


class RefreshToken(SessionToken):
    """Buys the next pair of tokens, once."""

    token_type = TokenType.REFRESH
    lifetime = settings.REFRESH_TOKEN_LIFETIME


class MfaToken(SignedToken):
    """Says that the password was right and the second factor is still to come."""

    token_type = TokenType.MFA
    lifetime = MFA_TOKEN_LIFETIME

    @classmethod
    def of(cls, user: User) -> Self:
        token = cls()
        token["sub"] = str(user.pk)
        token["ver"] = user.token_version
        return token


@dataclass(frozen=True, slots=True)
class TokenPair:
    session_id: uuid.UUID
    access: str
    refresh: str


def issue_pair(*, session: Session, user: User) -> TokenPair:
    """Sign an access token and the refresh token that the session waits for."""
    access = AccessToken.of(session, user)
    access["roles"] = user.roles
    refresh = RefreshToken.of(session, user)
    refresh["jti"] = session.refresh_jti.hex
    return TokenPair(session_id=session.pk, access=str(access), refresh=str(refresh))
