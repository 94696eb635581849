"""Reads the ``Authorization`` header."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError

from accounts import selectors
from accounts.models import ApiKey
from accounts.services.api_keys import prove_api_key
from accounts.tokens import AccessToken
from core import rate_limits
from core.rate_limits import Limit


class AccessTokenAuthentication(JWTAuthentication):
    """``Authorization: Bearer <access token>``, at the cost of the one query that loads the user.

    The token must be ours and fresh, its session alive, its user active, and its version the
    user's: password change, new roles and signing out everywhere raise that.
    """

    def get_raw_token(self, header: bytes) -> bytes | None:
        scheme, _, token = header.strip().partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        if not token.strip() or b" " in token.strip():
            raise AuthenticationFailed("Send one token after Bearer.", code="token_invalid")
        return token.strip()

    def get_validated_token(self, raw_token: bytes) -> AccessToken:
        try:
            return AccessToken.read(raw_token)
        except ExpiredTokenError as error:
            raise AuthenticationFailed(
                "The access token has expired.", code="token_expired"
            ) from error
        except TokenError as error:
            raise AuthenticationFailed(
                "The access token is invalid.", code="token_invalid"
            ) from error

    def get_user(self, validated_token: Any) -> Any:
        user = selectors.user_in_session(
            user_id=validated_token.uuid("sub"),
            session_id=validated_token.uuid("sid"),
            token_version=validated_token["ver"],
        )
        if user is None:
            raise AuthenticationFailed(
                "The session has ended; sign in again.", code="session_ended"
            )
        return user


class ApiKeyAuthentication(BaseAuthentication):
    """``Authorization: Api-Key <prefix>.<secret>``: a machine, which is nobody but has scopes.

    ``request.user`` stays anonymous, ``request.auth`` is the key. Each key has its own limit of
    requests a minute.
    """

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        scheme, _, text = get_authorization_header(request).strip().partition(b" ")
        if scheme.lower() != b"api-key":
            return None
        key = prove_api_key(text=text.strip().decode("latin-1"), now=timezone.now())
        rate_limits.hit(Limit("api-key", key.rate_per_minute, 60), key.prefix)
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        return "Api-Key"
